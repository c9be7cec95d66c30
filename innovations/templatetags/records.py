"""Words of the record pages."""

from collections.abc import Sequence

from django import template

from innovations import record_page
from innovations.models import Citation, Location

# Named one by one in a cell of a table.
MOST_PLACES = 10
register = template.Library()
register.filter("field_label", record_page.field_label)


@register.filter
def told_by(place: Location, page: record_page.RecordPage) -> list[Citation]:
    """The sources of a place, where the record has several."""
    return page.tells_site(place)


@register.filter
def place_name(place: Location) -> str:
    """The territory, else what the source wrote, said to be off the map, else the point alone."""
    if place.territory:
        return str(place.territory)
    if place.longitude is None or place.latitude is None:
        return f"{place.label or 'Lieu non précisé'} (non situé sur la carte)"
    if place.label:
        return place.label
    return f"Point {place.latitude:.3f}, {place.longitude:.3f} (latitude, longitude)"


@register.filter
def place_names(places: Sequence[Location]) -> str:
    """The names of places, each once, the first ones of many: « Lormes, Corbigny et 3 autres »."""
    names = list(dict.fromkeys(place_name(place) for place in places))
    more = len(names) - MOST_PLACES
    if more < 2:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_PLACES])} et {more} autres"
