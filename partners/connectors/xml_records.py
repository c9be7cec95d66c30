"""An XML element as the row that people would have written in a table."""

import re
from collections import Counter
from typing import Any

from lxml import etree

# Deeper than any record.
DEPTH = 20
# Namespace declarations, and the prefixes of tags.
NAMESPACES = re.compile(r"\s+xmlns(?::[\w.-]+)?=\"[^\"]*\"|(</?)[\w.-]+:(?=\w)")
# A point of KML: longitude, latitude, and perhaps an altitude.
KML = re.compile(r"\s*(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,-?[\d.]+)?\s*$")
MARKUP = frozenset(("p", "br", "ul", "ol", "li", "strong", "em", "b", "i", "a", "div", "span"))


def as_data(element: etree._Element, depth: int = DEPTH) -> dict[str, Any]:
    """Attributes and children by plain name; a child that comes back is a list.

    A leaf is its text, its attributes standing beside it (« titre », « titre_lang »); a child with
    children is an object; markup inside a text is kept as HTML. Two namespaces that use one name
    are told apart by their prefix (« title », « dc_title »).
    """
    data: dict[str, Any] = {_plain(name): value for name, value in element.attrib.items()}
    children = [child for child in element if isinstance(child.tag, str)]
    names = _names(children)
    repeated = {name for name, times in Counter(names).items() if times > 1}
    for name, child in zip(names, children, strict=True):
        for full, value in _values(name, child, depth):
            if full in repeated:
                data.setdefault(full, [])
            if isinstance(data.get(full), list):
                data[full].append(value)
            else:
                data[full] = value
    if etree.QName(element).localname == "Point" and (
        point := KML.match(str(data.get("coordinates")))
    ):
        data["longitude"], data["latitude"] = point.groups()
    if not children and (text := (element.text or "").strip()):
        data["valeur"] = text
    return data


def _names(children: list[etree._Element]) -> list[str]:
    """Local names, with a prefix for those that another namespace uses too."""
    spaces: dict[str, list[str | None]] = {}
    for child in children:
        name = etree.QName(child)
        known = spaces.setdefault(name.localname, [])
        if name.namespace not in known:
            known.append(name.namespace)
    names = []
    for child in children:
        name = etree.QName(child)
        is_first = spaces[name.localname][0] == name.namespace
        prefix = "" if is_first or not child.prefix else f"{child.prefix}_"
        names.append(f"{prefix}{name.localname}")
    return names


def _values(name: str, child: etree._Element, depth: int) -> list[tuple[str, Any]]:
    if _is_text(child):
        said = [(f"{name}_{_plain(n)}", value) for n, value in child.attrib.items()]
        return [(name, _text(child)), *said]
    if depth:
        return [(name, as_data(child, depth - 1))]
    return [(name, "".join(map(str, child.itertext())).strip())]


def _is_text(element: etree._Element) -> bool:
    """A leaf, or a text that holds markup."""
    if not len(element):
        return True
    names = {etree.QName(c).localname.lower() for c in element if isinstance(c.tag, str)}
    has_text = bool((element.text or "").strip()) or any((c.tail or "").strip() for c in element)
    return has_text or (bool(names) and names <= MARKUP)


def _text(element: etree._Element) -> str:
    if not len(element):
        return (element.text or "").strip()
    inner = "".join(etree.tostring(child, encoding="unicode") for child in element)
    return ((element.text or "") + NAMESPACES.sub(r"\1", inner)).strip()


def _plain(name: str) -> str:
    return etree.QName(name).localname
