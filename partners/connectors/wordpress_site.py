"""A WordPress site's REST API: where it is, the names of its terms, its pictures."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from carrefour.http import Fetched, Fetcher, FetchError

SIZE = 100
# Terms of one taxonomy, by hundreds.
MAX_PAGES = 200
CORE = {"categories": "categories", "tags": "tags"}
# Ours to set, whatever the address pasted.
OURS = {"page", "per_page", "rest_route", "_fields", "_embed", "context", "orderby", "order"}


class Site:
    """The site of an address: its own, or any inside its API.

    ``kind`` is the content type that the address names, ``params`` what it asks besides.
    """

    def __init__(self, url: str, fetcher: Fetcher) -> None:
        self.fetcher = fetcher
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        path, has_pretty, inside = parts.path.partition("/wp-json")
        inside = inside or query.get("rest_route", "")
        self.home = f"{parts.scheme}://{parts.netloc}{path.removesuffix('/index.php')}".rstrip("/")
        # Without « pretty » permalinks, the API is a parameter of the home page.
        self.is_plain = "rest_route" in query and not has_pretty
        self.kind = inside.partition("/wp/v2/")[2].strip("/")
        self.params = {name: value for name, value in query.items() if name not in OURS}
        self.warnings: list[str] = []
        self._names: dict[str, dict[int, str]] = {}

    def get(self, path: str, **params: Any) -> Fetched:
        """One collection of the API. Raises ``FetchError``."""
        if self.is_plain:
            params = {"rest_route": f"/wp/v2/{path}", **params}
            return self.fetcher.get(f"{self.home}/", params=params, accept="application/json")
        return self.fetcher.get(
            f"{self.home}/wp-json/wp/v2/{path}", params=params, accept="application/json"
        )

    def taxonomies(self) -> dict[str, str]:
        """Name in addresses → taxonomy; the core ones when the site does not tell.

        Asked first: it is what tells that the API is a parameter of the home page.
        """
        for is_plain in dict.fromkeys((self.is_plain, True)):
            was_plain, self.is_plain = self.is_plain, is_plain
            try:
                listed = self.get("taxonomies").json()
            except FetchError as error:
                self.is_plain = was_plain
                if error.code in {"introuvable", "contenu"}:
                    continue
                return dict(CORE)
            if isinstance(listed, Mapping):
                return {str(t.get("rest_base") or name): str(name) for name, t in listed.items()}
        return dict(CORE)

    def types(self) -> list[str]:
        """The content types that anyone may read, as addresses name them; empty when untold."""
        try:
            listed = self.get("types").json()
        except FetchError:
            return []
        if not isinstance(listed, Mapping):
            return []
        return [str(t.get("rest_base") or n) for n, t in listed.items() if isinstance(t, Mapping)]

    def terms(self, base: str, numbers: list[Any]) -> list[Any]:
        """The names of these terms; their numbers when the taxonomy cannot be read."""
        try:
            names = self._term_names(base)
        except FetchError as error:
            self.warnings.append(f"Termes non lus, leurs numéros sont gardés. {error.message}")
            names = self._names[base] = {}
        return [names[n] for n in numbers if n in names] if names else numbers

    def _term_names(self, base: str) -> dict[int, str]:
        if base not in self._names:
            names: dict[int, str] = {}
            for number in range(1, MAX_PAGES):
                terms = self.get(base, per_page=SIZE, page=number, _fields="id,name").json()
                terms = [t for t in terms if isinstance(t, Mapping)]
                names |= {t["id"]: str(t["name"]) for t in terms if "id" in t and "name" in t}
                if len(terms) < SIZE:
                    break
            self._names[base] = names
        return self._names[base]

    def pictures(self, numbers: Iterable[int]) -> dict[int, Mapping[str, Any]]:
        """Number → {source_url, alt_text} of these media, one request. Raises ``FetchError``."""
        asked = ",".join(str(n) for n in sorted(set(numbers)))
        if not asked:
            return {}
        fields = "id,source_url,alt_text"
        found = self.get("media", include=asked, per_page=SIZE, _fields=fields).json()
        return {m["id"]: m for m in found if isinstance(m, Mapping) and "id" in m}
