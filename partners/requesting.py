"""Asking for a harvest: one verb for the back-office, the scheduler and the demo."""

import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from partners import runs
from partners.models import PartnerStep, Run, Source, Trigger
from partners.models.run import ACTIVE

log = logging.getLogger(__name__)
SUSPENDED = {PartnerStep.REFUSED, PartnerStep.PAUSED, PartnerStep.LEFT}


class AlreadyActive(ValidationError):
    """A harvest of this source is already waiting or running."""

    def __init__(self) -> None:
        super().__init__("Un moissonnage de cette source est déjà en cours.", code="deja-en-cours")


class Suspended(ValidationError):
    """The partner is paused or gone, or was not admitted: nothing of it is read."""

    def __init__(self, source: Source) -> None:
        state = source.partner.get_step_display().lower()
        super().__init__(
            f"{source.partner} est « {state} » : ses sources ne se moissonnent pas. "
            "Changez d’abord son étape, sur sa page.",
            code="suspendu",
        )


class ByForm(ValidationError):
    """Nothing to harvest: the records of this source arrive by the public form."""

    def __init__(self) -> None:
        super().__init__(
            "Cette source ne se moissonne pas : ses fiches arrivent par le formulaire public.",
            code="par-formulaire",
        )


def request_harvest(source: Source, user: Any = None, trigger: Trigger = Trigger.MANUAL) -> Run:
    """Queue a harvest and send it to the workers once the transaction is committed.

    Raises ``AlreadyActive``, ``ByForm``, ``Suspended``.
    """
    if not source.is_harvested and trigger != Trigger.REPLAY:
        raise ByForm
    if source.partner.step in SUSPENDED and trigger != Trigger.REPLAY:
        raise Suspended(source)
    try:
        with transaction.atomic():
            run = Run.objects.create(source=source, requested_by=user, trigger=trigger)
    except IntegrityError as error:
        raise AlreadyActive from error
    transaction.on_commit(lambda: send(run))
    return run


def send(run: Run) -> None:
    """Send a queued run to the workers; without a broker it waits and is sent again later."""
    from partners.tasks import harvest_run

    try:
        harvest_run.delay(run.pk)
    except harvest_run.OperationalError:
        log.warning("Le service de tâches est injoignable : le moissonnage %s attend.", run.pk)


def request_due() -> int:
    """Request the harvest of every source whose time has come; returns how many were requested.

    A busy source keeps its turn: it is still due the next time.
    """
    requested = 0
    for source in Source.objects.due().select_related("partner").exclude(runs__state__in=ACTIVE):
        try:
            with transaction.atomic():
                request_harvest(source, trigger=Trigger.SCHEDULED)
                runs.schedule(source)
                Source.objects.filter(pk=source.pk).update(next_run_at=source.next_run_at)
        except (AlreadyActive, ByForm, Suspended):
            continue
        requested += 1
    return requested


def recover() -> tuple[int, int]:
    """Put back in the queue the runs that lost their worker, and send again the queued ones that
    were forgotten. Returns how many of each; those given up count among the first."""
    again, over = runs.lost()
    for run in again:
        send(run)
    waiting = runs.forgotten()
    for run in waiting:
        send(run)
    return len(again) + len(over), len(waiting)
