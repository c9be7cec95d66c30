"""Composition: partners' contributions and staff's edits → one public record. Pure.

Per field: the staff's edit first; else one partner's value, chosen by a rule that can be told
(``RULE``). Texts are never blended. Terms are united; places are united, the same territory and
label counting once. What the partners say otherwise is kept beside (``alternatives``), and so is
what they say under a staff edit (``under_edits``).
"""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carrefour.text import key

STAFF = "staff"
TEXT_FIELDS = ("title", "summary", "description", "website", "commun_governance", "commun_licence")
CHOICE_FIELDS = ("nature", "maturity", "reach", "started_year", "is_commun", "organisation")
REPRODUCTION = "reproduction"
EXTRACT_LENGTH = 280
# Texts that only an open licence lets us give whole; what reproduces a project is another.
PROTECTED = frozenset({"summary", "description", "commun_governance"})
RULE = (
    "une fiche du projet avant celle d’un de ses lieux ; une source sous licence ouverte avant une "
    "autre ; la priorité donnée à la source pour ce champ ; le texte le plus complet ; le plus "
    "récent"
)


@dataclass(frozen=True)
class Place:
    """One site of a project as one source tells it; ``confidence`` from 0 to 1."""

    territory_id: int | None
    label: str = ""
    longitude: float | None = None
    latitude: float | None = None
    confidence: float = 1.0
    note: str = ""


@dataclass(frozen=True)
class Contribution:
    """What one source record says. ``values`` holds only known fields with non-empty values:

    TEXT_FIELDS and CHOICE_FIELDS (``organisation`` is {"name", "legal_form"}), ``terms`` (list of
    "vocabulary:code"), ``reproduction`` (field → text), ``evidence`` (list of mappings).
    ``is_site``: the record tells one site of the innovation, not the whole of it.
    ``field_priorities`` replaces ``priority`` for the fields that it names.
    """

    record_id: int
    partner_slug: str
    partner_name: str
    source_slug: str
    source_name: str
    url: str
    is_record_page: bool
    licence: str
    is_open: bool
    collected_at: datetime.datetime
    priority: int = 0
    field_priorities: Mapping[str, int] = field(default_factory=dict)
    is_site: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    places: Sequence[Place] = ()

    def priority_for(self, name: str) -> int:
        """The greatest wins; « reproduction » stands for each of its fields."""
        wanted = self.field_priorities
        return wanted.get(name, wanted.get(name.split(".", 1)[0], self.priority))


@dataclass(frozen=True)
class CitedSource:
    contribution: Contribution
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Composed:
    """The public record: values by field, and where each comes from ("staff" or a record id).

    ``alternatives``: field → what other records say of it, [{"record", "value"}], best first.
    ``under_edits``: edited field → the value that the partners alone would give, or None.
    """

    values: dict[str, Any]
    origins: dict[str, str | int]
    alternatives: dict[str, list[dict[str, Any]]]
    under_edits: dict[str, Any]
    terms: tuple[str, ...]
    places: tuple[tuple[Place, tuple[int, ...]], ...]
    citations: tuple[CitedSource, ...]
    evidence: tuple[Mapping[str, Any], ...]
    is_reference: bool


def compose(
    contributions: Sequence[Contribution], edits: Mapping[str, Any] | None = None
) -> Composed:
    """One record from what its sources and the staff say; the order given does not matter."""
    edits = edits or {}
    ranked = sorted(contributions, key=_rank)
    has_open = any(c.is_open for c in ranked)
    values: dict[str, Any] = {}
    origins: dict[str, str | int] = {}
    alternatives: dict[str, list[dict[str, Any]]] = {}
    under: dict[str, Any] = {}
    for name in _field_names(ranked, edits):
        said = sorted(_said(name, ranked, has_open=has_open), key=lambda pair: _merit(name, *pair))
        if name in edits:
            values[name], origins[name] = edits[name], STAFF
            under[name] = said[0][1] if said else None
        elif said:
            values[name], origins[name] = said[0][1], said[0][0].record_id
        if len(said) > 1 and (others := _others(values[name], said)):
            alternatives[name] = others
    partners_terms = tuple(dict.fromkeys(t for c in ranked for t in c.values.get("terms", ())))
    if "terms" in edits:
        under["terms"] = list(partners_terms)
    if terms := tuple(dict.fromkeys(edits.get("terms", partners_terms))):
        origins["terms"] = STAFF if "terms" in edits else _first_with("terms", ranked)
    return Composed(
        values=values,
        origins=origins,
        alternatives=alternatives,
        under_edits=under,
        terms=terms,
        places=_places(ranked),
        citations=tuple(CitedSource(c, _fields_of(c)) for c in ranked),
        evidence=tuple(e for c in ranked for e in c.values.get("evidence", ())),
        is_reference=bool(ranked) and not has_open,
    )


