"""udata, the software of data.gouv.fr: the resource of a dataset, or those of an organisation."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from partners.connectors.base import SourceError
from partners.connectors.catalogue import CatalogueConnector, Dataset, Resource
from partners.connectors.provenance import licence_of

DATASET = re.compile(r"/datasets/([^/?#]+)")
ORGANISATION = re.compile(r"/organizations/([^/?#]+)")


class UdataConnector(CatalogueConnector):
    kind = "udata"
    label = "Jeu de données data.gouv.fr (udata)"
    explanation = "La page d’un jeu de données : sa ressource est suivie d’une version à l’autre."

    def datasets(self) -> Iterator[Dataset]:
        if found := DATASET.search(self.url):
            yield _dataset(self._asked(f"/api/1/datasets/{found.group(1)}/"))
            return
        found = ORGANISATION.search(self.url)
        if found is None:
            raise SourceError("adresse", "Donnez la page d’un jeu de données ou d’un organisme.")
        following = f"/api/1/organizations/{found.group(1)}/datasets/?page_size=50"
        seen: set[str] = set()
        while following and following not in seen:
            seen.add(following)
            page = self._asked(following)
            for described in page.get("data") or []:
                yield _dataset(described)
            following = str(page.get("next_page") or "")

    def _asked(self, path: str) -> dict[str, Any]:
        answer = self.fetcher.get(urljoin(self.url, path), accept="application/json").json()
        if not isinstance(answer, dict):
            raise SourceError("format", "Ce catalogue ne répond pas comme udata.")
        return answer


def _dataset(described: dict[str, Any]) -> Dataset:
    resources = [
        Resource(
            id=str(r.get("id") or ""),
            title=str(r.get("title") or ""),
            url=str(r.get("url") or r.get("latest") or ""),
            format=str(r.get("format") or r.get("mime") or ""),
            changed=str(r.get("last_modified") or r.get("created_at") or ""),
            is_main=r.get("type", "main") == "main",
        )
        for r in described.get("resources") or []
        if isinstance(r, dict)
    ]
    return Dataset(
        title=str(described.get("title") or ""),
        licence=licence_of(described.get("license")),
        resources=resources,
    )
