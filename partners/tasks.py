"""Celery's entry points: a few lines each, taking identifiers."""

from dataclasses import asdict

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from carrefour.celery import app
from innovations.models import TermChange
from innovations.tasks import copy_pictures
from partners import alerts, life, objections, pictures, retention, taxonomy_effects
from partners.harvest import Harvest, harvest
from partners.models import Run, Source, Trigger
from partners.replay import replay
from partners.requesting import recover, request_due
from partners.withdrawals import withdraw_all

# How Celery says that a run's time is over: the harvest itself knows nothing of Celery.
Harvest.timeouts = (SoftTimeLimitExceeded,)
# Left to a run whose time is over, to write its end.
LAST_SECONDS = 300


@app.task(
    name="partners.harvest",
    soft_time_limit=settings.HARVEST_SECONDS,
    time_limit=settings.HARVEST_SECONDS + LAST_SECONDS,
)
def harvest_run(run_id: int) -> str:
    """Carry out a queued run; one already taken or deleted is left alone."""
    run = Run.objects.select_related("source__partner").filter(pk=run_id).first()
    if run is None:
        return "absent"
    carry_out = replay if run.trigger == Trigger.REPLAY else harvest
    return carry_out(run.source, run=run).state or "laissé"


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


@app.task(name="partners.apply_retention")
def apply_retention() -> dict[str, int]:
    """Clear what is older than the settings say."""
    return asdict(retention.apply())


@app.task(
    name="partners.tell_run_end",
    autoretry_for=(OSError,),
    retry_backoff=30,
    retry_backoff_max=3600,
    max_retries=8,
)
def tell_run_end(run_id: int) -> int:
    """Write to those who asked to be warned of the run's source; tried again when mail is down."""
    run = Run.objects.select_related("source__partner").filter(pk=run_id).first()
    return alerts.tell(run.source) if run else 0


@app.task(name="partners.list_pictures")
def list_pictures(source_id: int | None = None) -> int:
    """Write which pictures the records have, of one source or of all, and have them copied."""
    source = Source.objects.filter(pk=source_id).first() if source_id else None
    if source_id and source is None:
        return 0
    changed = pictures.list_pictures(source)
    copy_pictures.delay()
    return changed


@app.task(name="partners.follow_taxonomy")
def follow_taxonomy(change_id: int) -> int:
    """Have the records follow a change of the taxonomy; given again, goes on where it stopped."""
    change = TermChange.objects.filter(pk=change_id).first()
    if change is None:
        return 0
    taxonomy_effects.carry_out(change)
    return change.done


@app.task(name="partners.withdraw_partner")
def withdraw_partner(partner_id: int) -> int:
    """Withdraw the records of a partner that left and wants them gone; none once it is back."""
    return sum(withdraw_all(source) for source in life.to_withdraw().filter(partner=partner_id))


@app.task(name="partners.resume_staff_acts")
def resume_staff_acts() -> int:
    """Carry on what staff asked and a stopped worker or broker left: taxonomy, departures."""
    withdrawn = sum(withdraw_all(source) for source in life.to_withdraw())
    return withdrawn + taxonomy_effects.resume()
