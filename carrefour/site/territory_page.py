"""What a territory's page shows: who contains it, its innovations, its replications."""

from collections.abc import Sequence
from math import cos, radians
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, Subquery, Window
from django.db.models.functions import Coalesce
from django.urls import reverse

from essaimage.models import Experiment, Obstacle, Replication
from essaimage.obstacles.searching import within
from innovations import search_facets
from innovations.models import Innovation, Location, SearchRow
from innovations.search_place import parameter
from territories.kinds import Kind
from territories.models import Territory, TerritoryOutline

LATEST = 9
REPLICATIONS = 12
OBSTACLES, EXPERIMENTS = 6, 6
# From the largest to the smallest, as the breadcrumb goes down.
LEVELS = (Kind.REGION, Kind.DEPARTEMENT, Kind.COLLECTIVITE, Kind.EPCI, Kind.COMMUNE)


class Some(NamedTuple):
    """The first rows of a list, and how many it has."""

    rows: list[Any]
    number: int


def find(kind: str, code: str) -> Territory | None:
    return Territory.objects.at(kind, code).select_related("successor").first()


def context(territory: Territory) -> dict[str, Any]:
    """The page, in a number of queries that does not depend on what is published."""
    rows = SearchRow.objects.filter(territory_ids__contains=[territory.pk])
    latest = rows.order_by("-published_at", "-innovation_id").values_list("pk", flat=True)[:LATEST]
    innovations = Innovation.objects.filter(pk__in=list(latest)).for_cards()
    return {
        "territory": territory,
        "parents": parents(territory),
        "published_count": rows.count(),
        "innovations": innovations,
        "inside": inside(territory, rows),
        "replications": replications(territory),
        "taken_elsewhere": taken_elsewhere(territory),
        "obstacles": obstacles(territory),
        "experiments": experiments(territory),
        "asked_here": f"territoire={parameter(territory)}",
        "outline": outline(territory),
        "search_url": f"{reverse('innovations:search')}?territoire={parameter(territory)}",
        "canonical": territory.get_absolute_url(),
    }


def parents(territory: Territory) -> list[Territory]:
    """What contains it, the largest first; the whole country and itself left out."""
    found = Territory.objects.ancestors_of(territory).exclude(pk=territory.pk)
    return sorted((t for t in found if t.kind in LEVELS), key=lambda t: LEVELS.index(Kind(t.kind)))


def inside(territory: Territory, rows: Any) -> list[tuple[Territory, int]]:
    """The territories just below that hold innovations, with their number: départements of a
    région, communes of what is smaller."""
    below = Kind.DEPARTEMENT if territory.kind in {Kind.REGION, Kind.PAYS} else Kind.COMMUNE
    counts = search_facets.within(rows, territory.pk, below)
    found = {t.pk: t for t in Territory.objects.filter(pk__in=counts)}
    pairs = [(found[pk], number) for pk, number in counts.items() if pk in found]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0].name_key))[:24]


def outline(territory: Territory) -> dict[str, str] | None:
    """The outline as an SVG path and its box; longitudes narrowed as the latitude asks."""
    found = TerritoryOutline.objects.filter(territory=territory).first()
    if found is None:
        return None
    west, south, east, north = found.bbox
    narrow = cos(radians((south + north) / 2))
    scale = 1000 / max((east - west) * narrow, north - south, 1e-6)

    def point(position: Sequence[float]) -> str:
        x, y = (position[0] - west) * narrow * scale, (north - position[1]) * scale
        return f"{x:.0f} {y:.0f}"

    path = "".join(f"M{'L'.join(map(point, ring))}Z" for ring in _rings(found.geometry))
    width, height = (east - west) * narrow * scale, (north - south) * scale
    return {"path": path, "viewbox": f"-10 -10 {width + 20:.0f} {height + 20:.0f}"}


def _rings(geometry: dict[str, Any]) -> list[list[Sequence[float]]]:
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    return [ring for polygon in polygons for ring in polygon]


def replications(territory: Territory) -> list[Replication]:
    """The replications that aim at it or at a place inside it, of published innovations."""
    return list(
        Replication.objects.of_public()
        .for_record()
        .filter(territory__ancestor_ids__contains=[territory.pk])
        .select_related("innovation__merged_into")
        .order_by("-pk")[:REPLICATIONS]
    )


def taken_elsewhere(territory: Territory) -> list[Replication]:
    """The replications, begun outside it, of innovations that started here.

    An innovation started at the first place that its record names.
    """
    if territory.kind == Kind.PAYS:
        return []
    first = Location.objects.filter(
        innovation=Coalesce(OuterRef("innovation__merged_into"), OuterRef("innovation"))
    ).order_by("position", "pk")
    here = Territory.objects.within(territory).values("pk")
    return list(
        Replication.objects.of_public()
        .spread()
        .alias(started_at=Subquery(first.values("territory")[:1]))
        .filter(started_at__in=here)
        .exclude(Q(territory=None) | Q(territory__ancestor_ids__contains=[territory.pk]))
        .for_record()
        .select_related("innovation__merged_into")
        .order_by("-pk")[:REPLICATIONS]
    )


def obstacles(territory: Territory) -> Some:
    """The public obstacles met in it or inside it: those that were lifted first."""
    here = Obstacle.objects.of_public().filter(within([territory.pk])).for_list().with_reading()
    return _some(here.lifted_first(), OBSTACLES)


def experiments(territory: Territory) -> Some:
    """The public experiments led in it or inside it, the last recorded first."""
    here = Experiment.objects.of_public().within(territory).for_list()
    return _some(here.order_by("-created_at", "-pk"), EXPERIMENTS)


def _some(rows: Any, most: int) -> Some:
    """Rows and number in one query."""
    found = list(rows.annotate(total=Window(Count("pk")))[:most])
    return Some(found, found[0].total if found else 0)
