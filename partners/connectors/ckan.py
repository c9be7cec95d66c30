"""CKAN catalogues: the resource of a dataset, or those of an organisation, a group, a portal."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from partners.connectors.base import SourceError
from partners.connectors.catalogue import CatalogueConnector, Dataset, Resource
from partners.connectors.provenance import licence_of

PAGE = re.compile(
    r"^(?P<root>.*?)/(?:[a-z]{2}/)?(?P<kind>dataset|organization|group)/(?P<name>[^/]+)"
)
FILTERS = {"organization": "organization", "group": "groups"}
SIZE = 50


class CkanConnector(CatalogueConnector):
    kind = "ckan"
    label = "Catalogue CKAN"
    explanation = (
        "La page d’un jeu de données, d’un organisme ou d’un portail CKAN : ses ressources sont "
        "suivies d’une version à l’autre."
    )

    def datasets(self) -> Iterator[Dataset]:
        kind, name = self._named()
        if kind == "dataset":
            yield _dataset(self._asked("package_show", {"id": name}))
            return
        params = {"fq": f'{FILTERS[kind]}:"{name}"'} if name else {}
        start, total = 0, 1
        while start < total:
            page = self._asked("package_search", {**params, "rows": SIZE, "start": start})
            found = page.get("results") or []
            for described in found:
                yield _dataset(described)
            start, total = start + len(found), int(page.get("count") or 0) if found else 0

    def _named(self) -> tuple[str, str]:
        """(Kind, name) of what the address shows; ("", "") for the whole portal."""
        parts = urlsplit(self.url)
        if "/api/" in parts.path:
            name = next(iter(parse_qs(parts.query).get("id", [])), "")
            return ("dataset", name) if name else ("", "")
        found = PAGE.match(parts.path)
        return (found["kind"], found["name"]) if found else ("", "")

    def _asked(self, action: str, params: dict[str, Any]) -> dict[str, Any]:
        path = urlsplit(self.url).path
        found = PAGE.match(path)
        root = found["root"] if found else path.partition("/api/")[0].rstrip("/")
        address = urljoin(self.url, f"{root}/api/3/action/{action}")
        answer = self.fetcher.get(address, params=params, accept="application/json").json()
        result = answer.get("result") if isinstance(answer, dict) else None
        if not isinstance(result, dict) or answer.get("success") is False:
            raise SourceError("format", "Ce catalogue ne répond pas comme CKAN.")
        return result


def _dataset(described: dict[str, Any]) -> Dataset:
    resources = [
        Resource(
            id=str(r.get("id") or ""),
            title=str(r.get("name") or ""),
            url=str(r.get("url") or ""),
            format=str(r.get("format") or r.get("mimetype") or ""),
            changed=str(r.get("last_modified") or r.get("created") or ""),
        )
        for r in described.get("resources") or []
        if isinstance(r, dict)
    ]
    names = ("license_url", "license_title", "license_id")
    return Dataset(
        title=str(described.get("title") or described.get("name") or ""),
        licence=licence_of(*(described.get(n) for n in names)),
        resources=resources,
    )
