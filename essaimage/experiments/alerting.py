"""The ends of experiments, told to who keeps them: six months before, three, one, and once past."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from carrefour.french import counted
from essaimage.experiments.timeline import told
from essaimage.models import Experiment, ExperimentAlert

PERMISSION = "essaimage.change_experiment"
# Days before the end at which it is told; 0: once it is past.
STAGES = (180, 90, 30, 0)


@transaction.atomic
def alert() -> int:
    """Mail what is due to each of who may keep experiments; how many experiments were told of.

    A stage is told once for an end; another end is told anew. What several stages passed since
    is told once. Raises ``OSError`` when a mail cannot leave: nothing is then noted, all is tried
    again.
    """
    people = list(readers())
    if not people:
        return 0
    due = [(e, stages) for e in _watched() if (stages := _untold(e))]
    if not due:
        return 0
    ExperimentAlert.objects.bulk_create(
        ExperimentAlert(experiment=experiment, days=days, ends_on=experiment.ends_on)
        for experiment, stages in due
        if experiment.ends_on
        for days in stages
    )
    _mail([experiment for experiment, _ in due], people)
    return len(due)


def readers() -> Any:
    """Active accounts that may keep experiments, with an address."""
    rows: Any = ModelBackend().with_perm(PERMISSION, include_superusers=False)
    return rows.exclude(email="").order_by("pk")


def _watched() -> Iterable[Experiment]:
    """Held until the end: of two tasks at once, the second sees what the first told."""
    last = timezone.localdate() + datetime.timedelta(days=STAGES[0] + 1)
    rows = Experiment.objects.ending_before(last)
    return list(rows.select_for_update().order_by("ends_on", "pk"))


def _untold(experiment: Experiment) -> list[int]:
    """The stages passed that were not told of this end, if the last one passed is among them."""
    left, ends_on = experiment.days_left, experiment.ends_on
    if left is None or ends_on is None:
        return []
    passed = [days for days in STAGES if left <= days and (days or left < 0)]
    known = ExperimentAlert.objects.filter(experiment=experiment, ends_on=ends_on)
    done = set(known.values_list("days", flat=True))
    return [days for days in passed if days not in done] if passed[-1] not in done else []


def _mail(experiments: list[Experiment], people: list[Any]) -> None:
    context = {
        "experiments": [
            (e, told(e), settings.BASE_URL + reverse("gestion_essaimage:experiment", args=[e.pk]))
            for e in experiments
        ],
        "base_url": settings.BASE_URL,
    }
    body = render_to_string("essaimage/experiments/mail_alert.txt", context)
    subject = f"{counted(len(experiments), 'expérimentation')} : échéance à préparer"
    sender = settings.DEFAULT_FROM_EMAIL
    mails = [EmailMessage(subject, body, sender, [user.email]) for user in people]
    get_connection().send_messages(mails)
