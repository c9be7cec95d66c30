"""A JSON document as it comes: whole when small, streamed when big, or one object per line."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain, islice
from typing import IO, Any

import ijson
import jmespath
from jmespath.exceptions import JMESPathError

from carrefour.http import FetchError
from carrefour.http.documents import Spooled
from partners.connectors.base import SourceError
from partners.connectors.encodings import encoding_of
from partners.connectors.shapes.grids import with_named_cells
from partners.connectors.shapes.lists import STEP, keyed, parts

# Beyond this a document is never held.
WHOLE = 5_000_000
# What is read of a big one to know it.
HEAD = 1_000_000
# One record of a file of lines.
LINE = 5_000_000
CHUNK = 200_000
# « liste[].fiches[] » : the items of the lists that a list holds.
EACH = re.compile(rf"({STEP.pattern})|\[\]")
SIMPLE = re.compile(rf"(?:{STEP.pattern})(?:\[\])?(?:\.(?:{STEP.pattern})(?:\[\])?)*")
Item = tuple[str | None, Any]


class Document:
    """``value`` is the document, or as much of its beginning as tells its shape (``is_whole``)."""

    def __init__(self, spooled: Spooled) -> None:
        # Kept with its file, which goes with it.
        self._spooled = spooled
        self.url = spooled.url
        self.headers = spooled.headers
        self.encoding = encoding_of(spooled.file, spooled.charset)
        self.is_lines = _is_lines(spooled.head(HEAD).decode(self.encoding, "replace"))
        self.is_whole = not self.is_lines and spooled.size <= WHOLE
        self.problems: list[str] = []
        self.value = self._value()

    def _value(self) -> Any:
        if self.is_lines:
            first = [item for _, item in islice(self._lines(), 100)]
            self.problems.clear()
            return first
        if not self.is_whole:
            return self._beginning()
        try:
            text = self._spooled.bytes().decode(self.encoding, "replace")
            return with_named_cells(json.loads(text.lstrip("﻿")))
        except (ValueError, RecursionError) as error:
            raise self._unreadable() from error

    def items(self, path: str) -> Iterator[Item]:
        """(Key or None, item) of the list, or of the object by identifier, at ``path``.

        Raises ``FetchError`` (contenu) where the document breaks off, ``SourceError`` when there
        is no list.
        """
        if self.is_lines:
            return self._lines()
        value = search(path, self.value)
        is_object = bool(path) and _is_object_of_objects(value)
        if not isinstance(value, list) and not keyed(value) and not is_object:
            where = f"à « {path} » dans ce document" if path else "au premier niveau du document"
            raise SourceError("format", f"Aucune liste de fiches {where}.")
        if not self.is_whole:
            is_keyed = isinstance(value, Mapping)
            streams = (self._streamed(part, is_keyed=is_keyed) for part in parts(path))
            return chain.from_iterable(streams)
        return iter(value.items()) if isinstance(value, Mapping) else ((None, i) for i in value)

    def _beginning(self) -> Any:
        builder = ijson.ObjectBuilder()
        beginning = self._spooled.head(HEAD).decode(self.encoding, "ignore").lstrip("﻿")
        # It breaks off in the middle, as asked.
        with suppress(ijson.JSONError):
            for event, value in ijson.basic_parse(beginning.encode(), use_float=True):
                builder.event(event, value)
        if not hasattr(builder, "value"):
            raise self._unreadable()
        return builder.value

    def _streamed(self, path: str, *, is_keyed: bool) -> Iterator[Item]:
        if path and not SIMPLE.fullmatch(path):
            raise SourceError("option", f"Ce document est trop grand pour y chercher « {path} ».")
        named = [found.group(1) or "item" for found in EACH.finditer(path.removesuffix("[]"))]
        steps = [json.loads(s) if s.startswith('"') else s for s in named]
        text = Utf8(self._spooled.file, self.encoding)
        try:
            if is_keyed:
                yield from ijson.kvitems(text, ".".join(steps), use_float=True)
            else:
                for item in ijson.items(text, ".".join([*steps, "item"]), use_float=True):
                    yield None, item
        except ijson.JSONError as error:
            raise self._unreadable() from error

    def _lines(self) -> Iterator[Item]:
        self._spooled.file.seek(0)
        for number, line in enumerate(iter(lambda: self._spooled.file.readline(LINE), b""), 1):
            text = line.decode(self.encoding, "replace").strip("﻿\x1e \t\r\n")
            try:
                if text:
                    yield None, json.loads(text)
            except (ValueError, RecursionError):
                self.problems.append(f"Ligne {number} : ce n’est pas du JSON lisible.")

    def _unreadable(self) -> FetchError:
        message = f"La réponse n’est pas du JSON lisible : {self.url}"
        return FetchError("contenu", message, url=self.url)


class Utf8:
    """A file's text as UTF-8 bytes, whatever its encoding, its mark left out."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        file.seek(0)
        self._text = codecs.getreader(encoding)(file, "replace")

    def read(self, size: int = CHUNK) -> bytes:
        # Asked for nothing, ijson looks at what kind of text it gets.
        return self._text.read(CHUNK, CHUNK).encode("utf-8", "replace") if size else b""


def _is_object_of_objects(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(i, Mapping) for i in value.values())


def _is_lines(head: str) -> bool:
    """Whether the text is one object per line, and more than one."""
    lines = [line for line in head.lstrip("﻿\x1e \t\r\n").splitlines()[:3] if line.strip()]
    if len(lines) < 2 or not lines[1].lstrip("\x1e \t").startswith("{"):
        return False
    try:
        return isinstance(json.loads(lines[0].strip("\x1e \t")), Mapping)
    except (ValueError, RecursionError):
        return False


def search(path: Any, value: Any) -> Any:
    """What is at a JMESPath, the value itself without one. Raises ``SourceError``."""
    if not path:
        return value
    try:
        return jmespath.search(str(path), value)
    except JMESPathError as error:
        raise SourceError("option", f"Ce chemin est illisible : « {path} ».") from error
