"""What a card says of an innovation; everything comes from ``for_cards()``: no query here."""

import html

from django import template
from django.utils.html import strip_tags

from carrefour.french import agree, counted, grouped
from carrefour.text import excerpt
from innovations.composition import EXTRACT_LENGTH
from innovations.models import Innovation, Location, Picture, Vocabulary
from innovations.search_text import START, marked
from territories.models import Territory

register = template.Library()
MOST_THEMES = 3
TEXT_LENGTH = 220


@register.simple_tag
def card_text(innovation: Innovation, length: int = TEXT_LENGTH) -> str:
    """The passage that matched the search, else the beginning of the summary or description."""
    passages = (getattr(innovation, name, "") for name in ("highlight", "highlight_body"))
    found = next((passage for passage in passages if START in passage), "")
    if found and not innovation.is_reference:
        return marked(found)
    text = innovation.summary or html.unescape(strip_tags(innovation.description))
    return excerpt(text, min(length, EXTRACT_LENGTH))


@register.simple_tag
def card_themes(innovation: Innovation) -> list[str]:
    themes = [t.label for t in innovation.terms.all() if t.vocabulary == Vocabulary.THEME]
    return themes[:MOST_THEMES]


@register.simple_tag
def card_picture(innovation: Innovation) -> Picture | None:
    """The copied picture of a record shown in full."""
    picture = getattr(innovation, "picture", None)
    return picture if picture and picture.is_shown and not innovation.is_reference else None


@register.simple_tag
def card_place(innovation: Innovation, near: Territory | str | None = None) -> str:
    """The first place, one in ``near`` if given, and how many others: « Lormes et 3 autres lieux ».

    ``near`` is "" where the template has none.
    """
    places = innovation.shown_locations
    if near and not isinstance(near, str):
        places = sorted(places, key=lambda place: not _lies_in(place, near))
    if not places:
        return "Lieu non précisé"
    first = str(places[0].territory or places[0].label) or "Un lieu"
    others = len(places) - 1
    if not others:
        return first
    return f"{first} et {counted(others, 'autre lieu')}"


@register.simple_tag
def card_distance(innovation: Innovation) -> str:
    """« , à 12 km » of the place that the search gives, « , à moins d’un kilomètre »."""
    away = getattr(innovation, "away", None)
    if away is None:
        return ""
    return f", à {grouped(round(away))} km" if away >= 1 else ", à moins d’un kilomètre"


@register.simple_tag
def card_sources(innovation: Innovation) -> str:
    """« Source : semeoz » or « Sources : semeoz, Bretagne créative »."""
    names = list(dict.fromkeys(c.partner_name for c in innovation.citations.all()))
    if not names:
        return ""
    return f"{agree(len(names), 'Source')} : {', '.join(names)}"


def _lies_in(place: Location, around: Territory) -> bool:
    return bool(place.territory and around.pk in place.territory.ancestor_ids)
