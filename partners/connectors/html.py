"""Web pages: a list of records and the page of each, read by CSS selectors or as they come."""

import datetime
from collections.abc import Iterator
from typing import Any

from carrefour.french import agree, counted
from carrefour.http import FetchError
from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.listing import HELP, Item, Listing
from partners.connectors.markup import tree_of
from partners.connectors.pages import base_of, described, is_page
from partners.connectors.selectors import fields_of, read_fields

GONE = "introuvable"


class HtmlConnector(Connector):
    kind = "html"
    label = "Pages web (liste et fiches)"
    explanation = (
        "Un site sans API : une liste de fiches, lue dans ses pages par des sélecteurs CSS."
    )
    option_help = {
        **HELP,
        "fields": (
            "Champs à lire dans la page de la fiche (objet : nom → « css », « css@attribut » ou "
            "{css, attr, label, all, html}) ; sans eux, la page est lue telle qu’elle vient."
        ),
        "item_fields": "Champs à lire dans le bloc de la liste, écrits de la même façon.",
        "base": "Adresse dont partent les liens relatifs, quand la page se trompe.",
        "sample": "Page témoin relue à chaque fois : {url, values}.",
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.can_read_since = bool(self.options.get("sitemap"))
        self._fields = fields_of(self.options.get("fields"))
        self._item_fields = fields_of(self.options.get("item_fields"))
        self._unread: list[str] = []

    def rows(
        self, *, resume: Any = None, since: datetime.datetime | None = None
    ) -> Iterator[RawRow]:
        if not self.options.get("items") and not self.options.get("sitemap"):
            raise SourceError(
                "option",
                "Dites dans les réglages où sont les fiches : dans la page (« items »), ou dans "
                "le plan du site (« sitemap »).",
            )
        self._check_sample()
        found: set[str] = set()
        for item in Listing(self).items(resume, since):
            row = self._row(item)
            if row is not None:
                found.update(row.data)
                yield row
        self._tell_unread()
        lost = [n for n in [*self._fields, *self._item_fields] if found and n not in found]
        if lost:
            names = ", ".join(f"« {n} »" for n in lost)
            self.warnings.append(f"Sélecteurs qui ne trouvent rien dans aucune fiche : {names}.")

    def sample_of(self, url: str) -> dict[str, Any]:
        """What the fields give in one page, to be kept as the option ``sample``: {url, values}.

        Raises ``FetchError``.
        """
        return {"url": url, "values": self._read_page(url)}

    def _check_sample(self) -> None:
        """Read the sample page again; a field it no longer gives makes the reading incomplete, so
        that nothing is withdrawn for a page that was only laid out anew."""
        sample = self.options.get("sample")
        if not isinstance(sample, dict) or not sample.get("url"):
            return
        try:
            values = self._read_page(str(sample["url"]))
        except FetchError as error:
            self.warnings.append(f"Page témoin non lue, choisissez-en une autre. {error.message}")
            return
        lost = [str(n) for n, v in (sample.get("values") or {}).items() if v and not values.get(n)]
        if lost:
            self.is_complete = False
            names = ", ".join(f"« {n} »" for n in lost)
            self.warnings.append(
                f"La page témoin ne donne plus {names} : le site a changé, les sélecteurs sont à "
                "revoir. Aucune fiche n’est retirée."
            )

    def _row(self, item: Item) -> RawRow | None:
        base = str(self.options.get("base") or item.base)
        data: dict[str, Any] = {}
        if item.node is not None and (self._item_fields or not item.url):
            fields = self._item_fields if item.url else {**self._item_fields, **self._fields}
            data = read_fields(item.node, fields, base)
            if not fields:
                data = described(str(item.node.html), base)
        if item.url:
            try:
                data = {**data, **self._read_page(item.url)}
            except FetchError as error:
                self._unread.append(error.message)
                self.is_complete = self.is_complete and error.code == GONE
                return None
            data.setdefault("url", item.url)
        return RawRow(
            data=data,
            position=item.position,
            external_id=item.url or None,
            url=item.url,
            date=item.changed or str(data.get("updated") or ""),
        )

    def _read_page(self, url: str) -> dict[str, Any]:
        fetched = self.fetcher.get(url, accept="text/html")
        if not is_page(fetched.content):
            raise FetchError("contenu", f"Ce n’est pas une page web : {url}", url=url)
        text = fetched.text()
        if not self._fields:
            return described(text, fetched.url)
        tree = tree_of(text, fetched.url)
        base = str(self.options.get("base") or base_of(tree, fetched.url))
        return read_fields(tree.root, self._fields, base) if tree.root is not None else {}

    def _tell_unread(self) -> None:
        if self._unread:
            count = len(self._unread)
            said = agree(count, "n’a pas pu être lue", "n’ont pas pu être lues")
            self.warnings.append(f"{counted(count, 'page')} {said}. {self._unread[0]}")
