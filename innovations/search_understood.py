"""What the page says of how a query was read: the place found in it, the words put right."""

import re
from dataclasses import dataclass
from typing import Any

from carrefour.text import typographic
from innovations.search import InnovationSearch
from innovations.search_criteria import RADII, Criteria
from innovations.search_place import label

INNER = re.compile(r'"([^"]*)"')


@dataclass(frozen=True)
class Reading:
    """Something read otherwise than written; ``url`` leads to the query as it was written."""

    written: str
    shown: str
    url: str


@dataclass(frozen=True)
class Radius:
    value: int | str
    label: str
    is_chosen: bool


def quoted(text: str) -> str:
    """A query between French quotation marks: those that it has of its own become inner ones."""
    inner = INNER.sub(r"“\1”", text)
    return f"« {inner} »"


def place_removed(criteria: Criteria) -> dict[str, Any]:
    """The changes that leave the place, wherever it was asked."""
    changes: dict[str, Any] = {"territoire": None, "lieu": None, "autour": None, "rayon": None}
    if criteria.in_text:
        changes["q"] = criteria.in_text.rest
    return changes


def place_label(criteria: Criteria) -> str:
    """« Lormes (58) », « Lormes (58), et 30 km autour »; "" without a place."""
    if criteria.point:
        name = "Point choisi sur la carte"
    else:
        name = label(criteria.territory) if criteria.territory else ""
    return f"{name}, et {criteria.radius} km autour" if criteria.radius else name


def located(criteria: Criteria) -> str:
    """« en Bretagne », « à 30 km au plus de Lormes », after a count; "" without a place."""
    place, radius = criteria.territory, criteria.radius
    if radius:
        centre = place.of if place and not criteria.point else "du point choisi"
        return f" à {radius} km au plus {centre}"
    return f" {place.located}" if place else ""


def place_in_text(search: InnovationSearch) -> Reading | None:
    """The words taken for a place, with the address that takes them for words."""
    found = search.criteria.in_text
    if found is None or found.place.territory is None:
        return None
    criteria = search.criteria
    shown = label(found.place.territory) if criteria.is_larger else place_label(criteria)
    return Reading(found.written, shown, search.url(lieux="non", rayon=None))


def very_place(search: InnovationSearch) -> Reading | None:
    """The way back to the very place of the text, when more than it was taken."""
    found = search.criteria.in_text
    if not found or not found.place.territory:
        return None
    if not search.criteria.added and not search.criteria.is_larger:
        return None
    where = found.place.territory.located
    return Reading(found.written, typographic(where), search.url(rayon=0))


def correction(search: InnovationSearch) -> Reading | None:
    """The text whose results are shown in place of the one written."""
    if not search.correction:
        return None
    return Reading(search.criteria.text, search.correction, search.url(corriger="non"))


def proposal(search: InnovationSearch) -> Reading | None:
    """A text that little stands between and more results."""
    if not search.proposal:
        return None
    url = search.url(q=search.proposal, corriger=None)
    return Reading(search.criteria.text, search.proposal, url)


def radii(criteria: Criteria) -> list[Radius]:
    """The choices of the box « Rayon »; the one asked in the address or the text among them."""
    known = sorted({*RADII, *([criteria.radius] if criteria.radius else [])})
    is_in_text = bool(criteria.in_text and (criteria.in_text.kilometres or criteria.added))
    nothing = Radius(0 if is_in_text or criteria.point else "", "Sans", criteria.radius is None)
    return [nothing, *(Radius(km, f"{km} km", km == criteria.radius) for km in known)]
