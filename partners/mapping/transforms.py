"""The operations a rule may apply to a value, each a function of the value and its arguments."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from carrefour.html import safe_html
from carrefour.text import key
from partners.mapping import dates, links, texts
from partners.mapping.emptiness import is_empty
from partners.mapping.expressions import expression

Arguments = Mapping[str, Any]
SEPARATORS = [";", "|", "\n", " – ", " • "]
NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
THOUSANDS = re.compile(r"(?<=\d)[\s  ](?=\d{3}(?!\d))")


def each(change: Callable[[Any, Arguments], Any]) -> Callable[[Any, Arguments], Any]:
    """The operation on a single value, or on every item of a list (empty results dropped)."""

    def applied(value: Any, arguments: Arguments) -> Any:
        if isinstance(value, list):
            changed = [change(v, arguments) for v in value]
            return [v for v in changed if v not in (None, "", [])]
        return None if value is None else change(value, arguments)

    return applied


def split(value: Any, arguments: Arguments) -> list[Any]:
    """Cut texts at any of the separators (« ; », « | », line ends by default)."""
    marks = _marks(tuple(arguments.get("separators") or SEPARATORS))
    values = value if isinstance(value, list) else [value]
    parts = [p for v in values for p in (marks.split(v) if isinstance(v, str) else [v])]
    return [p.strip() if isinstance(p, str) else p for p in parts if not is_empty(p)]


@lru_cache(maxsize=256)
def _marks(separators: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, separators)))


def join(value: Any, arguments: Arguments) -> Any:
    if not isinstance(value, list):
        return value
    return str(arguments.get("separator", " ")).join(str(v) for v in value if not is_empty(v))


def first(value: Any, arguments: Arguments) -> Any:
    return next((v for v in value if not is_empty(v)), None) if isinstance(value, list) else value


def default(value: Any, arguments: Arguments) -> Any:
    return arguments.get("value") if is_empty(value) else value


def mapped(value: Any, arguments: Arguments) -> Any:
    """Replace known values (compared without case, accents…); others: ``default``, or kept."""
    values = arguments.get("values") or {}
    name = _names(tuple(values)).get(key(str(value)))
    return arguments.get("default", value) if name is None else values[name]


def dropped(value: Any, arguments: Arguments) -> Any:
    return None if key(str(value)) in _names(tuple(arguments.get("values") or ())) else value


@lru_cache(maxsize=256)
def _names(words: tuple[str, ...]) -> dict[str, str]:
    """Key of a word → the word; the last of two alike."""
    return {key(str(word)): word for word in words}


def regex(value: Any, arguments: Arguments) -> Any:
    """``replace`` every match of ``pattern``; without it, the first group (or the match) found.

    Raises ``TooSlow``.
    """
    pattern = expression(str(arguments.get("pattern", "")))
    if "replace" in arguments:
        return pattern.replaced(str(arguments["replace"]), str(value))
    return pattern.search(str(value))


def number(value: Any, arguments: Arguments) -> float | int | None:
    """A number as written in French: « 1 234,5 » → 1234.5."""
    if isinstance(value, int | float):
        return value
    found = NUMBER.search(THOUSANDS.sub("", str(value)))
    if not found:
        return None
    parsed = float(found.group(0).replace(",", "."))
    return int(parsed) if parsed.is_integer() and "." not in found.group(0) else parsed


OPERATIONS: dict[str, Callable[[Any, Arguments], Any]] = {
    "strip_html": each(lambda v, a: texts.plain(str(v))),
    "clean_html": each(lambda v, a: safe_html(v if isinstance(v, str) else str(v))),
    "split": split,
    "join": join,
    "first": first,
    "default": default,
    "map": each(mapped),
    "drop": each(dropped),
    "regex": each(regex),
    "lower": each(lambda v, a: str(v).lower()),
    "capitalize": each(lambda v, a: str(v)[:1].upper() + str(v)[1:].lower()),
    "prefix": each(lambda v, a: f"{a.get('value', '')}{v}"),
    "date": each(lambda v, a: dates.partial_date(v)),
    "year": each(lambda v, a: dates.year(v)),
    "number": each(number),
    "url": each(lambda v, a: links.mended(str(v), str(a.get("base", "")))),
    # A place is looked up by its target: the operation only says so.
    "place": lambda v, a: v,
}
ARGUMENTS = {
    "split": {"separators"},
    "join": {"separator"},
    "default": {"value"},
    "map": {"values", "default"},
    "drop": {"values"},
    "regex": {"pattern", "replace"},
    "prefix": {"value"},
    "url": {"base"},
}
