"""RSS, Atom and JSON feeds (SPIP, Drupal…), with the full article where only a teaser is given."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from carrefour.http import FetchError
from partners.connectors.articles import read
from partners.connectors.base import Connector, RawRow
from partners.connectors.feed_identities import Identities
from partners.connectors.feeds import Entry, Feed, parse

MAX_PAGES = 500
# Below this an item is a teaser: its article is worth reading.
TEASER = 600
# Feeds tell days, and clocks differ.
MARGIN = datetime.timedelta(days=1)


class FeedConnector(Connector):
    kind = "feed"
    label = "Flux RSS, Atom ou JSON Feed"
    explanation = (
        "Un flux d’articles : chaque article est une fiche, son texte entier lu au besoin."
    )
    option_help = {
        "full_article": "true pour lire l’article entier quand le flux n’en donne que le chapeau.",
        "selector": "Sélecteur CSS du texte dans la page de l’article ; trouvé tout seul sinon.",
        "page_param": "Paramètre du numéro de page du flux (paged pour WordPress).",
        "complete": (
            "true si le flux donne toutes les fiches : ce qui n’y est plus est alors retiré. Sans "
            "cela, un article sorti du flux est gardé."
        ),
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # A feed is a window on the latest articles: what left it is not gone from the site.
        self.is_complete = self.options.get("complete") is True
        self._reads_articles = bool(self.options.get("full_article"))
        # The articles may change without their feed changing.
        self.is_one_document = not (self._reads_articles or self.options.get("page_param"))
        # Nothing is spared but the articles.
        self.can_read_since = self._reads_articles

    def rows(
        self, *, resume: Any = None, since: datetime.datetime | None = None
    ) -> Iterator[RawRow]:
        at = resume if isinstance(resume, Mapping) else {}
        at = {"url": self.url, "page": 1, "read": 0, "by_title": False} | dict(at)
        names = Identities(by_title=at["by_title"])
        oldest = (since - MARGIN).date().isoformat() if since and self.can_read_since else ""
        seen: set[str] = set()
        while feed := self._page(at):
            names.give(feed.entries, is_first=at["page"] == 1)
            at["by_title"] = names.by_title
            new = [e for e in feed.entries if e["id"] not in seen or not e["id"]]
            if not new:
                return
            self._tell(feed, at)
            for rank, entry in enumerate(new, start=at["read"] + 1):
                seen.add(entry["id"])
                day = entry["updated"] or entry["published"]
                if not oldest or not day or day >= oldest:
                    yield self._row(entry, f"article {rank}", day)
            at = self._after(feed, at, len(new))
            if not at:
                return

    def _page(self, at: Mapping[str, Any]) -> Feed | None:
        """The feed at that page; None beyond the last one."""
        param = self.options.get("page_param")
        alone = self.is_one_document and set(self.fetcher.validators) <= {self.url}
        try:
            fetched = self.fetcher.get(
                at["url"],
                params={str(param): at["page"]} if param and at["page"] > 1 else None,
                conditional=alone,
            )
        except FetchError as error:
            # Beyond the last page most sites answer 404.
            if param and at["page"] > 1 and error.code == "introuvable":
                return None
            raise
        return parse(fetched)

    def _tell(self, feed: Feed, at: dict[str, Any]) -> None:
        """What this page says of the whole, before its first row."""
        follows = bool(self.options.get("page_param") or feed.following)
        self.cursor = at if follows or at["page"] > 1 else None
        if at["page"] == 1:
            self.is_complete |= feed.is_whole
            self.expected = None if follows or self._reads_articles else len(feed.entries)
        self.is_one_document &= not follows
        if feed.is_broken:
            self.is_complete = False
            self.warnings.append("Flux mal formé : seuls les articles qui se lisent sont pris.")

    def _after(self, feed: Feed, at: Mapping[str, Any], count: int) -> dict[str, Any]:
        """Where the next page is; empty when there is none."""
        following = {**at, "page": at["page"] + 1, "read": at["read"] + count}
        if following["page"] > MAX_PAGES:
            self.stop_at(MAX_PAGES)
            return {}
        if self.options.get("page_param"):
            return following
        return following | {"url": feed.following} if feed.following else {}

    def _row(self, entry: Entry, position: str, day: str) -> RawRow:
        data = dict(entry)
        link = data["link"]
        if self._reads_articles and link and len(data["content"]) < TEASER:
            try:
                article = read(self.fetcher, link, str(self.options.get("selector") or ""))
                data["content"] = article.text or data["content"]
                data["picture"] = data["picture"] or article.picture
            except FetchError as error:
                self.warnings.append(f"Article non lu, le chapeau est gardé. {error.message}")
        return RawRow(
            data={name: value for name, value in data.items() if value not in ("", [], None)},
            position=position,
            external_id=data["id"] or None,
            url=link,
            licence=data["licence"],
            date=day,
        )
