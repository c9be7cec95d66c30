"""What a kit is made of: plain blocks, that the page and the PDF draw each in their way.

Every text is plain text; an address is a path of this site or begins with « http ».
"""

import datetime
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Passage:
    """``style``: « p » (a paragraph, line ends kept), « ul » (a list), « h » (a small heading)."""

    style: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    text: str
    url: str = ""


@dataclass(frozen=True)
class Entry:
    """A label and what is said under it."""

    label: str
    passages: tuple[Passage, ...]
    url: str = ""


@dataclass(frozen=True)
class Prose:
    passages: tuple[Passage, ...]
    kind: str = field(default="prose", init=False)


@dataclass(frozen=True)
class Entries:
    entries: tuple[Entry, ...]
    kind: str = field(default="entries", init=False)


@dataclass(frozen=True)
class Subtitle:
    text: str
    kind: str = field(default="subtitle", init=False)


@dataclass(frozen=True)
class Table:
    """The first cell of each row is its heading."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Link, ...], ...]
    kind: str = field(default="table", init=False)

    @property
    def labelled_rows(self) -> list[list[tuple[str, Link]]]:
        """Each cell after the heading of its column, for narrow screens."""
        return [list(zip(self.headers, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Card:
    """A replication, an obstacle… ``tone``: « done », « open », « stopped » or ""."""

    title: str
    badges: tuple[str, ...]
    entries: tuple[Entry, ...]
    url: str = ""
    tone: str = ""
    kind: str = field(default="card", init=False)


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    offers: tuple[Link, ...]


@dataclass(frozen=True)
class Steps:
    steps: tuple[Step, ...]
    kind: str = field(default="steps", init=False)


@dataclass(frozen=True)
class Missing:
    """What nobody said yet, and whom to ask."""

    items: tuple[str, ...]
    asks: tuple[Link, ...]
    kind: str = field(default="missing", init=False)


@dataclass(frozen=True)
class Links:
    """Addresses in a list, each after what it is for."""

    items: tuple[tuple[str, Link], ...]
    kind: str = field(default="links", init=False)


Block = Prose | Entries | Subtitle | Table | Card | Steps | Missing | Links


@dataclass(frozen=True)
class Section:
    code: str
    title: str
    intro: str
    blocks: tuple[Block, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(item for b in self.blocks if isinstance(b, Missing) for item in b.items)


@dataclass(frozen=True)
class Zone:
    """A territory as drawn: the ``d`` of an SVG path; ``tone``: « land » or of the legend."""

    d: str
    tone: str


@dataclass(frozen=True)
class Frame:
    """The inset of an overseas territory."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Tone:
    """A colour of the map: what it stands for, and the places so coloured."""

    code: str
    label: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Map:
    """``alt`` says in words all that it shows."""

    viewbox: str
    zones: tuple[Zone, ...]
    frames: tuple[Frame, ...]
    legend: tuple[Tone, ...]
    alt: str


@dataclass(frozen=True)
class Kit:
    """``address``: of the record; ``known``: how many replications, in words; ``as_of``: the day
    of the data that it was built from."""

    slug: str
    title: str
    lead: str
    structure: str
    place: str
    known: str
    address: str
    as_of: datetime.date
    facts: tuple[Entry, ...]
    map: Map | None
    sections: tuple[Section, ...]
