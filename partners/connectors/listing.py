"""Where a site's records are: the blocks of its lists, page after page, or its sitemap."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from partners.connectors.base import Connector, SourceError
from partners.connectors.list_pages import Item, ListPages
from partners.connectors.sitemaps import Sitemaps, found
from partners.mapping.expressions import UNREADABLE, TooSlow, expression

PART = 50
HELP = {
    "items": "Sélecteur CSS du bloc de chaque fiche dans la liste.",
    "link": "Sélecteur CSS, dans le bloc, du lien vers la page de la fiche ; vide s’il n’y a rien.",
    "next": "Sélecteur CSS du lien vers la page suivante de la liste.",
    "page_param": "Paramètre du numéro de page de la liste (page, paged…).",
    "first_page": "Numéro de la première page (1 d’ordinaire, 0 sur Drupal).",
    "starts": "Autres listes à lire de la même façon (liste d’adresses).",
    "sitemap": "true pour lire les pages du plan du site (sitemap.xml), ou l’adresse de ce plan.",
    "match": "Expression régulière que l’adresse des pages doit contenir.",
    "limit": "Nombre de fiches au plus.",
}


class Listing:
    """The items that a connector's options lead to; sets the connector's cursor and warnings."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.options = connector.options
        try:
            self.match = expression(str(self.options.get("match") or ""))
        except UNREADABLE as error:
            raise SourceError(
                "option", "L’option « match » n’est pas une expression régulière."
            ) from error

    def items(self, resume: Any = None, since: Any = None) -> Iterator[Item]:
        """Each item once, in the list's order. Raises ``FetchError``, ``SourceError``."""
        resume = resume if isinstance(resume, dict) else {}
        items = self._mapped(resume, since) if self.options.get("sitemap") else self._listed(resume)
        limit, number = self.connector.integer("limit", 0), 0
        for item in items:
            if item.url and not self._is_wanted(item.url):
                continue
            number += 1
            yield item
            if number == limit:
                self.connector.is_complete = False
                return

    def _is_wanted(self, url: str) -> bool:
        try:
            return self.match.matches(url)
        except TooSlow as error:
            raise SourceError(
                "option",
                f"L’option « match » est trop lente sur cette adresse, simplifiez-la : {url[:200]}",
            ) from error

    def _mapped(self, resume: dict[str, Any], since: Any) -> Iterator[Item]:
        address = self._sitemap()
        sitemaps = Sitemaps(self.connector.fetcher, since)
        start = int(resume.get("rank", 0))
        for rank, entry in enumerate(sitemaps.entries(address)):
            if rank % PART == 0:
                self.connector.cursor = {"rank": rank}
            if rank >= start:
                yield Item(entry.url, None, entry.url, f"adresse {rank + 1}", entry.changed)
        if sitemaps.problems:
            self.connector.is_complete = False
            self.connector.warnings += sitemaps.problems

    def _sitemap(self) -> str:
        """Address of the sitemap: the one given, the source's own, or the one of its site."""
        said, url = self.options["sitemap"], self.connector.url
        if isinstance(said, str):
            return urljoin(url, said)
        if url.split("?")[0].endswith((".xml", ".gz", ".txt")):
            return url
        address = found(self.connector.fetcher, url)
        if not address:
            raise SourceError("plan", "Ce site n’a pas de plan (sitemap.xml) lisible.")
        return address

    def _listed(self, resume: dict[str, Any]) -> Iterator[Item]:
        pages = ListPages(self.connector)
        starts = [self.connector.url, *map(str, self.options.get("starts") or [])]
        for rank in range(int(resume.get("start", 0)), len(starts)):
            yield from pages.items(starts[rank], rank, resume)
            resume = {}
