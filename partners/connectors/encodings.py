"""Which encoding a file is in, told from all of it without holding it."""

import codecs
from collections.abc import Iterator
from typing import IO

from carrefour.http import charset

CHUNK = 1_000_000
# What is enough of the letters beyond ASCII to tell one encoding from another.
ODD = 200_000
# One damaged letter among this many sound ones does not make a UTF-8 file something else.
SOUND = 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ASCII = bytes(range(128))


def encoding_of(file: IO[bytes], declared: str = "") -> str:
    """The codec's name for ``file`` (seekable, left at its start), byte order mark skipped by it.

    In the order of ``carrefour.http.decode``: mark, UTF-8 when the bytes are (a rare damaged
    letter apart), the encoding declared, else the usual one that gives the most French letters.
    """
    file.seek(0)
    head = file.read(charset.HEAD)
    try:
        return _told(head) or _read_through(file, declared)
    finally:
        file.seek(0)


def _told(head: bytes) -> str:
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    zeros = head.count(0)
    if zeros and zeros * 4 >= len(head):
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    return ""


def _read_through(file: IO[bytes], declared: str) -> str:
    utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
    beyond, damaged, odd = 0, 0, bytearray()
    for chunk in _chunks(file):
        letters = utf8.decode(chunk)
        if letters.isascii():
            continue
        damaged += letters.count("�")
        beyond += len(letters) - len(letters.encode("ascii", "ignore"))
        if len(odd) < ODD:
            odd += chunk.translate(None, ASCII)
    if damaged * SOUND <= beyond:
        return "utf-8"
    return _fitting(file, declared) or _french(bytes(odd[:ODD]))


def _fitting(file: IO[bytes], declared: str) -> str:
    """The declared encoding, when it is known and reads the whole file; "" otherwise."""
    name = declared.strip().lower()
    name = "windows-1252" if name in charset.LATIN else name
    try:
        decoder = codecs.getincrementaldecoder(name)() if name else None
        for chunk in _chunks(file) if decoder else ():
            decoder.decode(chunk)  # type: ignore[union-attr]
    except (LookupError, UnicodeDecodeError):
        return ""
    return name


def _french(odd: bytes) -> str:
    """The usual encoding in which the bytes beyond ASCII are the most French."""

    def score(name: str) -> int:
        text = odd.decode(name, errors="replace")
        return sum(1 if letter in charset.FRENCH else -2 for letter in text)

    return max(charset.CANDIDATES, key=score)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
