"""How far the records are from a point, and the nearest first."""

from collections.abc import Collection

from django.db.models import Min, OuterRef, Subquery
from django.db.models.functions import Coalesce

from innovations.models import SearchPlace
from innovations.querysets import SearchRowQuerySet
from innovations.search_map import distance

Centre = tuple[float, float]
# Beyond any distance on Earth: what has no place comes last.
NOWHERE = 99_999.0


def nearest(rows: SearchRowQuerySet, centre: Centre, start: int, stop: int) -> list[int]:
    """The innovations of ``rows`` from ``start`` to ``stop``, by their nearest place."""
    latitude, longitude = centre
    places = SearchPlace.objects.filter(innovation=OuterRef("innovation")).annotate(
        away=distance(longitude, latitude)
    )
    away = Subquery(places.order_by("away").values("away")[:1])
    ordered = rows.annotate(away=Coalesce(away, NOWHERE)).order_by("away", "-innovation_id")
    return list(ordered.values_list("pk", flat=True)[start:stop])


def kilometres(innovation_ids: Collection[int], centre: Centre) -> dict[int, float]:
    """{innovation: kilometres from the centre to its nearest place}; one query."""
    latitude, longitude = centre
    places = SearchPlace.objects.filter(innovation__in=list(innovation_ids))
    found = places.values("innovation").annotate(away=Min(distance(longitude, latitude)))
    return dict(found.values_list("innovation", "away"))
