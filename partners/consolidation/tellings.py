"""What source records say, field by field, in aligned lines; and what they would make together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from carrefour.text import key
from carrefour.word_changes import Piece, side_by_side
from innovations.composition import (
    CHOICE_FIELDS,
    REPRODUCTION,
    STAFF,
    TEXT_FIELDS,
    Composed,
    Contribution,
    Place,
    compose,
)
from innovations.licences import Licence
from innovations.models import Innovation, Reproduction
from innovations.record_page import LABELS
from innovations.telling import Labels, told
from partners.models import SourceRecord, VocabularyEntry
from partners.publishing import contribution, edits_of
from territories.models import Territory

ORDER = ("title", "organisation", "places", "started_year", "website", "terms", "summary",
         "description", "nature", "maturity", "reach", "is_commun", "commun_governance",
         "commun_licence")  # fmt: skip
PLAIN = {*TEXT_FIELDS, *CHOICE_FIELDS, "terms"}
LONG = {"summary", "description", "commun_governance"}


class Meanings:
    """The terms that the words of some records mean, as decided or matched so far; one query."""

    def __init__(self, records: Sequence[SourceRecord]) -> None:
        words = {
            key(word)[:300]
            for record in records
            for said in (record.values.get("words") or {}).values()
            for word in said
        }
        self.labels: dict[str, str] = {}
        self._known: dict[tuple[int, str, str], list[str]] = {}
        sources = {record.source_id for record in records}
        if not words:
            return
        entries = VocabularyEntry.objects.filter(source__in=sources, key__in=words, terms__gt=0)
        names = ("source", "vocabulary", "key", "terms__vocabulary", "terms__code", "terms__label")
        for source, said, word, vocabulary, code, label in entries.values_list(*names):
            term = f"{vocabulary}:{code}"
            self.labels[term] = label
            self._known.setdefault((source, said, word), []).append(term)

    def terms(self, source_id: int | None, words: Mapping[str, Iterable[str]]) -> list[str]:
        found = [
            term
            for vocabulary, said in words.items()
            for word in said
            for term in self._known.get((source_id or 0, vocabulary, key(word)[:300]), ())
        ]
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Cell:
    """What one record says of a field. ``pieces``: the same, cut where it differs from the first
    record's; ``is_same``: it says what the first says."""

    text: str
    pieces: tuple[Piece, ...] = ()
    is_same: bool = False
    is_shown: bool = False


@dataclass(frozen=True)
class Line:
    name: str
    label: str
    cells: tuple[Cell, ...]

    @property
    def is_long(self) -> bool:
        return self.name in LONG or self.name.startswith(f"{REPRODUCTION}.")

    @property
    def differs(self) -> bool:
        """Whether two records that say something of it say otherwise."""
        said = [cell for cell in self.cells if cell.text]
        return len(said) > 1 and not all(cell.is_same for cell in said[1:])


@dataclass
class Reading:
    """What some source records say, read in two queries whatever their number.

    The records come with their source and its partner.
    """

    records: Sequence[SourceRecord]
    contributions: list[Contribution] = field(init=False)

    def __post_init__(self) -> None:
        self._meanings = Meanings(self.records)
        codes = {s["code"] for r in self.records for s in r.sites if s.get("code")}
        found = list(Territory.objects.filter(code__in=codes)) if codes else []
        self.territory_names = {territory.pk: str(territory) for territory in found}
        known = {(territory.kind, territory.code): territory.pk for territory in found}
        self.contributions = [
            contribution(r, r.source, self._meanings, known) for r in self.records
        ]

    @property
    def labels(self) -> Labels:
        return self._meanings.labels

    def of(self, record_ids: Iterable[int]) -> list[Contribution]:
        wanted = set(record_ids)
        return [c for c in self.contributions if c.record_id in wanted]

    def lines(
        self, record_ids: Sequence[int] | None = None, origins: Mapping[str, Any] | None = None
    ) -> list[Line]:
        """One line per field that some record fills, a cell per record, compared with the first.

        ``origins``: of a composed record, to mark the values that it shows.
        """
        chosen = self.contributions
        if record_ids is not None:
            by_pk = {c.record_id: c for c in self.contributions}
            chosen = [by_pk[pk] for pk in record_ids if pk in by_pk]
        return [
            Line(name, LABELS.get(name, name), tuple(self._cells(name, chosen, origins or {})))
            for name in self._names(chosen)
        ]

    def _names(self, chosen: Sequence[Contribution]) -> list[str]:
        filled = {name for c in chosen for name in c.values if name in PLAIN}
        filled |= {f"{REPRODUCTION}.{n}" for c in chosen for n in c.values.get(REPRODUCTION, {})}
        filled |= {"places"} if any(c.places for c in chosen) else set()
        rank = {name: number for number, name in enumerate(ORDER)}
        return sorted(filled, key=lambda name: (rank.get(name, 99), name))

    def _cells(
        self, name: str, chosen: Sequence[Contribution], origins: Mapping[str, Any]
    ) -> Iterator[Cell]:
        texts = [self.text(name, c) for c in chosen]
        for number, (said, text) in enumerate(zip(chosen, texts, strict=True)):
            other = texts[0] if number else next((t for t in texts[1:] if t), "")
            pieces = side_by_side(text, other)[0] if text and other else [Piece(text)]
            yield Cell(
                text,
                tuple(pieces),
                is_same=bool(number) and key(text) == key(texts[0]),
                is_shown=origins.get(name) == said.record_id,
            )

    def text(self, name: str, said: Contribution) -> str:
        """What a record says of a field, as plain text."""
        if name == "places":
            return self.places(said)
        if name.startswith(f"{REPRODUCTION}."):
            return str(said.values.get(REPRODUCTION, {}).get(name.partition(".")[2], ""))
        return told(name, said.values.get(name), self.labels)

    def places(self, said: Contribution) -> str:
        return "\n".join(self.place_names(said.places))

    def place_names(self, places: Iterable[Place]) -> list[str]:
        known = self.territory_names
        names = (known.get(p.territory_id or 0) or p.label or "un point" for p in places)
        return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Value:
    """One field of a composed record: what it says, and who says it."""

    label: str
    text: str
    whose: str
    licence: str = ""
    is_long: bool = False


