"""How complete a partner's records are: what is missing, in how many, and why it matters."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from partners.models import RecordState, SourceRecord


@dataclass(frozen=True)
class Expected:
    """Something a good record says: ``query`` and ``holds`` tell the same, in SQL and in Python."""

    label: str
    why: str
    query: Q
    holds: Callable[[SourceRecord], bool]


@dataclass(frozen=True)
class Share:
    """In how many records something is said; ``percentage`` from 0 to 100."""

    expected: Expected
    count: int
    total: int

    @property
    def percentage(self) -> int:
        return 100 * self.count // self.total if self.total else 0

    @property
    def lacking(self) -> int:
        return self.total - self.count


def _said(label: str, why: str, *names: str) -> Expected:
    """Said when one of these values is there (a record keeps no empty one)."""
    return Expected(
        label,
        why,
        Q(values__has_any_keys=list(names)),
        lambda record: any(name in record.values for name in names),
    )


def _words(label: str, why: str, vocabulary: str) -> Expected:
    return Expected(
        label,
        why,
        Q(values__words__has_key=vocabulary),
        lambda record: vocabulary in (record.values.get("words") or {}),
    )


EXPECTED = [
    _said(
        "un résumé ou une description",
        "sans l’un des deux, la fiche attend",
        "summary",
        "description",
    ),
    Expected(
        "un lieu",
        "sans lui, ni carte ni recherche par territoire",
        ~Q(sites=[]),
        lambda record: bool(record.sites),
    ),
    Expected(
        "l’adresse de sa page chez vous",
        "c’est par elle que l’on arrive sur votre site",
        ~Q(url=""),
        lambda record: bool(record.url),
    ),
    _said("la structure porteuse", "elle distingue deux projets du même nom", "porteur"),
    _words("un thème", "sans lui, la fiche échappe aux filtres", "theme"),
    _words("un public", "sans lui, la fiche échappe aux filtres", "public"),
    _said("l’année de démarrage", "elle dit si l’expérience a duré", "year"),
    _said("une image", "une fiche illustrée est plus souvent ouverte", "picture"),
    _said("de quoi reproduire le projet", "c’est ce que cherchent les autres", "reproduction"),
]


def missing(record: SourceRecord) -> list[str]:
    """What the record does not say, in the order that matters."""
    return [expected.label for expected in EXPECTED if not expected.holds(record)]


def present(records: QuerySet[SourceRecord]) -> QuerySet[SourceRecord]:
    """Those still at their source: the ones that wait for something first."""
    return records.exclude(state=RecordState.WITHDRAWN).order_by("state", "-changed_at", "-pk")


def shares(records: QuerySet[SourceRecord]) -> list[Share]:
    """For each thing expected, how many of the records say it; one query."""
    counts = {f"n{rank}": Count("pk", filter=e.query) for rank, e in enumerate(EXPECTED)}
    found = records.order_by().aggregate(total=Count("pk"), **counts)
    return [Share(e, found[f"n{rank}"], found["total"]) for rank, e in enumerate(EXPECTED)]
