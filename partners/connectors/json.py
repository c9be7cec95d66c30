"""JSON of any shape: a file, a stream of lines, or an API read page by page."""

import datetime
from collections.abc import Iterator
from typing import Any

from partners.connectors.base import Connector, RawRow, SourceError, asked_since
from partners.connectors.documents import search
from partners.connectors.page_turning import TURNING
from partners.connectors.pagination import Pages
from partners.connectors.provenance import changed_in, date_of, licence_of

# How APIs want the date from which changes are asked.
FORMATS = {"iso": "%Y-%m-%dT%H:%M:%SZ", "date": "%Y-%m-%d"}


class JsonConnector(Connector):
    kind = "json"
    label = "JSON (fichier, API, GeoJSON)"
    explanation = (
        "Un document JSON ou une API : une liste de fiches, lue page par page au besoin. GeoJSON, "
        "Opendatasoft, ArcGIS, JSON:API, GoGoCarto, Communecter, Grist et Airtable sont reconnus."
    )
    option_help = {
        "path": "Où est la liste dans le document, par exemple « donnees.projets » ; trouvé tout "
        "seul sinon.",
        "page_param": "Paramètre du numéro de page (page, p…).",
        "first_page": "Numéro de la première page (1 d’ordinaire).",
        "offset_param": "Paramètre du rang de départ (offset, start…).",
        "size_param": "Paramètre du nombre de fiches par page (per_page, limit…).",
        "size": "Nombre de fiches demandées par page.",
        "cursor_param": "Paramètre qui reçoit la marque de la page suivante (cursor, after…).",
        "cursor": "Où est cette marque dans la réponse, par exemple « page.suivante ».",
        "next": "Où est l’adresse de la page suivante dans la réponse.",
        "total": "Où est le nombre total de fiches dans la réponse.",
        "since_param": "Paramètre qui ne demande que les fiches changées depuis une date.",
        "since_format": (
            "Écriture de cette date : iso (par défaut), date, unix, ou un format tel que %d/%m/%Y."
        ),
        "date": "Chemin, dans une fiche, de sa date de mise à jour ; trouvé tout seul sinon.",
        "grouped": "true si une même fiche revient sur plusieurs éléments, un par lieu.",
        "params": "Autres paramètres à envoyer (objet).",
    }

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.several_rows_per_record |= bool(self.options.get("grouped"))
        self.is_one_document = not any(self.options.get(name) for name in TURNING)
        self.can_read_since = bool(self.options.get("since_param"))
        if not isinstance(self.options.get("params") or {}, dict):
            raise SourceError("option", 'L’option « params » attend un objet : {"nom": "valeur"}.')

    def rows(
        self, *, resume: Any = None, since: datetime.datetime | None = None
    ) -> Iterator[RawRow]:
        pages = Pages(self, dict(self.options.get("params") or {}) | self._since(since), resume)
        self.is_one_document = not pages.is_turned
        for page in pages:
            for place, (key, item) in enumerate(page.items(), start=1):
                alone = self.is_one_document and page.number == 1
                where = f"rang {place}" if alone else f"page {page.number}, rang {place}"
                yield self._row(pages, key, item, where)
            if page.document.problems:
                self.is_complete = False
                self.warnings += page.document.problems[:20]
        if pages.shape:
            self.warnings += pages.shape.warnings
        self.check_expected(pages.read)

    def _row(self, pages: Pages, key: str | None, item: Any, where: str) -> RawRow:
        data = pages.shape.row(item) if pages.shape else {"valeur": item}
        if key is not None:
            data.setdefault("id", key)
        path = self.options.get("date")
        licence = licence_of(data.get("licence"), data.get("license"))
        return RawRow(
            data=data,
            position=where,
            external_id=key,
            licence=licence or (pages.shape.licence if pages.shape else ""),
            date=date_of(search(path, data)) if path else changed_in(data),
        )

    def _since(self, since: datetime.datetime | None) -> dict[str, Any]:
        if since is None or not self.can_read_since:
            return {}
        style = str(self.options.get("since_format") or "iso")
        moment = asked_since(since)
        if style == "unix":
            return {str(self.options["since_param"]): int(moment.timestamp())}
        return {str(self.options["since_param"]): moment.strftime(FORMATS.get(style, style))}
