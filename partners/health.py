"""How each source is doing: what its last runs tell, and what needs someone."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from carrefour.french import agree, counted, grouped
from carrefour.sparklines import Sparkline, sparkline
from partners import contracts, drift
from partners.models import (
    RejectedRow,
    Run,
    RunState,
    Source,
    SourceRecord,
    Trigger,
    VocabularyEntry,
)
from partners.models.source import Frequency
from partners.runs import GOOD

RUNS = 30
OVER = (*GOOD, RunState.FAILED)
# What is said of one record, of several.
MISSING = ("manque à la source", "manquent à la source")
ANNOUNCED = ("est annoncée supprimée par la source", "sont annoncées supprimées par la source")
# A long source may need two runs: no one is told before the time ran out twice in a row.
OFTEN_LATE = 2
# Fewer words than this wait for the day someone looks at the vocabulary.
MANY_WORDS = 20


class Cause(models.TextChoices):
    """Why a source needs someone, the gravest first."""

    FAILED = "echec", "Moissonnage en échec"
    HELD_BACK = "retraits", "Retraits à décider"
    CONTRACT = "contrat", "Contenu inhabituel"
    UNFINISHED = "inachevee", "Lecture inachevée"
    LATE = "retard", "En retard"
    NEVER = "jamais", "Jamais moissonnée"
    REFUSED = "refus", "Lignes refusées"
    WORDS = "mots", "Mots à rattacher"


RANKS = {cause: rank for rank, cause in enumerate(Cause)}


@dataclass(frozen=True)
class Trouble:
    """One thing that needs someone; ``text`` is a French sentence. ``keys``: what it is made of
    and how many of each, by which a trouble already told is recognised."""

    cause: Cause
    text: str
    keys: dict[str, int]

    @property
    def label(self) -> str:
        return str(self.cause.label)


@dataclass(frozen=True)
class Point:
    """One run that is over, as the drawings and rates need it."""

    pk: int
    state: str
    trigger: str
    at: datetime.datetime
    counts: dict[str, int]
    present: int | None

    @property
    def is_good(self) -> bool:
        return self.state in GOOD

    @property
    def volume(self) -> int | None:
        """Records at the source after the run; None when it failed."""
        if not self.is_good:
            return None
        if self.present is not None:
            return self.present
        told = sum(self.counts.get(n, 0) for n in ("created", "updated", "unchanged"))
        return told or None


@dataclass
class Health:
    """One source: ``points`` are its last runs that are over, newest first. ``last`` is the newest
    of them and ``good`` the newest that read the source; None when there is none. ``late``:
    how many times in a row the time ran out before the end of the present reading."""

    source: Source
    points: Sequence[Point]
    last: Run | None = None
    good: Run | None = None
    before: Run | None = None
    refused: int = 0
    words: int = 0
    records: int = 0
    late: int = 0
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def success_at(self) -> datetime.datetime | None:
        return next((p.at for p in self.points if p.is_good and p.trigger != Trigger.REPLAY), None)

    @property
    def is_failing(self) -> bool:
        return self.last is not None and self.last.state == RunState.FAILED

    @property
    def failure_rate(self) -> int | None:
        """Percentage of the last runs that failed; None before any."""
        if not self.points:
            return None
        failed = sum(p.state == RunState.FAILED for p in self.points)
        return round(100 * failed / len(self.points))

    @property
    def refusal_rate(self) -> float | None:
        """Percentage of the rows of the last good run that were refused."""
        counts = next((p.counts for p in self.points if p.is_good), {})
        seen = counts.get("seen", 0)
        return round(100 * counts.get("rejected", 0) / seen, 1) if seen else None

    @property
    def line(self) -> Sparkline | None:
        return sparkline([p.volume for p in reversed(self.points)], "fiche")

    @property
    def retry_at(self) -> datetime.datetime | None:
        """When a source that fails is tried again."""
        return self.source.next_run_at if self.is_failing else None

    @property
    def rank(self) -> int:
        """0 for what needs someone most."""
        return min((RANKS[t.cause] for t in self.troubles), default=len(RANKS))


def health_of(sources: QuerySet[Source]) -> list[Health]:
    """The health of each source, those that need someone first; five queries at most."""
    found = list(_annotated(sources))
    points = _points(pk for source in found for pk in source.run_ids)  # type: ignore[attr-defined]
    healths = [_counted(s, [points[pk] for pk in s.run_ids if pk in points]) for s in found]  # type: ignore[attr-defined]
    _detail(healths)
    reasons = _reasons([h.source.pk for h in healths if h.refused])
    for health in healths:
        health.troubles = troubles(health, reasons.get(health.source.pk, {}))
    oldest = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    return sorted(healths, key=lambda h: (h.rank, h.success_at or oldest, h.source.name))


def health_of_one(source: Source) -> Health:
    return health_of(Source.objects.filter(pk=source.pk))[0]


def troubles(health: Health, reasons: dict[str, int]) -> list[Trouble]:
    """What needs someone, the gravest first. ``reasons``: « champ:code » → refused rows."""
    found = [
        *_failure(health),
        *_held_back(health.source),
        *_contract(health),
        *_unfinished(health),
        *_lateness(health),
        *_refusals(health, reasons),
    ]
    if health.words >= MANY_WORDS:
        text = (
            f"{counted(health.words, 'mot')} du partenaire attendent d’être rattachés à un terme."
        )
        found.append(Trouble(Cause.WORDS, text, {"": health.words}))
    return found


def _failure(health: Health) -> Iterable[Trouble]:
    source = health.source
    if not (health.is_failing and source.is_active and source.is_harvested):
        return
    times = max(1, health.source.failures)
    message = health.last.message.strip() if health.last else ""
    often = f"{times} échecs de suite" if times > 1 else "Le dernier moissonnage a échoué"
    yield Trouble(Cause.FAILED, f"{often} : {message}" if message else f"{often}.", {"": times})


def _held_back(source: Source) -> Iterable[Trouble]:
    held = source.held_back
    if not held:
        return
    missing, total = held.get("missing", 0), held.get("total", 0)
    what = agree(missing, *(ANNOUNCED if held.get("announced") else MISSING))
    text = (
        f"{counted(missing, 'fiche')} sur {grouped(total)} {what} : "
        f"{agree(missing, 'son', 'leur')} retrait attend une décision."
    )
    yield Trouble(Cause.HELD_BACK, text, {"": missing})


def _contract(health: Health) -> Iterable[Trouble]:
    if health.good is None:
        return
    said = [
        *contracts.breaches(health.source, health.good, health.before),
        *contracts.said(health.good),
    ]
    if said:
        yield Trouble(Cause.CONTRACT, " ".join(said), {drift.kind_of(s): 1 for s in said})


def _unfinished(health: Health) -> Iterable[Trouble]:
    if health.source.is_active and health.late >= OFTEN_LATE:
        text = (
            f"Le temps imparti n’a pas suffi, {health.late} fois de suite : la source n’est pas "
            "encore lue jusqu’à sa fin."
        )
        yield Trouble(Cause.UNFINISHED, text, {"": health.late})


def _lateness(health: Health) -> Iterable[Trouble]:
    source = health.source
    if not (source.is_active and source.partner.is_active) or health.is_failing:
        return
    if source.is_harvested and not (health.points or health.records or health.late):
        yield Trouble(Cause.NEVER, "Cette source n’a encore jamais été moissonnée.", {"": 1})
    if not health.points:
        return
    due = late_after(source, health.success_at)
    if due and timezone.now() > due:
        since = f"{timezone.localtime(health.success_at or source.created_at):%d/%m/%Y}"
        often = Frequency(source.frequency).label.lower()
        text = f"Rien n’a été reçu depuis le {since}, alors qu’elle est à lire {often}."
        yield Trouble(Cause.LATE, text, {"": 1})


def _refusals(health: Health, reasons: dict[str, int]) -> Iterable[Trouble]:
    if health.refused:
        text = f"{counted(health.refused, 'ligne refusée')}."
        yield Trouble(Cause.REFUSED, text, reasons or {"": health.refused})


def late_after(source: Source, success_at: datetime.datetime | None) -> datetime.datetime | None:
    """When a source is late: half a period (one hour at least) after its time; None on demand."""
    interval = Frequency(source.frequency).interval
    if interval is None:
        return None
    return (
        (success_at or source.created_at)
        + interval
        + max(interval / 2, datetime.timedelta(hours=1))
    )


def _annotated(sources: QuerySet[Source]) -> QuerySet[Source]:
    over = Run.objects.filter(source=OuterRef("pk"), state__in=OVER).order_by("-created_at", "-pk")
    begun = Run.objects.filter(source=OuterRef("pk"), reading_since__isnull=False)
    begun = begun.exclude(trigger=Trigger.REPLAY).order_by("-created_at", "-pk")
    return (
        sources.select_related("partner")
        .defer("mapping", "options")
        .annotate(
            run_ids=ArraySubquery(over.values("pk")[:RUNS]),
            refused_rows=_count(RejectedRow.objects.all()),
            waiting_words=_count(VocabularyEntry.objects.waiting()),
            present_records=_count(SourceRecord.objects.present()),
            late=Subquery(begun.values(late=Cast(KT("cursor__late"), IntegerField()))[:1]),
        )
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.filter(source=OuterRef("pk")).order_by().values("source")
    counted = counted.annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _points(pks: Iterable[int]) -> dict[int, Point]:
    names = ("pk", "state", "trigger", "finished_at", "created_at", "counts", "present")
    rows = Run.objects.filter(pk__in=list(pks)).order_by().values_list(*names)
    return {
        pk: Point(pk, state, trigger, finished or created, counts, present)
        for pk, state, trigger, finished, created, counts, present in rows
    }


def _counted(source: Any, points: Sequence[Point]) -> Health:
    return Health(
        source,
        points,
        refused=source.refused_rows,
        words=source.waiting_words,
        records=source.present_records,
        late=source.late or 0,
    )


def _detail(healths: Sequence[Health]) -> None:
    """Fetch what only a few runs need: the message of the last, the fills of the two last good."""
    wanted = {id(h): _telling(h.points) for h in healths}
    pks = {pk for chosen in wanted.values() for pk in chosen if pk}
    runs = Run.objects.defer("requests", "events", "cursor").in_bulk(pks)
    for health in healths:
        last, good, before = (runs.get(pk) if pk else None for pk in wanted[id(health)])
        health.last, health.good, health.before = last, good, before


def _telling(points: Sequence[Point]) -> tuple[int | None, int | None, int | None]:
    good = [p.pk for p in points if p.is_good][:2]
    return (
        points[0].pk if points else None,
        good[0] if good else None,
        good[1] if len(good) > 1 else None,
    )


def _reasons(source_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    from partners.quarantine import reasons_by_source

    return reasons_by_source(source_ids) if source_ids else {}
