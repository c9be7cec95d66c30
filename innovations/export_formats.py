"""The formats in which the results of a search are taken away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from innovations import export, export_json
from innovations.export_xlsx import xlsx
from innovations.querysets import InnovationQuerySet


@dataclass(frozen=True)
class Format:
    """``name`` is the end of the file's name."""

    name: str
    label: str
    told: str
    content_type: str
    write: Callable[[InnovationQuerySet], Iterator[bytes]]


FORMATS = {
    one.name: one
    for one in (
        Format("csv", "CSV", "tableur, une ligne par fiche", "text/csv; charset=utf-8", export.csv),
        Format(
            "xlsx",
            "Excel",
            "classeur, une ligne par fiche",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx,
        ),
        Format("json", "JSON", "champs de l’API", "application/json", export_json.array),
        Format(
            "ndjson",
            "JSON par ligne",
            "une fiche par ligne, pour les gros volumes",
            "application/x-ndjson",
            export_json.lines,
        ),
        Format(
            "geojson",
            "GeoJSON",
            "carte, un point par lieu",
            "application/geo+json",
            export_json.places,
        ),
    )
}
