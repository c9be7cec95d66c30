"""What a kind of table must tell: its columns, its rows, and how one of them is written."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, str]


class Refused(ValueError):
    """A line that cannot be taken; one French sentence."""


class Kind(ABC):
    """A table of texts. ``keys`` name the columns that say which object a line is about; ``fixed``
    those that only inform."""

    name = ""
    label = ""
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    view = ""
    change = ""
    # A file is rehearsed, then applied, while a page is waited for and harvests too.
    most = 5_000

    def named(self, row: Row) -> str:
        """What people call the object of a line."""
        return " – ".join(row[n] for n in self.keys if row.get(n))

    @abstractmethod
    def rows(self) -> Iterable[dict[str, str]]:
        """Every object as a line of the table."""

    @abstractmethod
    def find(self, row: Row) -> Any:
        """The object that the line is about, None for a new one. Raises ``Refused``."""

    @abstractmethod
    def current(self, found: Any) -> dict[str, str]:
        """What the table says of an object today."""

    @abstractmethod
    def write(self, found: Any, values: Row, author: Any) -> Any:
        """Write the values on the object, or on a new one; returns it. Raises ``Refused``."""

    def follow(self, written: Iterable[Any]) -> None:
        """What else must follow once lines are written for good; nothing by default."""
        return

    @abstractmethod
    def get(self, pk: int) -> Any:
        """The object of that number, None when it is gone."""

    @abstractmethod
    def take_back(self, found: Any, author: Any) -> None:
        """Undo a creation. Raises ``Refused`` when something hangs on it since."""


def yes(text: str) -> bool:
    """« oui » or « non ». Raises ``Refused``."""
    known = {"oui": True, "vrai": True, "1": True, "non": False, "faux": False, "0": False}
    said = text.strip().lower()
    if said not in known:
        raise Refused(f"« {text} » : oui ou non est attendu.")
    return known[said]


def listed(text: str) -> list[str]:
    """The parts of a cell, parted by « | »."""
    return [part.strip() for part in text.split("|") if part.strip()]
