"""JSON: a list at some path of a document or of an API read page by page, GeoJSON included."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

import jmespath
from jmespath.exceptions import JMESPathError

from carrefour.http import Fetched
from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.shapes import list_path, plain_feature

MAX_PAGES = 2000
LINK_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*rel="?next"?', re.IGNORECASE)


class JsonConnector(Connector):
    kind = "json"
    label = "JSON (fichier, API, GeoJSON)"
    explanation = "Un document JSON ou une API : une liste de fiches, lue page par page au besoin."
    option_help = {
        "path": "Chemin de la liste dans le document (JMESPath) ; trouvé tout seul sinon.",
        "page_param": "Paramètre du numéro de page (page, p…).",
        "first_page": "Numéro de la première page (1 d’ordinaire).",
        "offset_param": "Paramètre du rang de départ (offset, start…).",
        "size_param": "Paramètre du nombre de fiches par page (per_page, limit…).",
        "size": "Nombre de fiches demandées par page.",
        "next": "Chemin de l’adresse de la page suivante dans la réponse (JMESPath).",
        "total": "Chemin du nombre total de fiches dans la réponse (JMESPath).",
        "grouped": "true si une même fiche revient sur plusieurs éléments, un par lieu.",
        "params": "Autres paramètres à envoyer (objet).",
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.several_rows_per_record = bool(self.options.get("grouped"))
        self.is_one_document = not ({"page_param", "offset_param", "next"} & set(self.options))

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        rank = 0
        for number, items in enumerate(self._pages(), start=1):
            for place, item in enumerate(items, start=1):
                rank += 1
                where = f"rang {rank}" if self.is_one_document else f"page {number}, rang {place}"
                data = plain_feature(item) if isinstance(item, Mapping) else {"valeur": item}
                yield RawRow(data=data, position=where)
        self.check_expected(rank)

    def _pages(self) -> Iterator[list[Any]]:
        url: str | None = self.url
        params = dict(self.options.get("params") or {}) | self._size()
        page, read, seen = self.integer("first_page", 1), 0, set()
        while url:
            fetched = self.fetcher.get(
                url,
                params=params | self._position(page, read),
                accept="application/json",
                conditional=self.is_one_document,
            )
            document = fetched.json()
            items = self._items(document)
            yield items
            read += len(items)
            seen.add(fetched.url)
            following = self._next(document, fetched)
            if following is not None:
                url, params = following, {}
            elif not items or not self._goes_on(read):
                return
            if following in seen:
                return
            page += 1
            if len(seen) >= MAX_PAGES:
                self.is_complete = False
                self.warnings.append(f"Lecture arrêtée après {MAX_PAGES} pages.")
                return

    def _items(self, document: Any) -> list[Any]:
        path = self.options.get("path")
        if path is None:
            path = self.options["path"] = list_path(document)
        if self.expected is None:
            total = self._search(self.options.get("total"), document)
            self.expected = total if isinstance(total, int) else None
        items = self._search(path, document) if path else document
        if not isinstance(items, list):
            where = f"à « {path} »" if path else "à la racine du document"
            raise SourceError("format", f"Aucune liste de fiches {where}.")
        return items

    def _next(self, document: Any, fetched: Fetched) -> str | None:
        """The next page's address, said by the document or by a Link header."""
        said = self._search(self.options.get("next"), document)
        link = LINK_NEXT.search(fetched.headers.get("link", ""))
        address = str(said) if said else (link.group(1) if link else "")
        if not address:
            return None
        return urljoin(fetched.url, address)

    def _goes_on(self, read: int) -> bool:
        """Without a next link: whether page numbers or offsets lead further."""
        if not ({"page_param", "offset_param"} & set(self.options)):
            return False
        return self.expected is None or read < self.expected

    def _position(self, page: int, read: int) -> dict[str, int]:
        named = {self.options.get("page_param"): page, self.options.get("offset_param"): read}
        return {name: value for name, value in named.items() if name}

    def _size(self) -> dict[str, int]:
        if not self.options.get("size_param"):
            return {}
        return {self.options["size_param"]: self.integer("size", 100)}

    @staticmethod
    def _search(path: Any, document: Any) -> Any:
        if not path:
            return None
        try:
            return jmespath.search(str(path), document)
        except JMESPathError as error:
            raise SourceError("option", f"Chemin illisible : « {path} ».") from error
