"""Where replications stand: without news since when, and what to ask next.

One rule, in SQL: the dashboard filters, counts and sorts by it (told in docs/back-office.md).
"""

from __future__ import annotations

import datetime
from typing import Any, cast

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Left, Length
from django.utils import timezone

from essaimage import dates

# A replication without news for so many months, by state, is stuck:
STUCK_MONTHS = {
    # a council deliberates and votes a budget once a year;
    "envisagee": 12,
    # finding the money, the place and the people takes a year, and half of another;
    "en-preparation": 18,
    # the last question comes at 36 months: then it lasts, or it stopped, and someone knows.
    "en-cours": 39,
}
# The link of a question lasts 30 days, and one reminder is sent at three weeks.
SILENT_DAYS = 51
# A side that was just written to is left in peace.
PEACE_DAYS = 21


class Ask(models.TextChoices):
    """What to ask next, the most pressing first."""

    CONTEST = "contestation", "Comprendre la contestation"
    REVIEW = "relecture", "Relire avant publication"
    RESULTS_DUE = "resultats-dus", "Demander ce qu’elle a donné"
    VERDICT = "avis", "Demander si le côté confirme"
    RESULTS_SILENT = (
        "resultats-sans-reponse",
        "Reprendre contact : pas de réponse sur les résultats",
    )
    NEWS = "nouvelles", "Demander où elle en est"
    ADDRESS = "adresse", "Trouver à qui le demander"
    NOTHING = "", "Rien à demander"


WHY = {
    Ask.CONTEST: "Un côté conteste cette reprise : on l’écoute avant toute autre question.",
    Ask.REVIEW: "Elle attend d’être lue, pour la forme, avant d’être publiée.",
    Ask.RESULTS_DUE: "Une question sur les résultats est due et n’est pas encore partie.",
    Ask.VERDICT: "Un côté dont l’adresse est connue ne s’est pas prononcé.",
    Ask.RESULTS_SILENT: "La question est restée sans réponse malgré un rappel : aucun autre "
    "courriel ne part, un appel vaut mieux.",
    Ask.NEWS: "Aucune nouvelle depuis longtemps pour son état.",
    Ask.ADDRESS: "Aucun côté n’a d’adresse confirmée : personne ne peut dire ce qu’elle devient.",
    Ask.NOTHING: "",
}
URGENCY = {ask: rank for rank, ask in enumerate(Ask)}


class Standing:
    """Questions on what is known lately; of ``ReplicationQuerySet``."""

    def with_last_move(self) -> Any:
        """With ``moved_on`` (« AAAA… », "" or None) and ``moved_at``: the last valid step."""
        last = _of("ReplicationStep").filter(annulled_at=None).order_by("-pk")
        return self._rows.annotate(
            moved_on=Subquery(last.values("date")[:1]),
            moved_at=Subquery(last.values("created_at")[:1]),
        )

    def stuck(self, today: datetime.date | None = None) -> Any:
        """Without a move or a word for longer than their state may last."""
        return self.with_last_move().filter(_is_stuck(today or timezone.localdate()))

    def with_next_ask(self, today: datetime.date | None = None) -> Any:
        """With ``ask`` (see ``Ask``) and ``urgency`` (0: the most pressing)."""
        today = today or timezone.localdate()
        cases = [
            When(Exists(_of("Party").filter(verdict="contestee")), then=Value(Ask.CONTEST.value)),
            When(publication="a-relire", then=Value(Ask.REVIEW.value)),
            # Nothing is asked of who is not published.
            When(~Q(publication="publiee"), then=Value("")),
            When(Exists(_follow_ups().due(today)), then=Value(Ask.RESULTS_DUE.value)),
            When(Exists(unheard(today)), then=Value(Ask.VERDICT.value)),
            When(Exists(_silent(today)), then=Value(Ask.RESULTS_SILENT.value)),
            When(_is_stuck(today) & Exists(_left_in_peace(today)), then=Value("")),
            When(_is_stuck(today) & Exists(_reachable()), then=Value(Ask.NEWS.value)),
            When(~Q(state="abandonnee") & ~Exists(_reachable()), then=Value(Ask.ADDRESS.value)),
        ]
        asked = Case(*cases, default=Value(""), output_field=models.CharField())
        rank = Case(
            *(When(ask=ask.value, then=Value(at)) for ask, at in URGENCY.items()),
            output_field=models.IntegerField(),
        )
        return self.with_last_move().annotate(ask=asked).annotate(urgency=rank)

    @property
    def _rows(self) -> Any:
        return cast(Any, self)


def _is_stuck(today: datetime.date) -> Q:
    """Of rows ``with_last_move``; a partial date is before a day when it surely is."""
    found = Q(pk__in=[])
    for state, months in STUCK_MONTHS.items():
        limit = dates.months_after(today, -months)
        iso = Value(limit.isoformat())
        dated = Q(moved_on__gt="") & Q(moved_on__lt=Left(iso, Length(F("moved_on"))))
        written = (Q(moved_on="") | Q(moved_on=None)) & _before("moved_at", limit)
        never = Q(moved_at=None) & _before("created_at", limit)
        heard = Exists(_of("Facts").filter(reported_at__date__gte=limit)) | Exists(
            _of("Party").filter(answered_at__date__gte=limit)
        )
        found |= Q(state=state) & (dated | written | never) & ~heard
    return found


def _before(field: str, day: datetime.date) -> Q:
    start = timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
    return Q(**{f"{field}__lt": start})


def _of(name: str) -> Any:
    from django.apps import apps

    return apps.get_model("essaimage", name).objects.filter(replication=OuterRef("pk"))


def _follow_ups() -> Any:
    from essaimage.models import FollowUp

    return FollowUp.objects.filter(party__replication=OuterRef("pk"))


def _silent(today: datetime.date) -> Any:
    return _follow_ups().unanswered().filter(asked_at__lt=_ago(today, SILENT_DAYS))


def unheard(today: datetime.date) -> Any:
    """The sides, of the replication of the query outside, to be asked what they say of it."""
    lately = Q(asked_at__gte=_ago(today, PEACE_DAYS))
    return _of("Party").filter(verdict="").exclude(email="").exclude(lately)


def _reachable() -> Any:
    return _of("Party").filter(email_confirmed_at__isnull=False).exclude(email="")


def _left_in_peace(today: datetime.date) -> Any:
    return _reachable().filter(served_at__gte=_ago(today, PEACE_DAYS))


def _ago(today: datetime.date, days: int) -> datetime.datetime:
    start = timezone.make_aware(datetime.datetime.combine(today, datetime.time.min))
    return start - datetime.timedelta(days)
