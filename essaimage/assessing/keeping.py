"""Rounds of a self-assessment: begun, answered, taken again, erased. Held by a link, not by an
account: nothing is kept of who answers."""

import datetime
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from essaimage.assessing import questions
from essaimage.assessing.profile import TEXT
from essaimage.links import digest
from essaimage.models import Assessment, AssessmentRound
from innovations.models import Innovation

# Long enough for the four points of a replication: 3, 12, 24 and 36 months.
KEPT = datetime.timedelta(days=4 * 365)
# What nobody answered is forgotten sooner.
EMPTY_KEPT = datetime.timedelta(days=30)


class RecordGone(Exception):
    """The record from which a self-assessment was to begin is no longer there."""


@transaction.atomic
def begin(project: str, innovation: Innovation | None = None) -> tuple[Assessment, str]:
    """A new self-assessment, and the token that is its only key.

    Of a known innovation, what its record says « pour reproduire ce projet » is the start. Raises
    ``RecordGone`` when it was removed meanwhile: nothing of it is then taken.
    """
    token = secrets.token_urlsafe(24)
    asked = questions.latest()
    record = _held(innovation) if innovation else None
    answers = _written(asked, record) if record else {}
    assessment = Assessment(
        key=digest(token), project=project, innovation=record, borrowed=sorted(answers)
    )
    assessment.is_named_after = assessment.names(record)
    assessment.save()
    AssessmentRound.objects.create(assessment=assessment, version=asked.version, answers=answers)
    return assessment, token


def of_token(token: str) -> Assessment | None:
    found = Assessment.objects.select_related("innovation").prefetch_related("rounds")
    assessment = found.filter(key=digest(token)).first()
    if assessment is not None:
        Assessment.objects.filter(pk=assessment.pk).update(seen_at=timezone.now())
    return assessment


def current(assessment: Assessment) -> AssessmentRound:
    return list(assessment.rounds.all())[-1]


def answer(turn: AssessmentRound, said: Mapping[str, Any]) -> None:
    """Keep what one part says beside the rest: two parts saved at once both stay."""
    with transaction.atomic():
        # In the order in which a removed record takes its texts back.
        assessment = Assessment.objects.select_for_update().get(pk=turn.assessment_id)
        held = AssessmentRound.objects.select_for_update().get(pk=turn.pk)
        held.answers = assessment.may_keep({**held.answers, **said})
        held.save(update_fields=["answers", "changed_at"])
        turn.answers = held.answers


@transaction.atomic
def take_again(assessment: Assessment) -> AssessmentRound:
    """A new round, with the questions of today; what was answered to those kept is its start."""
    Assessment.objects.select_for_update().get(pk=assessment.pk)
    last = assessment.rounds.order_by("-pk")[0]
    if last.completed_at is None:
        last.completed_at = timezone.now()
        last.save(update_fields=["completed_at"])
    asked = questions.latest()
    kept = set(asked.by_code()) | {TEXT + q.field for q in asked.questions() if q.field}
    answers = {code: said for code, said in last.answers.items() if code in kept}
    return AssessmentRound.objects.create(
        assessment=assessment, version=asked.version, answers=answers
    )


def send_link(assessment: Assessment, token: str, email: str) -> None:
    """Raises ``OSError`` when the mail cannot leave. The address is not kept."""
    link = settings.BASE_URL + reverse("essaimage:assessment", args=[token])
    context = {"assessment": assessment, "link": link, "years": KEPT.days // 365}
    body = render_to_string("essaimage/assessment/mail.txt", context)
    subject = "Votre auto-évaluation : le lien pour y revenir"
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [email])


def purge() -> int:
    """Forget what was not opened for four years, and what was begun and never answered."""
    now = timezone.now()
    old = Assessment.objects.filter(seen_at__lt=now - KEPT)
    empty = Assessment.objects.filter(seen_at__lt=now - EMPTY_KEPT, innovation=None)
    empty = empty.exclude(rounds__in=AssessmentRound.objects.exclude(answers={}))
    return sum(rows.delete()[0] for rows in (old, empty))


def _held(innovation: Innovation) -> Innovation:
    """The record as it is now: it is not removed before what takes its words can give them back."""
    rows = Innovation.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=innovation.pk).select_related("reproduction").first()
    if found is None:
        raise RecordGone
    return found


def _written(asked: questions.Questionnaire, innovation: Innovation) -> dict[str, str]:
    known = getattr(innovation, "reproduction", None)
    said = {q.field: getattr(known, q.field, "") for q in asked.questions() if q.field}
    return {TEXT + field: text for field, text in said.items() if text}
