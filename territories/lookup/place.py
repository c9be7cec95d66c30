"""What a look-up answers."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Self

from territories.kinds import Kind

# From this confidence on, an answer is used without a person looking at it.
SURE = 0.9


class Found(NamedTuple):
    """A territory of the reference files: enough to name it and to fetch it by (kind, code)."""

    kind: str
    code: str
    name: str
    region: str
    departement: str
    epci: str
    population: int
    longitude: float | None
    latitude: float | None

    def __str__(self) -> str:
        return f"{self.name} ({self.departement})" if self.departement else self.name

    def contains(self, other: "Found") -> bool:
        """Whether the other lies in this territory, or is it."""
        if self.kind == Kind.PAYS or (self.kind, self.code) == (other.kind, other.code):
            return True
        if self.kind == Kind.DEPARTEMENT and other.kind == Kind.REGION:
            # « Martinique » is both, on the same ground.
            return self.region == other.code and self.population == other.population
        level = {Kind.COLLECTIVITE: "departement"}.get(Kind(self.kind), self.kind)
        return self.kind != Kind.COMMUNE and getattr(other, level) == self.code

    def akin(self, other: "Found") -> bool:
        """Whether one lies in the other."""
        return self.contains(other) or other.contains(self)


class Status(StrEnum):
    """How the look-up ended; the words are those shown to staff."""

    FOUND = "trouvé"
    AMBIGUOUS = "ambigu"
    SEVERAL = "plusieurs lieux"
    FOREIGN = "hors de France"
    EMPTY = "non renseigné"
    UNKNOWN = "inconnu"


@dataclass(frozen=True, slots=True)
class Place:
    """Answer of a look-up.

    ``territory`` is the best answer, None when there is none to give; ``confidence`` goes from 0
    to 1; ``candidates`` are the other possible meanings, the likeliest first; ``several`` holds the
    territories of a text that names more than one; ``foreign`` tells that a place outside France
    is named; ``reason`` is a short French sentence.
    """

    status: Status
    territory: Found | None = None
    confidence: float = 0.0
    reason: str = ""
    candidates: tuple[Found, ...] = ()
    several: tuple[Found, ...] = ()
    foreign: bool = False

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE

    @property
    def territories(self) -> tuple[Found, ...]:
        """Every territory named: the several ones, or the only one, or none."""
        if self.several:
            return self.several
        return (self.territory,) if self.territory else ()

    @property
    def best(self) -> Found:
        """The territory of an answer that is known to have one; AssertionError when it has none."""
        assert self.territory is not None
        return self.territory

    def weighed(self, confidence: float, reason: str = "") -> Self:
        """The same answer with another confidence, and the reason completed."""
        told = " ; ".join(part for part in (self.reason, reason) if part)
        return replace(self, confidence=round(confidence, 3), reason=told)
