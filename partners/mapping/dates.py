"""Years and dates as people write them in French; never a day that was not said."""

import datetime
import re
from typing import Any

from carrefour.text import key

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan", "fevrier fevr fev", "mars mar", "avril avr", "mai", "juin",
            "juillet juil", "aout", "septembre sept sep", "octobre oct", "novembre nov",
            "decembre dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
FIRST_YEAR = 1800
ISO = re.compile(r"\b(1[89]\d\d|20\d\d)[-/.](0?[1-9]|1[0-2])(?:[-/.](0?[1-9]|[12]\d|3[01]))?(?!\d)")
DAY_FIRST = re.compile(r"\b(0?[1-9]|[12]\d|3[01])[-/. ](0?[1-9]|1[0-2])[-/. ](1[89]\d\d|20\d\d)\b")
MONTH_YEAR = re.compile(r"\b(0?[1-9]|1[0-2])[-/.](1[89]\d\d|20\d\d)\b")
WORDS = re.compile(r"(?:\b(\d{1,2})(?:er)? )?\b([a-z]+) (1[89]\d\d|20\d\d)\b")
YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")


def year(value: Any) -> int | None:
    """The first plausible year of a text, a number or a date (1800 to next year)."""
    latest = datetime.datetime.now(tz=datetime.UTC).year + 1
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    years = (int(y) for y in YEAR.findall(str(value)))
    return next((y for y in years if FIRST_YEAR <= y <= latest), None)


def partial_date(value: Any) -> str | None:
    """AAAA, AAAA-MM or AAAA-MM-JJ, as precise as what was written and no more; None otherwise."""
    text = str(value).strip()
    for read in (_iso, _day_first, _in_words, _month_year):
        if found := read(text):
            return found
    only_year = year(text)
    return str(only_year) if only_year else None


def _iso(text: str) -> str | None:
    found = ISO.search(text)
    return _written(found.group(1), found.group(2), found.group(3)) if found else None


def _day_first(text: str) -> str | None:
    found = DAY_FIRST.search(text)
    return _written(found.group(3), found.group(2), found.group(1)) if found else None


def _month_year(text: str) -> str | None:
    found = MONTH_YEAR.search(text)
    return _written(found.group(2), found.group(1), None) if found else None


def _in_words(text: str) -> str | None:
    for day, month, said_year in WORDS.findall(key(text)):
        if month in MONTHS:
            return _written(said_year, str(MONTHS[month]), day or None)
    return None


def _written(said_year: str, month: str, day: str | None) -> str | None:
    if day is None:
        return f"{said_year}-{int(month):02d}"
    try:
        return datetime.date(int(said_year), int(month), int(day)).isoformat()
    except ValueError:
        return None
