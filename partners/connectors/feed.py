"""RSS and Atom feeds (SPIP, Drupal…), with the full article where only a teaser is given."""

import calendar
import datetime
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import feedparser

from carrefour.http import FetchError
from partners.connectors.articles import body
from partners.connectors.base import Connector, RawRow, SourceError

MAX_PAGES = 200
# Below this an item is a teaser: its article is worth reading.
TEASER = 600


class FeedConnector(Connector):
    kind = "feed"
    label = "Flux RSS ou Atom"
    explanation = (
        "Un flux d’articles : chaque article est une fiche, son texte entier lu au besoin."
    )
    option_help = {
        "full_article": "true pour lire l’article entier quand le flux n’en donne que le chapeau.",
        "selector": "Sélecteur CSS du texte dans la page de l’article.",
        "page_param": "Paramètre du numéro de page du flux (paged pour WordPress).",
        "complete": (
            "true si le flux donne toutes les fiches : ce qui n’y est plus est alors retiré. Sans "
            "cela, un article sorti du flux est gardé."
        ),
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # A feed is a window on the latest articles: what left it is not gone from the site.
        self.is_complete = self.options.get("complete") is True
        # The articles may change without their feed changing.
        self.is_one_document = not (
            self.options.get("full_article") or self.options.get("page_param")
        )

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        rank, seen = 0, set()
        for entries, base in self._pages():
            new = [e for e in entries if self._identity(e) not in seen]
            if not new:
                return
            for entry in new:
                rank += 1
                seen.add(self._identity(entry))
                link = urljoin(base, entry.link) if entry.get("link") else ""
                yield RawRow(
                    data=self._data(entry, link),
                    position=f"article {rank}",
                    external_id=self._identity(entry) or None,
                    url=link,
                )

    def _pages(self) -> Iterator[tuple[list[Any], str]]:
        param = self.options.get("page_param")
        for number in range(1, MAX_PAGES + 1 if param else 2):
            params = {str(param): number} if param and number > 1 else None
            try:
                fetched = self.fetcher.get(
                    self.url, params=params, conditional=self.is_one_document
                )
            except FetchError as error:
                # Beyond the last page most sites answer 404.
                if number > 1 and error.code == "introuvable":
                    return
                raise
            feed = feedparser.parse(
                fetched.content,
                response_headers={
                    "content-type": fetched.headers.get("content-type", ""),
                    "content-location": fetched.url,
                },
                sanitize_html=False,
            )
            if not feed.version and not feed.entries:
                raise SourceError("format", "Ce n’est pas un flux RSS ou Atom lisible.")
            if not param:
                self.expected = len(feed.entries)
            yield feed.entries, fetched.url
        if param:
            self.is_complete = False
            self.warnings.append(f"Lecture arrêtée après {MAX_PAGES} pages.")

    @staticmethod
    def _identity(entry: Any) -> str:
        return str(entry.get("id") or entry.get("link") or "").strip()

    def _data(self, entry: Any, link: str) -> dict[str, Any]:
        content = next((c.get("value", "") for c in entry.get("content", [])), "")
        summary = entry.get("summary", "")
        data = {
            "id": self._identity(entry),
            "title": entry.get("title", ""),
            "link": link,
            "summary": summary,
            "content": content or summary,
            "tags": [t.term or t.get("label") for t in entry.get("tags", []) if t.get("term")],
            "author": entry.get("author", ""),
            "published": _iso(entry.get("published_parsed")),
            "updated": _iso(entry.get("updated_parsed")),
        }
        where = entry.get("where") or {}
        if where.get("type") == "Point":
            data["longitude"], data["latitude"] = where["coordinates"][:2]
        if self.options.get("full_article") and link and len(data["content"]) < TEASER:
            data["content"] = self._article(link) or data["content"]
        return {name: value for name, value in data.items() if value not in ("", [], None)}

    def _article(self, link: str) -> str:
        """The article's HTML; "" when its page cannot be read, and the run says so."""
        try:
            page = self.fetcher.get(link, accept="text/html").text()
        except FetchError as error:
            self.warnings.append(f"Article non lu, le chapeau est gardé. {error.message}")
            return ""
        return body(page, str(self.options.get("selector") or ""))


def _iso(moment: Any) -> str:
    """A feed's date (UTC struct_time) as AAAA-MM-JJ."""
    if not moment:
        return ""
    stamp = datetime.datetime.fromtimestamp(calendar.timegm(moment), tz=datetime.UTC)
    return stamp.date().isoformat()
