"""Draw the pages of a kit's PDF, from a running demonstration.

    make demo      (in another terminal)
    .venv/bin/python docs/images/kit.py http://127.0.0.1:8000

The record is one of the demonstration's, which holds what the study of 2017 says and no more.
"""

import sys
from pathlib import Path

import httpx
import pymupdf
from PIL import Image

FOLDER = Path(__file__).resolve().parent
RECORD = "/innovations/ferme-de-moyembrie/kit.pdf"
COLUMNS, GAP, BACKGROUND = 4, 16, "#8a8a8a"


def drawn(document: pymupdf.Document, dpi: int) -> list[Image.Image]:
    """Each page as a picture."""
    shots = [page.get_pixmap(dpi=dpi) for page in document]
    return [Image.frombytes("RGB", (s.width, s.height), s.samples) for s in shots]


def sheet(pages: list[Image.Image]) -> Image.Image:
    """The pages side by side."""
    width, height = pages[0].size
    rows = -(-len(pages) // COLUMNS)
    size = (COLUMNS * (width + GAP) + GAP, rows * (height + GAP) + GAP)
    whole = Image.new("RGB", size, BACKGROUND)
    for rank, page in enumerate(pages):
        row, column = divmod(rank, COLUMNS)
        whole.paste(page, (GAP + column * (width + GAP), GAP + row * (height + GAP)))
    return whole


def main(site: str) -> None:
    answer = httpx.get(f"{site}{RECORD}", timeout=60).raise_for_status()
    with pymupdf.open(stream=answer.content, filetype="pdf") as document:
        drawn(document, 90)[0].quantize(128).save(FOLDER / "kit-couverture.png", optimize=True)
        sheet(drawn(document, 60)).quantize(128).save(FOLDER / "kit-pages.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
