"""When nothing answers: which one filter to remove, or which wider territory, gives results."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from innovations.search import InnovationSearch
from innovations.search_around import larger_than
from innovations.search_asked import Asked
from innovations.search_criteria import RADII
from innovations.search_facets import BY_NAME
from innovations.search_place import parameter
from innovations.search_understood import place_removed

# As many counts at most, however many filters are chosen.
MOST = 8


@dataclass(frozen=True)
class Relaxed:
    """One thing relaxed: what ``asked`` becomes, the parameters that say it, and its results."""

    label: str
    asked: Asked
    changes: Mapping[str, Any]
    total: int = 0


def relaxations(search: InnovationSearch) -> list[Relaxed]:
    """What gives results, in the order of the filters; one count each."""
    if search.total:
        return []
    counted = [
        replace(each, total=search.found.asking(each.asked).total)
        for each, _ in zip(_possible(search), range(MOST), strict=False)
    ]
    return [each for each in counted if each.total]


def _possible(search: InnovationSearch) -> Iterator[Relaxed]:
    asked, criteria = search.found.asked, search.criteria
    yield from _wider(search)
    for name in asked.chosen:
        others = {other: values for other, values in asked.chosen.items() if other != name}
        label = f"Sans le filtre « {BY_NAME[name].label} »"
        yield Relaxed(label, replace(asked, chosen=others), {name: None})
    if asked.year_from or asked.year_to:
        anytime = replace(asked, year_from=None, year_to=None)
        yield Relaxed("Quelle que soit l’année", anytime, {"annee_min": None, "annee_max": None})
    if criteria.box:
        unboxed = replace(asked, narrowing=search.narrowing(box=False))
        yield Relaxed("Hors de la zone de la carte", unboxed, {"bbox": None})
    if criteria.territory or criteria.point:
        anywhere = replace(asked, territory_id=None, narrowing=search.narrowing(radius=False))
        yield Relaxed("Dans toute la France", anywhere, place_removed(criteria))


def _wider(search: InnovationSearch) -> Iterator[Relaxed]:
    """A larger radius, then each larger territory."""
    asked, criteria = search.found.asked, search.criteria
    if criteria.radius:
        wider = next((km for km in RADII if km > criteria.radius), None)
        if wider:
            there = replace(asked, narrowing=search.narrowing(kilometres=wider))
            yield Relaxed(f"À moins de {wider} km", there, {"rayon": wider})
    for territory in larger_than(criteria.territory):
        there = replace(asked, territory_id=territory.pk, narrowing=search.narrowing(radius=False))
        changes = place_removed(criteria) | {"territoire": parameter(territory)}
        label = territory.located
        yield Relaxed(label[:1].upper() + label[1:], there, changes)
