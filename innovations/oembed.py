"""oEmbed 1.0 (https://oembed.com): a site given the address of a search asks how to show it."""

import re
from typing import Any
from xml.etree import ElementTree

from django.conf import settings
from django.http import QueryDict

from innovations import widget
from innovations.feed import CONTROL, NAME
from innovations.search import InnovationSearch
from innovations.search_page import SearchPage

CACHED = 86_400


class Refused(Exception):
    """``status`` and ``message`` for who asked."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def answer(query: QueryDict) -> dict[str, Any]:
    """The answer to a consumer's request. Raises ``Refused``."""
    asked = widget.asked_in(query.get("url", ""))
    if asked is None:
        raise Refused(404, "« url » doit être l’adresse d’une recherche du Carrefour.")
    width = _at_most(query, "maxwidth", widget.WIDTH)
    height = _at_most(query, "maxheight", widget.HEIGHT)
    search = InnovationSearch.from_query(asked, widget.NAMES)
    page = SearchPage(search)
    look = widget.Look.of(asked, search.criteria.view)
    return {
        "version": "1.0",
        "type": "rich",
        "title": CONTROL.sub("", page.name),
        "provider_name": NAME,
        "provider_url": f"{settings.BASE_URL}/",
        "cache_age": CACHED,
        "width": width,
        "height": height,
        "html": CONTROL.sub("", widget.code(search, page, look, (str(width), height))),
    }


def xml(said: dict[str, Any]) -> bytes:
    root = ElementTree.Element("oembed")
    for name, value in said.items():
        ElementTree.SubElement(root, name).text = str(value)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _at_most(query: QueryDict, name: str, usual: int) -> int:
    asked = query.get(name, "")
    if not asked:
        return usual
    if not re.fullmatch(r"[0-9]{1,6}", asked) or not int(asked):
        raise Refused(400, f"« {name} » doit être un nombre de pixels.")
    return min(usual, int(asked))
