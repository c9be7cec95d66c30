"""Giving the PDF of a kit: kept while its content is the same, made by few at a time.

However many ask, at most ``AT_ONCE`` programs make PDFs in all the processes of the site, and each
kit is made once: the others wait for it a little, then are asked to come back.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

from carrefour.caching import program
from essaimage.kit import typesetting
from essaimage.kit.typesetting import CannotPrint

AT_ONCE = 2
# Seconds: a PDF is kept (some are asked again and again, most never), one that cannot be made is
# not tried again, someone waits for another's.
KEPT = 300
REFUSED = 300
WAITED = 6.0
PAUSE = 0.1
# What stands in the cache for one that cannot be made.
NOTHING = b""


class Busy(Exception):
    """Too many are being made: ask again in a moment."""


def name_of(told: str) -> str:
    """The name under which the PDF of a payload is kept: another content, another name."""
    return f"kit-pdf:{hashlib.sha256(f'{program()} {told}'.encode()).hexdigest()}"


def is_kept(told: str) -> bool:
    """Whether giving the PDF of a payload costs nothing."""
    return cache.get(name_of(told)) is not None


def pdf_of(told: str) -> bytes:
    """The PDF of a payload. Raises ``Busy`` and ``CannotPrint``."""
    name = name_of(told)
    until = time.monotonic() + WAITED
    while True:
        kept = cache.get(name)
        if kept == NOTHING:
            raise CannotPrint("it could not be made a moment ago")
        if kept is not None:
            return bytes(kept)
        with _turn(name) as has_turn:
            if has_turn:
                return _made(told, name)
        if time.monotonic() > until:
            raise Busy
        time.sleep(PAUSE)


def _made(told: str, name: str) -> bytes:
    try:
        made = typesetting.print_pdf(told)
    except CannotPrint:
        cache.set(name, NOTHING, REFUSED)
        raise
    cache.set(name, made, KEPT)
    return made


@contextmanager
def _turn(name: str) -> Iterator[bool]:
    """Whether this process is the one that makes this kit, among few that make any.

    A turn that a process dies with ends by itself.
    """
    lasting = typesetting.SECONDS + 5
    wanted = [(f"{name}:turn",), tuple(f"kit-pdf-turn:{n}" for n in range(AT_ONCE))]
    held: list[str] = []
    try:
        for choice in wanted:
            taken = next((turn for turn in choice if cache.add(turn, 1, lasting)), None)
            if taken is None:
                break
            held.append(taken)
        yield len(held) == len(wanted)
    finally:
        cache.delete_many(held)
