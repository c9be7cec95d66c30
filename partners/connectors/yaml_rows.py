"""Files that hold records as YAML: a list, an object by identifier, or one record."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from partners.connectors.base import RawRow, SourceError
from partners.connectors.front_matter import Unreadable, has_front_matter, loaded
from partners.connectors.provenance import changed_in

TEXTS, LISTS = (".md", ".markdown", ".mdown"), (".yml", ".yaml")


def entries(name: str, text: str, *, is_alone: bool) -> Iterator[RawRow]:
    """The rows of a YAML file: a list, an object by identifier, or one record."""
    try:
        document = loaded(text)
    except Unreadable as error:
        if is_alone:
            raise SourceError("format", error.message) from error
        document = {"fichier": name, "erreur": error.message}
    listed = _listed(document)
    if listed is None:
        one = document if isinstance(document, dict) else {"valeur": document}
        yield RawRow(data=one, position=f"fichier {name}", external_id=stem(name))
        return
    for rank, (identity, entry) in enumerate(listed, start=1):
        data = dict(entry) if isinstance(entry, dict) else {"valeur": entry}
        if identity:
            data.setdefault("cle", identity)
        yield RawRow(
            data=data, position=f"{name}, rang {rank}", external_id=identity or None,
            date=changed_in(data),
        )  # fmt: skip


def is_yaml(name: str, text: str) -> bool:
    """By its name, else because it has no front matter (a file whose name tells nothing)."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix in LISTS or (suffix not in TEXTS and not has_front_matter(text))


def _listed(document: Any) -> list[tuple[str, Any]] | None:
    """(Identifier or "", entry) of the document's records; None when it is one record itself."""
    if isinstance(document, list):
        return [("", entry) for entry in document]
    if not isinstance(document, dict) or not document:
        return None
    if all(isinstance(v, dict) for v in document.values()) and len(document) > 1:
        return [(str(k), v) for k, v in document.items()]
    lists = [v for v in document.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    return [("", entry) for entry in lists[0]] if len(document) == len(lists) == 1 else None


def stem(name: str) -> str:
    """The file's name without extension; its folder's for « projet-a/index.md »."""
    path = PurePosixPath(name)
    is_bundle = path.stem.lower() == "index" and path.parent.name
    return path.parent.name if is_bundle else path.stem
