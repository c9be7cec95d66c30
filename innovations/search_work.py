"""Searches as the team's work: what is asked most, what finds nothing, what was made of it."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncWeek
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from innovations.models import SearchCount, SearchDecision, SearchKind, SearchOutcome

# Fewer records than this is little.
LITTLE = 5
TO_DO = Q(outcome=None) | Q(outcome=SearchOutcome.REOPENED)


def since(days: int) -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=days)


def texts(first: datetime.date) -> QuerySet[Any, Any]:
    """{value, label, visitors, total, outcome, note} by text asked since then; ``total`` as of its
    last day, ``outcome`` the last one given or None."""
    mine = SearchCount.objects.filter(kind=SearchKind.TEXT, value=OuterRef("value"))
    decided = SearchDecision.objects.filter(value=OuterRef("value")).order_by("-at", "-pk")
    asked = SearchCount.objects.filter(kind=SearchKind.TEXT, day__gte=first)
    return (
        asked.values("value")
        .annotate(
            label=Max("label"),
            visitors=Sum("visitors"),
            last=Max("day"),
            total=Subquery(mine.order_by("-day").values("total")[:1]),
            outcome=Subquery(decided.values("outcome")[:1]),
            note=Subquery(decided.values("note")[:1]),
        )
        .order_by("-visitors", "value")
    )


def to_settle(first: datetime.date) -> QuerySet[SearchCount]:
    """The last count of each text that found little and that nobody settled: one row per text."""
    same = SearchCount.objects.filter(kind=SearchKind.TEXT, value=OuterRef("value"))
    decided = SearchDecision.objects.filter(value=OuterRef("value")).order_by("-at", "-pk")
    return (
        SearchCount.objects.filter(kind=SearchKind.TEXT, day__gte=first, total__lt=LITTLE)
        .filter(~Exists(same.filter(day__gt=OuterRef("day"))))
        .annotate(outcome=Subquery(decided.values("outcome")[:1]))
        .filter(TO_DO)
    )


def weeks(first: datetime.date) -> list[tuple[datetime.date, int]]:
    """Visitors who searched, by week of which a day was counted, oldest first; a visitor counts
    once a day."""
    rows = SearchCount.objects.filter(kind=SearchKind.ALL, day__gte=first).order_by()
    return list(
        rows.annotate(week=TruncWeek("day"))
        .values_list("week")
        .annotate(number=Sum("visitors"))
        .order_by("week")
    )


def others(kind: str, first: datetime.date, most: int) -> list[tuple[str, int]]:
    """(label, visitors) of the places or filters most asked."""
    rows = SearchCount.objects.filter(kind=kind, day__gte=first).values("value")
    found = rows.annotate(said=Max("label"), number=Sum("visitors")).order_by("-number", "value")
    return [(row["said"] or row["value"], row["number"]) for row in found[:most]]


def settle(value: str, outcome: str, note: str, *, author: Any) -> SearchDecision:
    """Say what is made of a search. Former decisions stay: they are its history."""
    return SearchDecision.objects.create(value=value, outcome=outcome, note=note, author=author)


def rows(found: QuerySet[Any, Any]) -> Iterator[list[Any]]:
    """The list as a file: heading, then a line per text."""
    yield ["Recherche", "Visiteurs", "Fiches trouvées", "Dernier jour", "Suite donnée", "Note"]
    for row in found.iterator():
        outcome = SearchOutcome(row["outcome"]).label if row["outcome"] else ""
        yield [
            row["label"], row["visitors"], row["total"], f"{row['last']:%d/%m/%Y}", outcome,
            row["note"] or "",
        ]  # fmt: skip


def address(label: str) -> str:
    return f"{reverse('innovations:search')}?{urlencode({'q': label})}"
