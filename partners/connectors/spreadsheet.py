"""Tables: CSV and TSV whatever their encoding and delimiter, and workbooks (XLSX, XLS, ODS)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO, Any

from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.encodings import encoding_of
from partners.connectors.headers import Numbered, record, titled
from partners.connectors.packed import unpacked
from partners.connectors.provenance import changed_in
from partners.connectors.table_rows import SWALLOWED, swallows
from partners.connectors.tables import cut
from partners.connectors.workbooks import Workbook

UNCLOSED = (
    "un guillemet n’est jamais fermé, les lignes suivantes sont prises pour le texte de celle-ci."
)
EMPTY = "Le fichier est vide ou n’a pas de ligne de titres."
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class SpreadsheetConnector(Connector):
    kind = "spreadsheet"
    label = "Tableur (CSV, TSV, XLSX, ODS)"
    explanation = "Un fichier de tableur à une adresse fixe, une ligne par fiche ou par lieu."
    option_help = {
        "sheet": (
            "Nom ou rang (1 pour la première) de la feuille du classeur ; * pour toutes celles qui "
            "ont les mêmes colonnes. Sans cela, la première qui tient un tableau."
        ),
        "header_row": "Numéro de la ligne des titres de colonnes ; trouvé tout seul sinon.",
        "header_rows": "Nombre de lignes de titres (2 si une unité ou un code suit chaque titre).",
        "delimiter": "Séparateur des colonnes d’un CSV ; trouvé tout seul sinon.",
        "encoding": "Encodage d’un CSV (windows-1252…) ; trouvé tout seul sinon.",
        "file": "Nom du fichier dans l’archive, quand elle en tient plusieurs.",
    }
    several_rows_per_record = True
    is_one_document = True
    _unclosed = 0

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        # Kept until the last row: its file goes with it.
        spooled = self.fetcher.open(self.url, conditional=True)
        file = unpacked(spooled.file, str(self.options.get("file") or ""))
        read = 0
        try:
            is_workbook = file.read(4) in WORKBOOKS
            found = self._workbook(file) if is_workbook else self._text(file, spooled.charset)
            for row in found:
                read += 1
                yield row
        finally:
            file.close()
        self.expected = read

    def _text(self, file: IO[bytes], declared: str) -> Iterator[RawRow]:
        encoding = str(self.options.get("encoding") or encoding_of(file, declared))
        asked = str(self.options.get("delimiter") or "")
        numbered, delimiter = cut(file, encoding, asked, self._tell_unclosed)
        yield from self._records(*self._titled(self._watched(numbered, delimiter)))

    def _workbook(self, file: IO[bytes]) -> Iterator[RawRow]:
        book = Workbook(file)
        wanted = self.options.get("sheet")
        if wanted == "*":
            yield from self._sheets(book)
            return
        name = book.asked(wanted) if wanted else book.first_table()
        others = [n for n in book.names if n != name]
        if others and not wanted:
            self.warnings.append(
                f"Seule la feuille « {name} » est lue. Autres feuilles : {', '.join(others)}."
            )
        yield from self._records(*self._titled(book.rows(name)))

    def _sheets(self, book: Workbook) -> Iterator[RawRow]:
        """The rows of all the sheets that have the columns of the first one, with their sheet."""
        columns: set[str] = set()
        for name in book.names:
            titles, under = self._titled(book.rows(name))
            if len(titles) < 2 or (columns and columns != set(titles)):
                self.warnings.append(f"Feuille non lue, d’autres colonnes : « {name} ».")
                continue
            columns = set(titles)
            for row in self._records(titles, under):
                yield replace(
                    row,
                    data={"feuille": name} | row.data,
                    position=f"feuille {name}, {row.position}",
                )
        if not columns:
            raise SourceError("vide", EMPTY)

    def _titled(self, numbered: Iterable[Numbered]) -> tuple[list[str], Iterator[Numbered]]:
        return titled(numbered, self.integer("header_row", 0), self.integer("header_rows", 1))

    def _records(self, titles: list[str], under: Iterator[Numbered]) -> Iterator[RawRow]:
        if not titles:
            raise SourceError("vide", EMPTY)
        for number, cells in under:
            data = record(titles, cells)
            fault = UNCLOSED if number == self._unclosed else ""
            yield RawRow(data, f"ligne {number}", date=changed_in(data), fault=fault)

    def _watched(self, numbered: Iterator[Numbered], delimiter: str) -> Iterator[Numbered]:
        """The same rows; one that hides others behind a quotation mark is told."""
        width, before = 0, (1, [""])
        for number, cells in numbered:
            width = max(width, len(cells))
            # Only a row on many lines can hide others.
            if number - before[0] > SWALLOWED:
                self._tell_swallowed(*before, delimiter, width)
            yield number, cells
            before = (number, cells)
        self._tell_swallowed(*before, delimiter, width)

    def _tell_swallowed(self, number: int, cells: list[Any], delimiter: str, width: int) -> None:
        if self.is_complete and swallows(cells, delimiter, width):
            self._tell_unclosed(number)

    def _tell_unclosed(self, number: int) -> None:
        self._unclosed = number
        self.is_complete = False
        self.warnings.append(f"Ligne {number} : {UNCLOSED} Aucune fiche n’est retirée.")
