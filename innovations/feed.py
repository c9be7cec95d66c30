"""A search as an Atom feed (RFC 4287): its latest records, their sources as authors."""

import datetime
import html
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import strip_tags

from carrefour.caching import data_version
from carrefour.text import excerpt
from innovations.composition import EXTRACT_LENGTH
from innovations.licences import Licence
from innovations.models import Innovation
from innovations.search import InnovationSearch
from innovations.search_page import SearchPage

ENTRIES = 50
NAME = "Carrefour des innovations sociales"
RIGHTS = "Chaque fiche porte la licence de sa source."
LONG_AGO = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
# What XML 1.0 cannot hold.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class SearchFeed(Atom1Feed):
    """Atom1Feed with every author of an entry and the records that it was made from."""

    def latest_post_date(self) -> datetime.datetime:
        """An empty feed is as old as the data: asked again, it says the same."""
        dates = [item["updateddate"] for item in self.items]
        return max(dates, default=self.feed["made_of"] or LONG_AGO)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in dict.fromkeys(name for name, _ in item["sources"]):
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.endElement("author")
        for address in dict.fromkeys(address for _, address in item["sources"] if address):
            handler.addQuickElement("link", "", {"rel": "via", "href": address})


def atom(search: InnovationSearch, page: SearchPage) -> SearchFeed:
    """The feed of a search, newest first. The identifiers of entries outlive their addresses."""
    base = settings.BASE_URL
    feed = SearchFeed(
        title=CONTROL.sub("", f"{page.name} – {NAME}"),
        link=base + search.url(page=None),
        description="",
        subtitle=CONTROL.sub("", " ".join([*page.notices, page.relaxed]).strip()) or None,
        language="fr",
        author_name=NAME,
        feed_url=base + page.feed,
        feed_guid=base + page.feed,
        feed_copyright=RIGHTS,
        made_of=data_version().at,
    )
    for innovation in latest(search):
        _add(feed, innovation, base)
    return feed


def latest(search: InnovationSearch) -> list[Innovation]:
    ids = search.found.ids("recentes", 0, ENTRIES)
    found = Innovation.objects.for_cards().in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _add(feed: SearchFeed, innovation: Innovation, base: str) -> None:
    citations = list(innovation.citations.all())
    licences = dict.fromkeys(Licence(c.licence) for c in citations)
    text = innovation.summary or html.unescape(strip_tags(innovation.description))
    feed.add_item(
        title=CONTROL.sub("", innovation.title),
        link=base + innovation.get_absolute_url(),
        unique_id=f"tag:{urlsplit(base).hostname},2026:innovation-{innovation.pk}",
        # The summary is of type HTML: « R&D » and « <script> » are texts there as anywhere.
        description=html.escape(CONTROL.sub("", excerpt(text, EXTRACT_LENGTH)), quote=False),
        pubdate=innovation.published_at,
        updateddate=innovation.updated_at,
        categories=[term.label for term in innovation.terms.all()],
        item_copyright=" ; ".join(f"{x.label} {x.url}".strip() for x in licences),
        sources=[(CONTROL.sub("", c.partner_name), c.url) for c in citations] or [(NAME, "")],
    )
