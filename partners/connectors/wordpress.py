"""WordPress: one content type through its REST API, terms and pictures resolved."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from carrefour.http import Fetched, FetchError
from partners.connectors.base import Connector, RawRow, SourceError, asked_since
from partners.connectors.provenance import date_of
from partners.connectors.wordpress_site import SIZE, Site

MAX_PAGES = 5000
LINKS = {"_links", "_embedded", "guid"}


class WordPressConnector(Connector):
    kind = "wordpress"
    label = "WordPress (API REST)"
    explanation = "Un site WordPress : l’adresse du site suffit, avec le type de contenu à lire."
    option_help = {
        "type": "Type de contenu dans l’API (posts, project, innovation…) ; posts sinon.",
        "taxonomies": "Taxonomies à lire (liste) ; toutes celles des fiches sinon.",
        "size": "Nombre de fiches par page (100 au plus) ; moins pour un site lent.",
        "params": "Autres paramètres à envoyer (objet), par exemple une catégorie.",
    }
    can_read_since = True

    def rows(
        self, *, resume: Any = None, since: datetime.datetime | None = None
    ) -> Iterator[RawRow]:
        self.site = Site(self.url, self.fetcher)
        self.site.warnings = self.warnings
        listed = self.site.taxonomies()
        wanted = set(self.options.get("taxonomies") or listed)
        self._bases = [base for base, name in listed.items() if {base, name} & wanted]
        self._has_pictures = True
        at = resume if isinstance(resume, Mapping) else {}
        first, read = int(at.get("page", 1)), int(at.get("read", 0))
        for number in range(first, MAX_PAGES + 1):
            items, pages = self._page(number, since)
            self.cursor = {"page": number, "read": read}
            pictures = self._pictures(items)
            for place, item in enumerate(items, start=1):
                yield self._row(item, pictures, f"page {number}, rang {place}")
            read += len(items)
            if number >= pages or not items:
                self.check_expected(read)
                return
        self.stop_at(MAX_PAGES)

    def _page(
        self, number: int, since: datetime.datetime | None
    ) -> tuple[list[dict[str, Any]], int]:
        """The items of a page, and how many pages there are."""
        size = self.integer("size", SIZE)
        # By number: what is published while we read comes last, and shifts no page.
        params = {"per_page": size, "page": number, "orderby": "id", "order": "asc"}
        if since:
            params["modified_after"] = asked_since(since).strftime("%Y-%m-%dT%H:%M:%SZ")
        params |= {**self.site.params, **(self.options.get("params") or {})}
        fetched = self._ask(number, params)
        items = fetched.json() if fetched else []
        if not isinstance(items, list):
            raise SourceError("format", f"« {self.type} » n’est pas une liste de l’API WordPress.")
        headers: Mapping[str, str] = fetched.headers if fetched else {}
        total, pages = headers.get("x-wp-total", ""), headers.get("x-wp-totalpages", "")
        self.expected = int(total) if total.isdigit() else self.expected
        # Without the header (a cache dropped it), a full page means that another may follow.
        return items, int(pages) if pages.isdigit() else number + (len(items) >= size)

    @property
    def type(self) -> str:
        return str(self.options.get("type") or self.site.kind or "posts")

    def _ask(self, number: int, params: Mapping[str, Any]) -> Fetched | None:
        """One page of the type; None beyond the last one."""
        try:
            return self.site.get(self.type, **params)
        except FetchError as error:
            if number > 1 and error.status == 400:
                return None
            if error.code == "acces-refuse":
                raise SourceError(
                    "acces",
                    f"Le site ne montre pas le type « {self.type} » sans compte "
                    f"({error.status}) : un accès est à demander au partenaire.",
                ) from error
            known = self.site.types() if error.code == "introuvable" and number == 1 else []
            if not known:
                raise
            raise SourceError(
                "type", f"Le type « {self.type} » est absent. Types : {', '.join(known)}."
            ) from error

    def _pictures(self, items: list[dict[str, Any]]) -> Mapping[int, Mapping[str, Any]]:
        numbers = [i["featured_media"] for i in items if isinstance(i.get("featured_media"), int)]
        try:
            return self.site.pictures(n for n in numbers if n) if self._has_pictures else {}
        except FetchError as error:
            self._has_pictures = False
            self.warnings.append(f"Images non lues. {error.message}")
            return {}

    def _row(
        self, item: Mapping[str, Any], pictures: Mapping[int, Mapping[str, Any]], position: str
    ) -> RawRow:
        """The item without its links, its numbers (terms, picture) replaced by what they name."""
        data = {name: value for name, value in item.items() if name not in LINKS}
        for base in self._bases:
            numbers = item.get(base)
            if isinstance(numbers, list) and numbers:
                data[base] = self.site.terms(base, numbers)
        shown = pictures.get(item.get("featured_media") or 0)
        if shown and shown.get("source_url"):
            data["picture"] = shown["source_url"]
            data["picture_alt"] = shown.get("alt_text") or ""
        changed = str(item.get("modified_gmt") or "")
        return RawRow(
            data=data,
            position=position,
            external_id=str(item["id"]) if item.get("id") else None,
            url=str(item.get("link") or ""),
            date=date_of(f"{changed}Z" if changed else item.get("modified")),
        )
