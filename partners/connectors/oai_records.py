"""What the metadata of an OAI-PMH record says, whatever its format."""

from typing import Any

from lxml import etree

from partners.connectors.provenance import licence_of
from partners.connectors.safe_xml import name_of, text_of

DEPTH = 8


def metadata(record: etree._Element) -> dict[str, Any]:
    """Name of the element → its values, as a list; nested formats give nested objects.

    Dublin Core comes out flat: {"title": ["…"], "subject": ["…", "…"]}.
    """
    holder = record.find("{*}metadata")
    root = next((e for e in holder if name_of(e)), None) if holder is not None else None
    return {} if root is None else _children(root, DEPTH)


def _children(element: etree._Element, depth: int) -> dict[str, Any]:
    values: dict[str, list[Any]] = {}
    for child in element:
        inner = [c for c in child if name_of(c)]
        value: Any = _children(child, depth - 1) if inner and depth else text_of(child)
        if name_of(child) and value and value not in values.get(name_of(child), []):
            values.setdefault(name_of(child), []).append(value)
    return dict(values)


def page_in(data: dict[str, Any]) -> str:
    """The first identifier that is an address: the record's page."""
    return next(
        (v for v in _texts(data, "identifier") if v.startswith(("http://", "https://"))), ""
    )


def licence_in(data: dict[str, Any]) -> str:
    """Our value for the first licence that its rights tell; "" when none is known."""
    said = [*_texts(data, "license"), *_texts(data, "rights"), *_texts(data, "accessRights")]
    return licence_of(*said)


def _texts(data: dict[str, Any], name: str) -> list[str]:
    return [v for v in data.get(name, []) if isinstance(v, str)]
