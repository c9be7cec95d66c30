"""Dates as precise as what is known of them: « 2017 », « 2017-11 », « 2017-11-03 »."""

import calendar
import datetime
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateformat import format as formatted

SHAPE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
FRENCH = re.compile(r"(?:([0-9]{1,2})[/.])?([0-9]{1,2})[/.]([0-9]{4})")
HELP = "AAAA, AAAA-MM ou AAAA-MM-JJ."
EARLIEST = 1800


def first_day(date: str) -> datetime.date | None:
    """The first day that the date may be; None for "" and for what is no date."""
    match = SHAPE.fullmatch(date)
    if match is None:
        return None
    try:
        return datetime.date(*(int(part or 1) for part in match.groups()))
    except ValueError:
        return None


def last_day(date: str) -> datetime.date | None:
    """The last day that the date may be: 31 December for « 2019 »; None as ``first_day``."""
    day = first_day(date)
    if day is None:
        return None
    month = 12 if len(date) == 4 else day.month
    last = calendar.monthrange(day.year, month)[1] if len(date) < 10 else day.day
    return datetime.date(day.year, month, last)


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later (or before, if negative), or the last of a month that is
    shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def typed(text: str) -> str:
    """What someone typed as the house writes it: « 3/11/2017 » → « 2017-11-03 », « 11/2017 » →
    « 2017-11 »; anything else as it is, for ``validate`` to judge."""
    written = text.strip()
    match = FRENCH.fullmatch(written)
    if match is None:
        return written
    day, month, year_ = match.groups()
    return "-".join([year_, f"{int(month):02d}", *([f"{int(day):02d}"] if day else [])])


def validate(date: str) -> None:
    """Raises ``ValidationError`` when it is no partial date, or is before 1800."""
    day = first_day(date)
    if day is None or day.year < EARLIEST:
        raise ValidationError(
            "« %(date)s » n’est pas une date : écrivez une année (2024), un mois (2024-05) ou un "
            "jour (2024-05-17).",
            params={"date": date},
        )


def is_before(one: str, other: str) -> bool:
    """Whether ``one`` is surely before ``other``, as far as both are known."""
    shared = min(len(one), len(other))
    return bool(shared) and one[:shared] < other[:shared]


def later(one: str, other: str) -> str:
    """The one that leaves less before it: the later, or of two that agree the more precise."""
    if is_before(one, other) or one == other[: len(one)]:
        return other
    return one


def year(date: str) -> int | None:
    day = first_day(date)
    return day.year if day else None


def shown(date: Any) -> str:
    """« 2017 », « novembre 2017 », « 3 novembre 2017 »; what is no date as it is."""
    day = first_day(str(date or ""))
    if day is None:
        return str(date or "")
    return formatted(day, {4: "Y", 7: "F Y"}.get(len(str(date)), "j F Y"))
