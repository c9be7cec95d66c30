"""Tables: CSV and TSV whatever their encoding and delimiter, and workbooks (XLSX, XLS, ODS)."""

import datetime
import io
from collections.abc import Iterator
from typing import Any

import python_calamine

from carrefour.http import decode
from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.tables import delimiter_of, header_index, headers_of, parse

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class SpreadsheetConnector(Connector):
    kind = "spreadsheet"
    label = "Tableur (CSV, TSV, XLSX, ODS)"
    explanation = "Un fichier de tableur à une adresse fixe, une ligne par fiche ou par lieu."
    option_help = {
        "sheet": "Nom ou rang (1 pour la première) de la feuille du classeur.",
        "header_row": "Numéro de la ligne des titres de colonnes ; trouvé tout seul sinon.",
        "delimiter": "Séparateur des colonnes d’un CSV ; trouvé tout seul sinon.",
        "encoding": "Encodage d’un CSV (windows-1252…) ; trouvé tout seul sinon.",
    }
    several_rows_per_record = True
    is_one_document = True

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        fetched = self.fetcher.get(self.url, conditional=True)
        if fetched.content.startswith(WORKBOOKS):
            numbered = list(self._workbook(fetched.content))
        else:
            numbered = list(self._text(fetched.content, fetched.text()))
        yield from self._records(numbered)

    def _text(self, content: bytes, text: str) -> Iterator[tuple[int, list[Any]]]:
        if self.options.get("encoding"):
            text = decode(content, str(self.options["encoding"]))
        head = text.lstrip()[:200].lower()
        if head.startswith(("<!doctype", "<html")):
            raise SourceError("format", "L’adresse mène à une page web et non à un tableur.")
        delimiter = str(self.options.get("delimiter") or delimiter_of(text))
        yield from parse(text, delimiter)

    def _workbook(self, content: bytes) -> Iterator[tuple[int, list[Any]]]:
        try:
            book = python_calamine.load_workbook(io.BytesIO(content))
            names = self._sheet_names(book.sheet_names)
            # Rows keep their number in the sheet: the empty ones above count.
            tables = (book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names)
            table = next((t for t in tables if len(t) > 1), [])
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise SourceError("format", "Ce classeur est illisible ou protégé.") from error
        for number, cells in enumerate(table, start=1):
            yield number, [_plain(cell) for cell in cells]

    def _sheet_names(self, names: list[str]) -> list[str]:
        """The sheet asked for; otherwise all, the first that holds a table being read."""
        wanted = self.options.get("sheet")
        if wanted is None:
            return names
        if str(wanted).isdigit() and str(wanted) not in names and int(wanted) <= len(names):
            return [names[int(wanted) - 1]]
        if str(wanted) not in names:
            raise SourceError(
                "feuille", f"La feuille « {wanted} » est absente. Feuilles : {', '.join(names)}."
            )
        return [str(wanted)]

    def _records(self, numbered: list[tuple[int, list[Any]]]) -> Iterator[RawRow]:
        index = header_index(numbered, self.integer("header_row", 0))
        if index is None:
            raise SourceError("vide", "Le fichier est vide ou n’a pas de ligne de titres.")
        headers = headers_of(numbered[index][1])
        kept = [(n, cells) for n, cells in numbered[index + 1 :] if any(c != "" for c in cells)]
        self.expected = len(kept)
        for number, cells in kept:
            extra = {f"colonne {i + 1}": c for i, c in enumerate(cells) if i >= len(headers) and c}
            data = dict(zip(headers, cells, strict=False)) | extra
            yield RawRow(data=data, position=f"ligne {number}")


def _plain(cell: Any) -> Any:
    """A cell as JSON can hold it: whole numbers without « .0 », dates in ISO form."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime.datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, datetime.timedelta):
        return str(cell)
    return cell
