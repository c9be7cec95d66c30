"""Files as they are, in archives, or written in another format."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from tests.partners.emulator.answers import NOTHING, Built
from tests.partners.emulator.telling import tag
from tests.partners.real_rows import RealSource, pages, rows_of


def one_file(path: Path, source: RealSource, base: str) -> Built:
    content = path.read_bytes()
    return lambda request, at: (200, content, {}) if at == "/fiches" else NOTHING, "/fiches"


def archive_of_pages(path: Path, source: RealSource, base: str) -> Built:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages(path):
            archive.write(page, f"contenu-main/{path.parent.name}/{page.name}")
        archive.writestr("contenu-main/README.md", "# Contenus\n\nLes fiches du site.\n")
    return lambda request, at: (200, output.getvalue(), {}), "/archive"


def tarball(path: Path, source: RealSource, base: str) -> Built:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        for page in pages(path):
            archive.add(page, f"contenu-main/{path.parent.name}/{page.name}")
    return lambda request, at: (200, output.getvalue(), {}), "/archive"


def lines(path: Path, source: RealSource, base: str) -> Built:
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows_of(path))
    return lambda request, at: (200, text, {}), "/export"


def records(path: Path, source: RealSource, base: str) -> Built:
    records = [
        "<fiche>"
        + "".join(f"<{tag(k)}>{escape(str(v))}</{tag(k)}>" for k, v in row.items() if tag(k))
        + "</fiche>"
        for row in rows_of(path)
    ]
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<export>{"".join(records)}</export>'
    return lambda request, at: (200, text, {}), "/export"
