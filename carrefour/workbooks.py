"""XLSX workbooks written as they are read: no file, no growing memory, the first bytes at once.

Libraries write the whole workbook before its first byte can be sent: minutes for a million lines,
longer than any proxy waits. A text is always a text here: no cell can be run as a formula.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice
from typing import IO, Any, cast

# What a sheet holds at most, its heading included, and a cell.
SHEET, CELL = 1_048_576, 32_767
AT_ONCE = 500
# What XML cannot hold.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?\Z")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/>'
    '</font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf xfId="0"/><xf fontId="1" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
ROOT = (
    f'{XML}<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
TOP = (
    f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
    'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultColWidth="22" defaultRowHeight="15"/><sheetData>'
)
BOTTOM = "</sheetData></worksheet>"


class Outlet(io.RawIOBase):
    """A file that only goes forward: what is written waits to be taken."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken


def workbook(
    rows: Iterable[Sequence[str]], name: str, numbers: frozenset[str] = frozenset()
) -> Iterator[bytes]:
    """The bytes of a workbook of these rows, the first their heading; a sheet that is full goes on
    in another. Columns named in ``numbers`` hold numbers, the others text."""
    outlet = Outlet()
    source = iter(rows)
    heading = next(source, [])
    kinds = [title in numbers for title in heading]
    with zipfile.ZipFile(
        cast(IO[bytes], outlet), "w", zipfile.ZIP_DEFLATED, compresslevel=1
    ) as archive:
        sheets = 0
        while True:
            sheets += 1
            held = 0
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                sheet.write((TOP + _row(heading, [False] * len(heading), 1)).encode())
                while some := list(islice(source, min(AT_ONCE, SHEET - 1 - held))):
                    held += len(some)
                    sheet.write("".join(_row(row, kinds) for row in some).encode())
                    yield outlet.take()
                sheet.write(BOTTOM.encode())
            if held < SHEET - 1:
                break
        for path, content in _around(name, sheets).items():
            archive.writestr(path, content)
    yield outlet.take()


def _row(row: Sequence[str], numbers: Sequence[bool], style: int = 0) -> str:
    return f"<row>{''.join(map(_cell, row, numbers, [style] * len(row)))}</row>"


def _cell(value: str, is_number: bool, style: int) -> str:
    if not value:
        return "<c/>"
    if is_number and NUMBER.match(value):
        return f"<c><v>{value}</v></c>"
    text = escape(FORBIDDEN.sub("", value)[:CELL], quote=False)
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _around(name: str, sheets: int) -> dict[str, str]:
    """The parts that name the sheets."""
    ranks = range(1, sheets + 1)
    titles = [name if rank == 1 else f"{name} {rank}" for rank in ranks]
    listed = "".join(
        f'<sheet name="{escape(title)}" sheetId="{rank}" r:id="rId{rank}"/>'
        for rank, title in zip(ranks, titles, strict=True)
    )
    related = "".join(
        f'<Relationship Id="rId{rank}" Type="{OFFICE}/worksheet" '
        f'Target="worksheets/sheet{rank}.xml"/>'
        for rank in ranks
    )
    typed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{rank}.xml" ContentType="{KIND}.worksheet+xml"/>'
        for rank in ranks
    )
    return {
        "xl/workbook.xml": f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{RELATIONS}">{related}'
        f'<Relationship Id="rId0" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
        "_rels/.rels": ROOT,
        "[Content_Types].xml": f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        f'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>{typed}</Types>',
    }
