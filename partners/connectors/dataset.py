"""Records written in the house and shipped with it: the data sets of ``partners/data``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from partners.connectors.base import Connector, RawRow, SourceError

FOLDER = Path(__file__).resolve().parent.parent / "data"


class DatasetConnector(Connector):
    kind = "dataset"
    label = "Jeu de données fourni"
    explanation = "Un jeu de données livré avec la plateforme (étude de 2017)."
    option_help = {"file": "Nom du jeu de données, sans extension."}

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        records = read(str(self.options.get("file", "")))["records"]
        self.expected = len(records)
        for rank, record in enumerate(records, start=1):
            yield RawRow(
                data=record, position=f"rang {rank}", external_id=str(record["external_id"])
            )


def read(name: str) -> dict[str, Any]:
    """The data set of that name. Raises ``SourceError`` when there is none."""
    path = (FOLDER / f"{name}.json").resolve()
    if path.parent != FOLDER or not path.is_file():
        raise SourceError("option", f"Jeu de données inconnu : « {name} ».")
    return dict(json.loads(path.read_text(encoding="utf-8")))
