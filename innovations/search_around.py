"""When little answers in the place that stands among the words: what lies around it, or larger.

The page says so, and « rayon=0 » keeps to the very place.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from carrefour.text import typographic
from innovations.query_place import RADIUS, UPPER
from innovations.search_criteria import Criteria
from innovations.search_wider import ENOUGH
from territories.kinds import Kind
from territories.models import Territory

if TYPE_CHECKING:
    from innovations.search import InnovationSearch

# What a territory is widened to, the nearest first; then all of France.
LEVELS = (Kind.EPCI, Kind.DEPARTEMENT, Kind.COLLECTIVITE, Kind.REGION)


def settled(search: "InnovationSearch") -> "InnovationSearch":
    """The same with its place as it is taken, for a search that has one among its words."""
    place = search.criteria.territory
    if place is not None and place.kind in UPPER:
        return _in_larger(search, place)
    return _in_text(_around(search))


def larger_than(territory: Territory | None) -> list[Territory]:
    """Its intercommunalité, département and région, the nearest first; one query."""
    if territory is None:
        return []
    around = Territory.objects.ancestors_of(territory).of_kind(*LEVELS).exclude(pk=territory.pk)
    return sorted(around, key=lambda each: LEVELS.index(Kind(each.kind)))


def _around(search: "InnovationSearch") -> "InnovationSearch":
    """With what lies around its commune, when few records of the commune answer: people go to the
    next one."""
    criteria = search.criteria
    if not _is_free(criteria) or search.said.unfaceted_total >= ENOUGH:
        return search
    told = (
        f"Peu de fiches répondent dans la commune même : celles qui s’en trouvent "
        f"à {RADIUS} km au plus s’y ajoutent."
    )
    wider = _taking(search, replace(criteria, added=RADIUS), told)
    is_more = wider.said.unfaceted_total > search.said.unfaceted_total
    return wider if is_more else search


def _is_free(criteria: Criteria) -> bool:
    """Whether no distance is asked around the place."""
    is_known = criteria.territory is not None
    return is_known and criteria.radius is None and criteria.radius_asked is None


def _in_text(search: "InnovationSearch") -> "InnovationSearch":
    """Without its place when no record is there: its name is then a word of the text, which tells
    where as well. What can only be a place stays one: the page then leads to the nearest places
    that have records."""
    place = search.criteria.in_text
    if not place or place.is_certain or search.found.unfaceted_total:
        return search
    free = _freed(search)
    return free if free.found.unfaceted_total else search


def _freed(search: "InnovationSearch") -> "InnovationSearch":
    criteria, place = search.criteria, search.criteria.in_text
    said = f"ne répond à « {criteria.words} »" if criteria.words else "ne se trouve"
    told = f"Aucune fiche {said} en ce lieu : tous vos mots ont été cherchés dans les fiches."
    released = place.written if place else ""
    free = replace(criteria, in_text=None, released=released, reads_places=False)
    return _taking(search, free, told)


def _in_larger(search: "InnovationSearch", place: Territory) -> "InnovationSearch":
    """When nothing answers in a département or a région: what says its name among the words, else
    what answers in the région, else in all of France."""
    criteria = search.criteria
    if not criteria.words or not _is_free(criteria) or search.found.unfaceted_total:
        return search
    is_certain = criteria.in_text is not None and criteria.in_text.is_certain
    if not is_certain and (free := _freed(search)).said.unfaceted_total:
        return free
    for territory in larger_than(place):
        wider = _larger(search, place, replace(criteria, larger=territory))
        if wider.found.unfaceted_total:
            return wider
    wider = _larger(search, place, replace(criteria, is_anywhere=True))
    return wider if wider.found.unfaceted_total else search


def _larger(search: "InnovationSearch", place: Territory, criteria: Criteria) -> "InnovationSearch":
    where = criteria.territory.located if criteria.territory else "dans toute la France"
    told = (
        f"Aucune fiche ne répond {typographic(place.located)} : voici celles qui répondent "
        f"{typographic(where)}."
    )
    return _taking(search, criteria, told)


def _taking(search: "InnovationSearch", criteria: Criteria, told: str) -> "InnovationSearch":
    return replace(search, criteria=replace(criteria, notices=(*criteria.notices, told)))
