"""The rows of a real file, read as plainly as possible and without the connectors."""

import csv
import io
import json
import re
import tomllib
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MANIFEST = Path(__file__).parent / "real_files.toml"
FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*(.*)\Z", re.DOTALL)
Row = dict[str, Any]


@dataclass
class RealSource:
    """An entry of the manifest; ``fields`` and ``may``: field → columns that are right."""

    file: str
    shapes: list[str]
    connector: str
    records: int
    fields: dict[str, list[str]]
    may: dict[str, list[str]] = field(default_factory=dict)
    held: bool = False

    @property
    def name(self) -> str:
        return self.file.replace("/*.md", "")


def sources() -> list[RealSource]:
    with MANIFEST.open("rb") as file:
        return [RealSource(**entry) for entry in tomllib.load(file)["source"]]


def rows_of(path: Path) -> list[Row]:
    """Rows of a CSV, JSON or RSS file, or of a folder's Markdown files (``folder/*.md``)."""
    if path.name == "*.md":
        return [_page(p) for p in pages(path)]
    readers = {".csv": _table, ".json": _items, ".xml": _articles}
    return readers[path.suffix](path)


def pages(path: Path) -> list[Path]:
    """The Markdown files of ``folder/*.md`` that tell a record: those with a front matter."""
    return sorted(p for p in path.parent.glob("*.md") if FRONT.match(p.read_text("utf-8")))


def _page(path: Path) -> Row:
    found = FRONT.match(path.read_text("utf-8"))
    assert found is not None, path
    said = yaml.safe_load(found.group(1))
    return json.loads(json.dumps({**said, "slug": path.stem, "body": found.group(2)}, default=str))


def _table(path: Path) -> list[Row]:
    text = path.read_text("utf-8-sig")
    delimiter = max(";,\t", key=text[:2000].count)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def _items(path: Path) -> list[Row]:
    document = json.loads(path.read_text("utf-8"))
    if isinstance(document, list):
        return document
    return next(v for v in document.values() if isinstance(v, list))


def _articles(path: Path) -> list[Row]:
    items = ET.parse(path).iter("item")
    return [{child.tag: child.text or "" for child in item} for item in items]
