"""Composition: partners' contributions and staff's edits → one public record. Pure.

Per field: the staff's edit first; else one partner's value, chosen by a rule that can be told
(priority of the source, then completeness of the value, then freshness). Texts are never blended.
Terms are united; places are united, the same territory and label counting once.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STAFF = "staff"
TEXT_FIELDS = ("title", "summary", "description", "website", "commun_governance", "commun_licence")
CHOICE_FIELDS = ("nature", "maturity", "reach", "started_year", "is_commun", "organisation")
REPRODUCTION = "reproduction"
EXTRACT_LENGTH = 280


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
    values: Mapping[str, Any] = field(default_factory=dict)
    places: Sequence[Place] = ()


@dataclass(frozen=True)
class CitedSource:
    contribution: Contribution
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Composed:
    """The public record: values by field, and where each comes from ("staff" or a record id)."""

    values: dict[str, Any]
    origins: dict[str, str | int]
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
    values: dict[str, Any] = {}
    origins: dict[str, str | int] = {}
    for name in _field_names(ranked, edits):
        value, origin = _choose(name, ranked, edits)
        if origin is not None:
            values[name] = value
            origins[name] = origin
    terms = _terms(ranked, edits)
    if terms:
        origins["terms"] = STAFF if "terms" in edits else _first_with("terms", ranked)
    return Composed(
        values=values,
        origins=origins,
        terms=terms,
        places=_places(ranked),
        citations=tuple(CitedSource(c, _fields_of(c)) for c in ranked),
        evidence=tuple(e for c in ranked for e in c.values.get("evidence", ())),
        is_reference=bool(ranked) and not any(c.is_open for c in ranked),
    )


def _rank(contribution: Contribution) -> tuple[int, float, int]:
    """Highest priority first, then the freshest, then the oldest record (a stable order)."""
    return (
        -contribution.priority,
        -contribution.collected_at.timestamp(),
        contribution.record_id,
    )


def _field_names(ranked: Sequence[Contribution], edits: Mapping[str, Any]) -> list[str]:
    reproduction = {
        f"{REPRODUCTION}.{name}" for c in ranked for name in c.values.get(REPRODUCTION, {})
    }
    edited = {name for name in edits if name.startswith(f"{REPRODUCTION}.")}
    return [*TEXT_FIELDS, *CHOICE_FIELDS, *sorted(reproduction | edited)]


def _choose(
    name: str, ranked: Sequence[Contribution], edits: Mapping[str, Any]
) -> tuple[Any, str | int | None]:
    if name in edits:
        return edits[name], STAFF
    said = [(c, value) for c in ranked if (value := _value(c, name)) not in (None, "", {})]
    if not said:
        return None, None
    best = min(said, key=lambda pair: (-pair[0].priority, -_completeness(name, pair[1])))
    return best[1], best[0].record_id


def _completeness(name: str, value: Any) -> int:
    """Long texts win up to a point: beyond 2,000 characters, longer says no more."""
    if name in {"summary", "description"} or name.startswith(REPRODUCTION):
        return min(len(str(value)), 2000) // 200
    return 0


def _value(contribution: Contribution, name: str) -> Any:
    if name.startswith(f"{REPRODUCTION}."):
        return contribution.values.get(REPRODUCTION, {}).get(name.split(".", 1)[1])
    return contribution.values.get(name)


def _terms(ranked: Sequence[Contribution], edits: Mapping[str, Any]) -> tuple[str, ...]:
    if "terms" in edits:
        return tuple(dict.fromkeys(edits["terms"]))
    return tuple(dict.fromkeys(term for c in ranked for term in c.values.get("terms", ())))


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
