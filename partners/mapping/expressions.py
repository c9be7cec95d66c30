"""Regular expressions of mappings and options: written by people, run against a clock.

A pattern such as « (a+)+$ » takes ages on some texts: it is stopped, and after a few stops in a row
it is no longer tried, so that a harvest of a hundred thousand rows does not hang on it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import regex

SECONDS = 0.25
STRIKES = 5
UNREADABLE = (regex.error, OverflowError)


class TooSlow(Exception):
    """The expression does not end in time on this text."""


class Expression:
    """A compiled pattern. ``search``, ``matches`` and ``replaced`` raise ``TooSlow``."""

    def __init__(self, pattern: str) -> None:
        self.compiled = regex.compile(pattern)
        self._strikes = 0

    def search(self, text: str) -> str | None:
        """The first group of the first match, or the whole match without groups."""
        found = self._timed(lambda: self.compiled.search(text, timeout=SECONDS))
        if not found:
            return None
        return found.group(1) if self.compiled.groups else found.group(0)

    def matches(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text."""
        return bool(self._timed(lambda: self.compiled.search(text, timeout=SECONDS)))

    def replaced(self, replacement: str, text: str) -> str:
        return str(self._timed(lambda: self.compiled.sub(replacement, text, timeout=SECONDS)))

    def _timed(self, work: Callable[[], Any]) -> Any:
        if self._strikes >= STRIKES:
            raise TooSlow
        try:
            result = work()
        except TimeoutError as error:
            self._strikes += 1
            raise TooSlow from error
        self._strikes = 0
        return result


@lru_cache(maxsize=512)
def expression(pattern: str) -> Expression:
    """The compiled pattern. Raises one of ``UNREADABLE``."""
    return Expression(pattern)
