"""What the columns of a sample look like, whatever they are called."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from carrefour.text import key
from partners.connectors.shapes import step
from partners.mapping import dates, links, texts
from partners.mapping.emptiness import is_empty
from partners.mapping.transforms import number

DEPTH = 3
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Steps of a path that say nothing of what they hold.
MUTE = {"rendered", "properties", "attributes", "fields", "value", "acf", "meta", "fr"}


@dataclass
class Column:
    """One column or leaf of the sample: where it is, its name, what its rows say."""

    path: str
    steps: tuple[str, ...]
    values: list[Any]
    filled: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.filled = [v for v in self.values if not is_empty(v)]

    @cached_property
    def names(self) -> dict[str, float]:
        """Its normalised names and how much each tells: the whole path, then its last step."""
        plain = [key(CAMEL.sub(" ", s)) for s in self.steps if not s.startswith("[].")]
        telling = [p for p in plain if p not in MUTE] or plain
        weighed = {" ".join(plain): 1.0, " ".join(telling): 1.0}
        # « organizer.name » is first the name of an organizer.
        return weighed | {telling[-1]: weighed.get(telling[-1], 0.75)}

    @cached_property
    def strings(self) -> list[str]:
        flat = [i for v in self.filled for i in (v if isinstance(v, list) else [v])]
        return [texts.plain(str(v)) for v in flat if not isinstance(v, dict)]

    @cached_property
    def fill(self) -> float:
        return len(self.filled) / len(self.values) if self.values else 0.0

    @cached_property
    def distinct(self) -> int:
        return len({str(v) for v in self.filled})

    @cached_property
    def mean_length(self) -> float:
        return sum(map(len, self.strings)) / len(self.strings) if self.strings else 0.0

    @cached_property
    def is_list(self) -> bool:
        return any(isinstance(v, list) for v in self.filled)

    @property
    def is_constant(self) -> bool:
        return self.distinct == 1 and len(self.values) > 3 and self.fill > 0.9

    def share(self, test: Callable[[str], object]) -> float:
        """Share of the column's texts that pass the test, 0 when it says nothing."""
        return sum(bool(test(s)) for s in self.strings) / len(self.strings) if self.strings else 0.0

    @cached_property
    def addresses(self) -> float:
        return self.share(lambda s: s.startswith(("http", "www.", "//")) and links.mended(s))

    @cached_property
    def numbers(self) -> float:
        return self.share(lambda s: re.fullmatch(r"[-+]?\d[\d  .,]*", s))

    @cached_property
    def hosts(self) -> int:
        return len({urlsplit(links.mended(s)).netloc for s in self.strings})

    def within(self, low: float, high: float) -> float:
        """Share of numbers between the bounds."""
        return self.share(lambda s: (n := number(s, {})) is not None and low <= n <= high)

    @cached_property
    def years(self) -> float:
        return self.share(lambda s: len(s) <= 40 and dates.year(s))


def columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Every leaf of the rows, keys of nested objects included, in the order of the first rows."""
    found: dict[tuple[str, ...], dict[int, Any]] = {}
    for index, row in enumerate(rows):
        for steps, value in _leaves(row, (), DEPTH):
            found.setdefault(steps, {})[index] = value
    return [
        Column(_path(steps), steps, [values.get(i) for i in range(len(rows))])
        for steps, values in found.items()
    ]


def _leaves(
    value: Mapping[str, Any], steps: tuple[str, ...], depth: int
) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, inner in value.items():
        path = (*steps, str(name))
        if isinstance(inner, Mapping) and depth > 1:
            found += _leaves(inner, path, depth - 1)
        elif isinstance(inner, list) and any(isinstance(i, Mapping) for i in inner):
            if named := _named(inner):
                found.append(((*path, f"[].{named}"), [i.get(named) for i in inner]))
        else:
            found.append((path, inner))
    return found


def _named(items: Sequence[Any]) -> str:
    """The key that names the objects of a list (« name », « nom », « label »…); "" if none."""
    counts = Counter(k for i in items if isinstance(i, Mapping) for k in i)
    return next((k for k in ("name", "nom", "label", "libelle", "title", "titre") if counts[k]), "")


def _path(steps: tuple[str, ...]) -> str:
    """A table's column as it is written, a nested value as a JMESPath."""
    if len(steps) == 1:
        return steps[0]
    if steps[-1].startswith("[]."):
        return ".".join(step(s) for s in steps[:-1]) + steps[-1]
    return ".".join(step(s) for s in steps)
