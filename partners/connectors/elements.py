"""XML read as a stream: a document of any size, any encoding, from strangers."""

import codecs
import html
import re
from collections.abc import Iterator
from html.entities import html5
from typing import IO, Any

from lxml import etree

from partners.connectors.base import SourceError
from partners.connectors.safe_xml import name_of, refuse_entities

CHUNK = 200_000
HEAD = 2_000_000
# More elements than any record has: one that never ends would fill the memory.
ITEM_ELEMENTS = 50_000
CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
DECLARATION = re.compile(r"^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"']*[\"']")
REFERENCE = re.compile(r"&(?:(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w*);)?")
OWN = {"amp", "lt", "gt", "quot", "apos"}
SIMPLE = re.compile(r"/{0,2}[\w.:-]+(?:/[\w.:-]+)*")
XML_ATTRIBUTES = "{http://www.w3.org/XML/1998/namespace}"


class Recoded:
    """A file's text as UTF-8, without what XML forbids; ``mends`` its stray « & » as well."""

    def __init__(self, file: IO[bytes], encoding: str, *, mends: bool = False) -> None:
        file.seek(0)
        try:
            self._file = codecs.getreader(encoding)(file, "replace")
        except LookupError as error:
            raise SourceError("option", f"Encodage inconnu : « {encoding} ».") from error
        self._mends = mends
        self._is_first = True
        self._kept = ""

    def read(self, _size: int = -1) -> bytes:
        text = self._file.read(CHUNK, CHUNK).translate(CONTROLS)
        if self._is_first:
            text = DECLARATION.sub(r"\1", text.lstrip("﻿ \r\n\t"))
            self._is_first = False
        if self._mends:
            text = self._mended(text)
        return text.encode("utf-8", "replace")

    def _mended(self, text: str) -> str:
        is_last, text = not text, self._kept + text
        cut = len(text) if is_last else max(text.rfind("&", -32), -1)
        cut = len(text) if cut < 0 else cut
        text, self._kept = text[:cut], text[cut:]
        # An empty read would be taken for the end of the file.
        return REFERENCE.sub(_reference, text) or ("" if is_last else " ")


def _reference(found: re.Match[str]) -> str:
    name = found.group(1)
    if name is None:
        return "&amp;"
    if name in OWN or name.startswith("#"):
        return found.group()
    return html.unescape(f"&{name};") if f"{name};" in html5 else f"&amp;{name};"


def item_path(file: IO[bytes], encoding: str) -> str:
    """The path of what looks like one record, by the document's beginning; "" when nothing does.

    From the root down to the heaviest children, until they are several of one name. When none ever
    are, the document is one record: the first element that has parts of several names.
    """
    parser = etree.XMLParser(recover=True, **SAFE)
    parser.feed(Recoded(file, encoding, mends=True).read()[:HEAD])
    try:
        root = parser.close()
    except etree.XMLSyntaxError:
        return ""
    if root is None:
        return ""
    refuse_entities(root)
    nodes, path, whole = [root], f"/{name_of(root)}", ""
    while True:
        groups: dict[str, list[etree._Element]] = {}
        for child in (child for node in nodes for child in node if name_of(child)):
            groups.setdefault(name_of(child), []).append(child)
        parts = [name for name, group in groups.items() if any(len(child) for child in group)]
        if not parts:
            return whole or (path if groups else "")
        whole = whole or (path if len(parts) > 1 else "")
        nodes = max(groups.values(), key=lambda group: sum(1 for g in group for _ in g.iter()))
        path += f"/{name_of(nodes[0])}"
        if len(nodes) > 1:
            return path


SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class Items:
    """The elements at ``path`` (« /liste/fiche », « //fiche »), one at a time, then freed.

    ``problem`` is, after the last one, what libxml2 had to say of a malformed document.
    """

    def __init__(self, text: Recoded, path: str, *, recover: bool = False) -> None:
        self._path = tuple(step.rpartition(":")[2] for step in path.strip("/").split("/"))
        self._is_whole = path.startswith("/") and not path.startswith("//")
        self._context = etree.iterparse(text, ("start", "end"), recover=recover, **SAFE)
        self.problem = ""

    def __iter__(self) -> Iterator[etree._Element]:
        """Raises ``SourceError``; ``etree.XMLSyntaxError`` when malformed, unless ``recover``."""
        stack: list[str] = []
        inside, count = 0, 0
        for event, element in self._context:
            if event == "start":
                if not stack:
                    refuse_entities(element)
                stack.append(name_of(element))
                inside = inside or (len(stack) if self._matches(stack) else 0)
                count = _bounded(count + 1) if inside else 0
                continue
            if inside == len(stack):
                yield element
                inside = 0
            if not inside:
                _free(element)
            stack.pop()
        errors = self._context.error_log
        self.problem = f"ligne {errors[0].line}" if errors else ""

    def _matches(self, stack: list[str]) -> bool:
        length = len(stack) if self._is_whole else len(self._path)
        return tuple(stack[-length:]) == self._path


def _bounded(count: int) -> int:
    if count > ITEM_ELEMENTS:
        raise SourceError("trop-gros", "Une fiche du document XML est démesurée.")
    return count


def _free(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
