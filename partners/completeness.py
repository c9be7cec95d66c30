"""How complete a partner's records are: what is missing, in how many, and why it matters."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q, QuerySet

from partners.models import RecordState, SourceRecord
from partners.vocabularies import Vocabularies

# Each word once: (source, vocabulary, word).
SAID = """
SELECT DISTINCT r.source_id, w.key, said.word
FROM ({records}) r(source_id, held),
     jsonb_each(r.held -> 'words') w, jsonb_array_elements_text(w.value) said(word)
"""


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


class Recognised:
    """What the words of some records mean; made with six queries, whatever their number.

    A word that no label nor decision explains says nothing: the record waits for its theme.
    """

    def __init__(self, records: QuerySet[SourceRecord]) -> None:
        with connection.cursor() as cursor:
            sql, params = records.order_by().values("source_id", "values").query.sql_with_params()
            cursor.execute(SAID.format(records=sql), params)
            said = cursor.fetchall()
        self._vocabularies = Vocabularies.load({source_id for source_id, _, _ in said})
        self._said: list[tuple[int, str, str]] = said

    def query(self, vocabulary: str) -> Q:
        """The records of which a word means a term of this vocabulary."""
        words: dict[tuple[int, str], list[str]] = {}
        for source_id, name, word in self._said:
            if self._tells(source_id, {name: [word]}, vocabulary):
                words.setdefault((source_id, name), []).append(word)
        found = Q(pk__in=[])
        for (source_id, name), known in words.items():
            said = {f"values__words__{name}__has_any_keys": known}
            found |= Q(source=source_id, **said)
        return found

    def expected(self, label: str, why: str, vocabulary: str) -> Expected:
        return Expected(
            label,
            why,
            self.query(vocabulary),
            lambda record: self._tells(
                record.source_id, record.values.get("words") or {}, vocabulary
            ),
        )

    def _tells(self, source_id: int, words: Mapping[str, Iterable[str]], vocabulary: str) -> bool:
        terms = self._vocabularies.terms(source_id, words)
        return any(term.startswith(f"{vocabulary}:") for term in terms)


FIRST = [
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
]
LAST = [
    _said("l’année de démarrage", "elle dit si l’expérience a duré", "year"),
    _said("une image", "une fiche illustrée est plus souvent ouverte", "picture"),
    _said("de quoi reproduire le projet", "c’est ce que cherchent les autres", "reproduction"),
]


def expected_of(records: QuerySet[SourceRecord]) -> list[Expected]:
    """What is expected of these records, in the order that matters."""
    recognised = Recognised(records)
    words = [
        recognised.expected("un thème", "sans lui, la fiche échappe aux filtres", "theme"),
        recognised.expected("un public", "sans lui, la fiche échappe aux filtres", "public"),
    ]
    return [*FIRST, *words, *LAST]


def missing(record: SourceRecord, wanted: Iterable[Expected]) -> list[str]:
    """What the record does not say."""
    return [expected.label for expected in wanted if not expected.holds(record)]


def present(records: QuerySet[SourceRecord]) -> QuerySet[SourceRecord]:
    """Those still at their source: the ones that wait for something first."""
    return records.exclude(state=RecordState.WITHDRAWN).order_by("state", "-changed_at", "-pk")


def shares(records: QuerySet[SourceRecord], wanted: Sequence[Expected]) -> list[Share]:
    """For each thing expected, how many of the records say it; one query."""
    counts = {f"n{rank}": Count("pk", filter=e.query) for rank, e in enumerate(wanted)}
    found = records.order_by().aggregate(total=Count("pk"), **counts)
    return [Share(e, found[f"n{rank}"], found["total"]) for rank, e in enumerate(wanted)]
