"""What a connector is: it knows the network and one format, and nothing of innovations."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from carrefour.french import counted, grouped
from carrefour.http import Fetcher

# Clocks differ: what changed shortly before the last reading is asked again. A source that knows
# days alone may count them elsewhere than here.
MARGIN = datetime.timedelta(hours=1)
DAY_MARGIN = datetime.timedelta(days=1)


def asked_since(since: datetime.datetime, *, by_day: bool = False) -> datetime.datetime:
    """The moment, in UTC, from which changes are asked so that none is missed since ``since``
    (aware)."""
    return (since - (DAY_MARGIN if by_day else MARGIN)).astimezone(datetime.UTC)


class SourceError(Exception):
    """A source that cannot be used as it is set up; ``message`` is one French sentence."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class RawRow:
    """One row as the partner gives it. ``position`` tells people where: « ligne 12 ».

    ``date`` is when the source last changed it, as it says so (ISO 8601, or ""). ``is_deleted``:
    the source says that the record of this ``external_id`` is no more; ``data`` is then empty.
    ``fault``: why the row, damaged at its source, is refused (a French sentence).
    """

    data: dict[str, Any]
    position: str
    external_id: str | None = None
    url: str = ""
    licence: str = ""
    date: str = ""
    is_deleted: bool = False
    fault: str = ""


class Connector:
    """Reads one source. A subclass gives its texts and ``rows``.

    ``options`` are the keys a source may set, each with its explanation in French.
    ``several_rows_per_record``: the rows of one project may stand far apart, so that all are read
    before the first record is made. After ``rows`` is exhausted, ``is_complete`` tells whether
    everything was read (a record absent from an incomplete reading is not missing).

    ``cursor`` is set before the first row of a page (or part) is given: what ``rows(resume=…)``
    needs to read that page again and go on from it. JSON-like; None when the reading cannot be
    taken up in the middle.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    explanation: ClassVar[str]
    option_help: ClassVar[Mapping[str, str]] = {}
    several_rows_per_record: bool = False
    # ``rows(since=…)`` asks the source for nothing but what changed.
    can_read_since: bool = False
    # One document holds everything: « not modified » then means that nothing changed.
    is_one_document: bool = False

    def __init__(self, url: str, options: Mapping[str, Any], fetcher: Fetcher) -> None:
        self.url = url
        self.options = dict(options)
        self.fetcher = fetcher
        self.expected: int | None = None
        self.is_complete = True
        self.warnings: list[str] = []
        self.cursor: Any = None
        if self.options.get("group_by"):
            self.several_rows_per_record = True

    def rows(
        self, *, resume: Any = None, since: datetime.datetime | None = None
    ) -> Iterator[RawRow]:
        """The rows of the source, in its own order.

        ``resume`` is the ``cursor`` of an interrupted reading, ``since`` the beginning (aware) of
        the last one that went through; a connector that cannot honour them reads everything.
        Raises ``FetchError`` or ``SourceError``.
        """
        raise NotImplementedError

    def check_expected(self, read: int) -> None:
        """After the last row: fewer rows than the source announced is an incomplete reading."""
        if self.expected is not None and read < self.expected:
            self.is_complete = False
            self.warnings.append(
                f"La source annonce {counted(self.expected, 'fiche')} et n’en donne que "
                f"{grouped(read)} : aucune n’est "
                "retirée."
            )

    def stop_at(self, pages: int) -> None:
        """The reading ends after so many pages: it may be incomplete, and says so."""
        self.is_complete = False
        self.warnings.append(
            f"Lecture arrêtée après {counted(pages, 'page')} : aucune fiche n’est retirée."
        )

    def integer(self, name: str, default: int) -> int:
        """An option as a whole number. Raises ``SourceError``."""
        try:
            return int(self.options.get(name, default))
        except (TypeError, ValueError) as error:
            raise SourceError("option", f"L’option « {name} » attend un nombre entier.") from error
