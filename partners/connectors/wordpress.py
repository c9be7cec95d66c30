"""WordPress: one content type through its REST API, taxonomies given by their names."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from carrefour.http import FetchError
from partners.connectors.base import Connector, RawRow, SourceError

SIZE = 100
MAX_PAGES = 1000
CORE = {"categories": "categories", "tags": "tags"}


class WordPressConnector(Connector):
    kind = "wordpress"
    label = "WordPress (API REST)"
    explanation = "Un site WordPress : l’adresse du site suffit, avec le type de contenu à lire."
    option_help = {
        "type": "Type de contenu dans l’API (posts, project, innovation…) ; posts sinon.",
        "taxonomies": "Taxonomies à lire (liste) ; toutes celles des fiches sinon.",
        "params": "Autres paramètres à envoyer (objet), par exemple une catégorie.",
    }

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        self._names: dict[str, dict[int, str]] = {}
        self._bases = self._taxonomy_bases()
        read = 0
        for number in range(1, MAX_PAGES + 1):
            items, pages = self._page(number)
            for place, item in enumerate(items, start=1):
                yield RawRow(
                    data=self._resolved(item),
                    position=f"page {number}, rang {place}",
                    external_id=str(item["id"]) if item.get("id") else None,
                    url=str(item.get("link") or ""),
                )
            read += len(items)
            if number >= pages or not items:
                self.check_expected(read)
                return
        self.is_complete = False
        self.warnings.append(f"Lecture arrêtée après {MAX_PAGES} pages.")

    @property
    def root(self) -> str:
        """The API's root, from the site's address or from any address inside the API."""
        before, found, _ = self.url.partition("/wp-json")
        return f"{before if found else self.url.rstrip('/')}/wp-json/wp/v2/"

    def _page(self, number: int) -> tuple[list[dict[str, Any]], int]:
        kind = str(self.options.get("type") or self._kind_of_url() or "posts")
        params = {"per_page": SIZE, "page": number, **(self.options.get("params") or {})}
        fetched = self.fetcher.get(urljoin(self.root, kind), params=params)
        items = fetched.json()
        if not isinstance(items, list):
            raise SourceError("format", f"« {kind} » n’est pas une liste de l’API WordPress.")
        total = fetched.headers.get("x-wp-total", "")
        self.expected = int(total) if total.isdigit() else self.expected
        pages = fetched.headers.get("x-wp-totalpages", "")
        # Without the header (a cache dropped it), a full page means that another may follow.
        return items, int(pages) if pages.isdigit() else number + (len(items) == SIZE)

    def _kind_of_url(self) -> str:
        _, found, kind = self.url.partition("/wp-json/wp/v2/")
        return kind.partition("?")[0].strip("/") if found else ""

    def _taxonomy_bases(self) -> dict[str, str]:
        """Taxonomy → its name in addresses; the core ones when the site does not tell."""
        try:
            listed = self.fetcher.get(urljoin(self.root, "taxonomies")).json()
        except FetchError:
            return dict(CORE)
        if not isinstance(listed, Mapping):
            return dict(CORE)
        bases = {str(t.get("rest_base") or name): str(name) for name, t in listed.items()}
        wanted = set(self.options.get("taxonomies") or bases)
        return {base: name for base, name in bases.items() if {base, name} & wanted}

    def _resolved(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The item without its links, its term numbers replaced by names."""
        data = {k: v for k, v in item.items() if k not in {"_links", "_embedded", "guid"}}
        for base in self._bases:
            numbers = item.get(base)
            if isinstance(numbers, list) and numbers:
                names = self._term_names(base)
                data[base] = [names[n] for n in numbers if n in names]
        return data

    def _term_names(self, base: str) -> dict[int, str]:
        if base not in self._names:
            names: dict[int, str] = {}
            for number in range(1, MAX_PAGES):
                params = {"per_page": SIZE, "page": number, "_fields": "id,name"}
                terms = self.fetcher.get(urljoin(self.root, base), params=params).json()
                names |= {t["id"]: str(t["name"]) for t in terms if "id" in t and "name" in t}
                if len(terms) < SIZE:
                    break
            self._names[base] = names
        return self._names[base]