@dataclass(frozen=True)
class Preview:
    """What two public records would make as one; nothing is written."""

    stays: Innovation
    goes: Innovation
    composed: Composed
    values: list[Value]
    places: list[str]
    # How many source records of both were read, and how many there are.
    read: int = 0
    total: int = 0

    @property
    def is_partial(self) -> bool:
        return self.read < self.total


def preview(
    stays: Innovation,
    goes: Innovation,
    reading: Reading,
    sites: Iterable[int] = (),
    *,
    total: int = 0,
) -> Preview:
    """Compose both as one, ``sites`` telling sites; their records are among those of the reading,
    ``total`` when all were read.

    One query, of what staff wrote on both.
    """
    become, both = set(sites), {stays.pk, goes.pk}
    ours = [record.pk for record in reading.records if record.innovation_id in both]
    together = [replace(c, is_site=c.is_site or c.record_id in become) for c in reading.of(ours)]
    edits = edits_of([stays.pk, goes.pk])
    composed = compose(together, {**edits.get(goes.pk, {}), **edits.get(stays.pk, {})})
    values, places = values_of(composed, reading), [place for place, _ in composed.places]
    names = reading.place_names(places)
    return Preview(stays, goes, composed, values, names, len(ours), total)


def values_of(composed: Composed, reading: Reading) -> list[Value]:
    """What the composed record says, field by field, and whose words they are."""
    said = {c.record_id: c for c in reading.contributions}
    values = {**composed.values, **({"terms": list(composed.terms)} if composed.terms else {})}
    rank = {name: number for number, name in enumerate(ORDER)}
    found = []
    for name in sorted(values, key=lambda name: (rank.get(name, 99), name)):
        text = told(name, values[name], reading.labels)
        origin = composed.origins.get(name)
        source = said.get(origin) if isinstance(origin, int) else None
        licence = Licence(source.licence).label if source else ""
        if text:
            label = LABELS.get(name, name)
            found.append(Value(label, text, _whose(origin, source), licence, name in LONG))
    return found


def _whose(origin: Any, source: Contribution | None) -> str:
    if origin == STAFF:
        return "l’équipe du Carrefour"
    return source.partner_name if source else ""


def alone(
    innovation: Innovation, reading: Reading, records: Iterable[int], *, total: int = 0
) -> Preview:
    """What these records, among those of the reading, would make by themselves; they are
    ``total``, not all read.

    What staff wrote on the innovation stays with those that stay in it: it is not applied here.
    """
    read = reading.of(records)
    composed = compose(read)
    places = [place for place, _ in composed.places]
    return Preview(
        innovation,
        innovation,
        composed,
        values_of(composed, reading),
        reading.place_names(places),
        len(read),
        total,
    )


@dataclass(frozen=True)
class Beside:
    """A field as its sources give it, and as the public sees it."""

    line: Line
    public: Cell


def beside_public(innovation: Innovation, reading: Reading) -> list[Beside]:
    """Every field that a source or the public record fills; the innovation comes ``with_names``."""
    said = {line.name: line for line in reading.lines(origins=innovation.origins)}
    shown = public_texts(innovation)
    empty = tuple(Cell("") for _ in reading.contributions)
    rank = {name: number for number, name in enumerate(ORDER)}
    found = []
    for name in sorted({*said, *shown}, key=lambda name: (rank.get(name, 99), name)):
        line = said.get(name) or Line(name, LABELS.get(name, name), empty)
        text = shown.get(name, "")
        given = [c.text for c in line.cells if c.is_shown] + [c.text for c in line.cells[:1]]
        source = given[0] if given else ""
        pieces = side_by_side(text, source)[0] if text and source else [Piece(text)]
        same = bool(text) and key(text) == key(source)
        found.append(Beside(line, Cell(text, tuple(pieces), is_same=same)))
    return found


def public_texts(innovation: Innovation) -> dict[str, str]:
    """Field → what the public record says of it, as plain text."""
    plain = PLAIN - {"organisation", "terms"}
    values: dict[str, Any] = {name: getattr(innovation, name) for name in plain}
    owner = innovation.organisation
    values["organisation"] = owner and {"name": owner.name, "legal_form": owner.legal_form}
    texts = {name: told(name, value) for name, value in values.items()}
    texts["terms"] = ", ".join(innovation.term_names)  # type: ignore[attr-defined]
    texts["places"] = "\n".join(dict.fromkeys(innovation.place_names))  # type: ignore[attr-defined]
    known = getattr(innovation, "reproduction", None)
    for column in Reproduction.text_fields():
        texts[f"{REPRODUCTION}.{column.name}"] = getattr(known, column.name, "")
    return {name: text for name, text in texts.items() if text}
