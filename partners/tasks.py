"""Celery's entry points: a few lines each, taking identifiers."""

import datetime
from dataclasses import asdict

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from carrefour.celery import app
from innovations import assessing
from innovations.models import TermChange
from innovations.tasks import copy_pictures
from partners import (
    alerts,
    claims,
    life,
    objections,
    pictures,
    priorities,
    quality_history,
    retention,
    suggestions,
    taxonomy_effects,
)
from partners.consolidation import comparing, linking
from partners.harvest import Harvest, harvest
from partners.models import LinkageRule, Recomposition, Run, Source, Trigger
from partners.proposals import drafting, reminding
from partners.replay import replay
from partners.requesting import recover, request_due
from partners.screening import checking
from partners.withdrawals import withdraw_all

# How Celery says that a run's time is over: the harvest itself knows nothing of Celery.
Harvest.timeouts = (SoftTimeLimitExceeded,)
# Left to a run whose time is over, to write its end.
LAST_SECONDS = 300
# A comparison makes way for another task after this long, and goes on in a task of its own.
COMPARING_SECONDS = 1200


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


@app.task(name="partners.compare_records")
def compare_records() -> int:
    """Compare what changed since the last time; what remains when the time is over goes on next."""
    outcome = comparing.compare_changed(seconds=COMPARING_SECONDS)
    if outcome.remains:
        compare_records.delay()
    return outcome.records


@app.task(name="partners.undo_linkage_rule", acks_late=True)
def undo_linkage_rule(rule_id: int, author_id: int) -> int:
    """Undo what a rule linked; safe to run again."""
    rule = LinkageRule.objects.filter(pk=rule_id).first()
    author = get_user_model().objects.filter(pk=author_id).first()
    return linking.undo_rule(rule, author=author) if rule else 0


@app.task(name="partners.purge_objections")
def purge_objections() -> int:
    """Forget the requests that nobody confirmed in time, whether or not anyone comes."""
    return objections.purge()


@app.task(name="partners.apply_retention")
def apply_retention() -> dict[str, int]:
    """Clear what is older than the settings say."""
    return asdict(retention.apply())


@app.task(name="partners.purge_contributions")
def purge_contributions() -> int:
    """Forget corrections, claims and proposals that no longer serve, and their addresses."""
    return suggestions.purge() + claims.purge() + drafting.purge()


@app.task(name="partners.mail_reminders")
def mail_reminders() -> tuple[int, int]:
    """Remind the staff, then the partners, of the proposed projects that wait for them."""
    return reminding.remind()


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


@app.task(name="partners.recompose_source", acks_late=True)
def recompose_source(recomposition_id: int) -> int:
    """Compose again the records that a change of priorities concerns; safe to run again."""
    rows = Recomposition.objects.select_related("source").filter(ended_at__isnull=True)
    asked = rows.filter(pk=recomposition_id).first()
    return priorities.recompose(asked) if asked else 0


@app.task(name="partners.take_quality_snapshot")
def take_quality_snapshot() -> int:
    """Assess the records, which time changes, then measure them, by partner and source."""
    assessing.refresh_all()
    return quality_history.take()


@app.task(name="partners.check_texts")
def check_texts(source_id: int, run_id: int) -> int:
    """Check the texts of the records that the run changed, and what its source repeats."""
    run = Run.objects.filter(pk=run_id).first()
    return checking.check_texts(source_id, run.created_at if run else None)


@app.task(name="partners.check_recent_texts")
def check_recent_texts() -> int:
    """The texts changed of late, whatever became of the task of their run."""
    return checking.check_all(timezone.now() - datetime.timedelta(days=3))


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