def _rank(contribution: Contribution) -> tuple[bool, bool, int, float, int]:
    """The project before its sites, open before closed, highest priority, the freshest, then the
    oldest record (a stable order)."""
    return (
        contribution.is_site,
        not contribution.is_open,
        -contribution.priority,
        -contribution.collected_at.timestamp(),
        contribution.record_id,
    )


def _merit(name: str, said: Contribution, value: Any) -> tuple[Any, ...]:
    """What makes a record's value of a field win, the least first (see ``RULE``)."""
    rank = _rank(said)
    return (*rank[:2], -said.priority_for(name), -_completeness(name, value), *rank[3:])


def _field_names(ranked: Sequence[Contribution], edits: Mapping[str, Any]) -> list[str]:
    reproduction = {
        f"{REPRODUCTION}.{name}" for c in ranked for name in c.values.get(REPRODUCTION, {})
    }
    # « reproduction.need », and what only the staff tells: « economics.payers ».
    edited = {name for name in edits if "." in name}
    return [*TEXT_FIELDS, *CHOICE_FIELDS, *sorted(reproduction | edited)]


def _said(
    name: str, ranked: Sequence[Contribution], *, has_open: bool
) -> Iterator[tuple[Contribution, Any]]:
    """What each record says of a field. Beside an open source, one that is not open keeps its
    texts: they are read at its own page."""
    is_text = name in PROTECTED or name.startswith(f"{REPRODUCTION}.")
    for contribution in ranked:
        if is_text and has_open and not contribution.is_open:
            continue
        if (value := _value(contribution, name)) not in (None, "", {}):
            yield contribution, value


def _others(value: Any, said: Sequence[tuple[Contribution, Any]]) -> list[dict[str, Any]]:
    """What is said otherwise, each way of saying once; a site's own words contradict nothing."""
    met = {_same(value)}
    others = []
    for contribution, other in said:
        if contribution.is_site or (sameness := _same(other)) in met:
            continue
        met.add(sameness)
        others.append({"record": contribution.record_id, "value": other})
    return others


def _same(value: Any) -> str:
    """Two values of the same sameness differ by case, accents or spaces at most."""
    if isinstance(value, Mapping):
        value = value.get("name", "") or json.dumps(value, sort_keys=True, default=str)
    return key(value) if isinstance(value, str) else json.dumps(value, default=str)


def _completeness(name: str, value: Any) -> int:
    """Long texts win up to a point: beyond 2,000 characters, longer says no more."""
    if name in {"summary", "description"} or name.startswith(REPRODUCTION):
        return min(len(str(value)), 2000) // 200
    return 0


def _value(contribution: Contribution, name: str) -> Any:
    if name.startswith(f"{REPRODUCTION}."):
        return contribution.values.get(REPRODUCTION, {}).get(name.split(".", 1)[1])
    return contribution.values.get(name)


def _first_with(name: str, ranked: Sequence[Contribution]) -> int:
    return next(c.record_id for c in ranked if c.values.get(name))


def _places(
    ranked: Sequence[Contribution],
) -> tuple[tuple[Place, tuple[int, ...]], ...]:
    """Every place once: by territory when it is known, else by what was written."""
    found: dict[object, tuple[Place, list[int]]] = {}
    for contribution in ranked:
        for place in contribution.places:
            identity = _identity(place)
            kept, records = found.setdefault(identity, (place, []))
            if kept.longitude is None and place.longitude is not None:
                found[identity] = (place, records)
            if contribution.record_id not in records:
                records.append(contribution.record_id)
    return tuple((place, tuple(records)) for place, records in found.values())


def _identity(place: Place) -> object:
    if place.longitude is not None and place.latitude is not None:
        return (place.territory_id, round(place.longitude, 3), round(place.latitude, 3))
    return place.territory_id or place.label


def _fields_of(contribution: Contribution) -> tuple[str, ...]:
    names = [n for n in contribution.values if n not in {REPRODUCTION, "evidence", "slug"}]
    names += [f"{REPRODUCTION}.{n}" for n in contribution.values.get(REPRODUCTION, {})]
    return tuple(sorted(names + (["places"] if contribution.places else [])))
