"""Datasets of an open-data catalogue: the resource to follow, and the connector that reads it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.feed import FeedConnector
from partners.connectors.json import JsonConnector
from partners.connectors.spreadsheet import SpreadsheetConnector
from partners.connectors.xml import XmlConnector

MAX_DATASETS = 200
# What catalogues call a format, and which connector reads it; the most faithful first.
READERS: dict[str, type[Connector]] = {
    **dict.fromkeys(("csv", "xlsx", "ods", "xls", "tsv"), SpreadsheetConnector),
    **dict.fromkeys(("geojson", "json", "jsonl", "ndjson"), JsonConnector),
    **dict.fromkeys(("zip", "gz"), SpreadsheetConnector),
    "xml": XmlConnector,
    **dict.fromkeys(("rss", "atom"), FeedConnector),
}
RANKS = {name: rank for rank, name in enumerate(READERS)}


@dataclass(frozen=True)
class Resource:
    """A file of a dataset; ``changed`` is an ISO date, or ""."""

    id: str
    title: str
    url: str
    format: str
    changed: str = ""
    is_main: bool = True

    @property
    def kind(self) -> str:
        """Its format among those that are read: as it is told, else by its address; or ""."""
        told = self.format.lower().rpartition("/")[2].rpartition(".")[2].strip()
        suffix = PurePosixPath(urlsplit(self.url).path).suffix.lower().strip(".")
        return next((k for k in (told, suffix) if k in READERS), "")


@dataclass(frozen=True)
class Dataset:
    title: str
    licence: str
    resources: Sequence[Resource]


class CatalogueConnector(Connector):
    """Follows the resources of one dataset, or of all those of a list; a subclass knows the API."""

    option_help = {
        "resource": "Identifiant, titre ou adresse de la ressource à suivre ; la meilleure sinon.",
        "reading": "Options du connecteur qui lit la ressource (objet).",
    }

    def datasets(self) -> Iterator[Dataset]:
        """The datasets that the address leads to. Raises ``FetchError``, ``SourceError``."""
        raise NotImplementedError

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        # The catalogue is asked at once: what is followed decides how its rows are grouped.
        followed = [(d, self._reader(d)) for d in self._bounded()]
        if not followed:
            raise SourceError("vide", "Aucun jeu de données à cette adresse.")
        readers = [reader for _, reader in followed]
        self.several_rows_per_record = any(r.several_rows_per_record for r in readers)
        self.is_one_document = len(readers) == 1 and readers[0].is_one_document
        return self._read(followed, resume)

    def _read(self, followed: Sequence[tuple[Dataset, Connector]], resume: Any) -> Iterator[RawRow]:
        is_alone = len(followed) == 1
        expected = 0
        for dataset, reader in followed:
            for row in reader.rows(resume=resume if is_alone else None):
                self.cursor = reader.cursor if is_alone else None
                self.expected = reader.expected if is_alone else None
                yield _told(row, dataset, is_alone)
            self.is_complete = self.is_complete and reader.is_complete
            self.warnings += reader.warnings
            expected += reader.expected or 0
        self.expected = expected or None

    def _bounded(self) -> Iterator[Dataset]:
        for number, dataset in enumerate(self.datasets(), start=1):
            if number > MAX_DATASETS:
                self.is_complete = False
                self.warnings.append(f"Lecture arrêtée après {MAX_DATASETS} jeux de données.")
                return
            yield dataset

    def _reader(self, dataset: Dataset) -> Connector:
        resource = self._chosen(dataset)
        reader = READERS[resource.kind]
        reading = self.options.get("reading") or {}
        unknown = set(reading) - set(reader.option_help) if isinstance(reading, Mapping) else {"?"}
        if unknown:
            raise SourceError(
                "option", f"Option inconnue de la lecture : {', '.join(sorted(unknown))}."
            )
        return reader(resource.url, reading, self.fetcher)

    def _chosen(self, dataset: Dataset) -> Resource:
        """The resource asked for, else the main one of the newest day, in the best format."""
        wanted = str(self.options.get("resource") or self.resource_in_address())
        named = [r for r in dataset.resources if wanted in {r.id, r.title, r.url}]
        usable = [r for r in (named if wanted else dataset.resources) if r.kind]
        if not usable:
            said = f"La ressource « {wanted} »" if wanted else "Aucune ressource lisible"
            formats = ", ".join(sorted({r.format or "?" for r in dataset.resources})) or "aucun"
            raise SourceError(
                "ressource",
                f"{said} {'est absente ou illisible ' if wanted else ''}dans « {dataset.title} ». "
                f"Formats : {formats}.",
            )
        newest = max((r.changed[:10] for r in usable if r.is_main), default="")
        return min(
            usable, key=lambda r: (not r.is_main, r.changed[:10] != newest, RANKS[r.kind], r.title)
        )

    def resource_in_address(self) -> str:
        """Identifier of the resource that the source's own address names; or ""."""
        _, found, rest = self.url.replace("/resources/", "/resource/").partition("/resource/")
        return rest.partition("/")[0].partition("?")[0] if found else ""


def _told(row: RawRow, dataset: Dataset, is_alone: bool) -> RawRow:
    licence = row.licence or dataset.licence
    if is_alone:
        return replace(row, licence=licence)
    return replace(
        row,
        licence=licence,
        data={**row.data, "jeu de données": dataset.title},
        position=f"{dataset.title}, {row.position}",
    )
