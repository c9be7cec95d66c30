"""A workbook of several sheets: the one that says most is likely the records."""

from itertools import islice

from python_calamine import CalamineError, CalamineWorkbook

from carrefour.http import Spooled
from partners.detection.detected import Detected

# Beyond this a workbook is not opened only to choose its sheet.
BYTES = 30_000_000
ROWS = 300
# How much more a later sheet has to say than the first one.
RICHER = 1.3


def recognised(document: Spooled) -> list[Detected]:
    """The workbook, by its first sheet or by one that is much richer; the others after it."""
    plain = Detected("spreadsheet", document.url, confidence=0.95)
    if document.size > BYTES:
        return [plain]
    try:
        rich = _richness(document)
    except (CalamineError, OSError, ValueError):
        return [plain]
    if len(rich) < 2:
        return [plain]
    first, best = next(iter(rich)), max(rich, key=lambda name: rich[name])
    chosen = best if rich[best] > RICHER * rich[first] else first
    if chosen != first:
        plain.options = {"sheet": chosen}
    others = sorted((n for n in rich if n != chosen), key=lambda n: -rich[n])
    plain.warnings.append(
        f"Ce classeur a {len(rich)} feuilles remplies : « {chosen} » est lue ; les autres : "
        + ", ".join(f"« {n} »" for n in others[:6])
        + "."
    )
    return [plain] + [
        Detected("spreadsheet", document.url, {"sheet": name}, 0.6 - 0.05 * rank)
        for rank, name in enumerate(others[:5])
    ]


def _richness(document: Spooled) -> dict[str, int]:
    """Sheet → letters in the distinct texts of its first rows; sheets of two rows at least."""
    document.file.seek(0)
    workbook = CalamineWorkbook.from_filelike(document.file)
    found: dict[str, int] = {}
    for name in workbook.sheet_names:
        rows = list(islice(workbook.get_sheet_by_name(name).to_python(), ROWS))
        filled = [row for row in rows if sum(cell != "" for cell in row) > 1]
        if len(filled) > 2:
            texts = {cell for row in filled for cell in row if isinstance(cell, str)}
            found[name] = sum(map(len, texts))
    return found
