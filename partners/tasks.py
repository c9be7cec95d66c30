"""Celery's entry points: a few lines each, taking identifiers."""

from carrefour.celery import app
from partners import objections
from partners.harvest import harvest
from partners.models import Run
from partners.requesting import recover, request_due


@app.task(name="partners.harvest")
def harvest_run(run_id: int) -> str:
    """Carry out a queued run; one already taken or deleted is left alone."""
    run = Run.objects.select_related("source__partner").filter(pk=run_id).first()
    if run is None:
        return "absent"
    return harvest(run.source, run=run).state or "laissé"


@app.task(name="partners.harvest_due_sources")
def harvest_due_sources() -> int:
    return request_due()


@app.task(name="partners.recover_stuck_runs")
def recover_stuck_runs() -> tuple[int, int]:
    return recover()


@app.task(name="partners.purge_objections")
def purge_objections() -> int:
    """Forget the requests that nobody confirmed in time, whether or not anyone comes."""
    return objections.purge()
