"""What the columns of a sample look like, whatever they are called."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from partners.connectors.shapes import step
from partners.mapping import dates, labels, links, texts
from partners.mapping.emptiness import is_empty
from partners.mapping.transforms import number
from territories.kinds import Kind
from territories.lookup.gazetteer import gazetteer
from territories.lookup.words import words

DEPTH = 4
# Steps of a path that say nothing of what they hold.
MUTE = {"rendered", "properties", "attributes", "fields", "value", "acf", "meta", "fr", "text"}
# What JSON-LD says of an object and not of what it describes.
ANNOTATIONS = {"@type", "@context"}
NAMING = ("name", "nom", "label", "libelle", "title", "titre", "intitule", "valeur", "value")
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|avif)(?:$|[?#])", re.IGNORECASE)
SOCIAL = re.compile(
    r"//(?:[\w-]+\.)?(?:facebook|twitter|x|instagram|linkedin|youtube|youtu|tiktok|vimeo|flickr"
    r"|github|gitlab|framagit|bitbucket|drive\.google)\."
)
# Where a thing is, on the map of another: neither a page of its own nor a site.
MAP = re.compile(
    r"//(?:(?:www\.|maps\.)?google\.[a-z.]+/maps|maps\.google\.|goo\.gl/maps|maps\.app\.goo\.gl"
    r"|(?:www\.)?openstreetmap\.org/|osm\.org/|(?:www\.)?waze\.com/|maps\.apple\.)"
)
MACHINE = re.compile(r"/(?:api|jsonapi|wp-json|rest|graphql|oai)(?:/|$|\?)|\.json(?:$|\?)")
EMAIL = re.compile(r"^(?:mailto:)?[^@\s]+@[^@\s]+\.[a-z]{2,}$", re.IGNORECASE)
PHONE = re.compile(r"^(?:\+33|0)\s?[1-9](?:[\s.-]?\d{2}){4}$")
DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:(?: à |[ T])\d{1,2}[:h].*)?$")
# So many values tell what a column holds.
LOOKED_AT = 80
YES = {"x", "oui", "1", "1 0", "true", "vrai", "yes", "o", "✓", "✔"}
NO = {"", "non", "0", "0 0", "false", "faux", "no", "n"}


@dataclass
class Column:
    """One column or leaf of the sample: where it is, its name, what its rows say."""

    path: str
    steps: tuple[str, ...]
    values: list[Any]
    # The first word of most columns, which says nothing of this one.
    prefix: str = ""
    filled: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.filled = [v for v in self.values if not is_empty(v)]

    @cached_property
    def names(self) -> dict[str, float]:
        """Its normalised names and how much each tells: the whole path, then its last step."""
        plain = [labels.plain(s) for s in self.steps if not s.startswith("[].")]
        telling = [p for p in plain if p not in MUTE] or plain
        found: dict[str, float] = {}
        # « organizer.name » is first the name of an organizer.
        for name, weight in ((" ".join(plain), 1.0), (" ".join(telling), 1.0), (telling[-1], 0.75)):
            for reading, worth in labels.readings(name, self.prefix).items():
                found[reading] = max(found.get(reading, 0.0), weight * worth)
        return found

    @property
    def last_name(self) -> str:
        """The normalised last step that says something."""
        plain = [labels.plain(s) for s in self.steps if not s.startswith("[].")]
        return ([p for p in plain if p not in MUTE] or plain)[-1]

    @cached_property
    def strings(self) -> list[str]:
        flat = [i for v in self.filled for i in (v if isinstance(v, list) else [v])]
        return [texts.plain(str(v)) for v in flat if not isinstance(v, dict)]

    @cached_property
    def raw_strings(self) -> list[str]:
        """Its texts as they are written, line ends included."""
        flat = [i for v in self.filled for i in (v if isinstance(v, list) else [v])]
        return [v for v in flat if isinstance(v, str)]

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
        return self.share(_is_address)

    @cached_property
    def numbers(self) -> float:
        return self.share(lambda s: re.fullmatch(r"[-+]?\d[\d  .,]*", s))

    @cached_property
    def links(self) -> list[str]:
        """Its texts that are addresses, mended."""
        mended = (links.mended(s) for s in self.strings if not EMAIL.match(s))
        return [m for m in mended if m]

    @cached_property
    def hosts(self) -> int:
        return len({urlsplit(link).netloc for link in self.links})

    @cached_property
    def main_host(self) -> float:
        """Share of its addresses that are on the host named most often."""
        counts = Counter(urlsplit(link).netloc.removeprefix("www.") for link in self.links)
        return counts.most_common(1)[0][1] / counts.total() if counts else 0.0

    def links_like(self, pattern: re.Pattern[str]) -> float:
        """Share of its addresses in which the pattern is found."""
        return sum(bool(pattern.search(x)) for x in self.links) / max(1, len(self.links))

    @cached_property
    def is_private(self) -> bool:
        """Whether it holds e-mail addresses or telephone numbers."""
        return self.share(lambda s: EMAIL.match(s) or PHONE.match(s)) > 0.4

    @cached_property
    def moments(self) -> float:
        """Share of dates written in figures."""
        return self.share(DATE.match)

    @cached_property
    def decimals(self) -> float:
        return self.share(lambda s: re.fullmatch(r"-?\d{1,3}[.,]\d{2,}", s))

    @cached_property
    def is_flag(self) -> bool:
        """Whether it only says yes (and no): a box to tick."""
        said = {texts.plain(str(v)).lower() for v in self.values if v is not None}
        return bool(said & YES) and said <= YES | NO

    @cached_property
    def territories(self) -> Counter[str]:
        """Kind of territory → how many of its first values are the name of one; "" of none."""
        found: Counter[str] = Counter()
        known = gazetteer().by_name
        for text in list(dict.fromkeys(self.strings))[:LOOKED_AT]:
            said = known.get(words(text), ()) if len(text) <= 60 else ()
            found[max(said, key=lambda m: m.weight).territory.kind if said else ""] += 1
        return found

    def territory_share(self, *kinds: Kind) -> float:
        """Share of its distinct values that name a territory of these kinds (of any by default)."""
        wanted = kinds or tuple(Kind)
        return sum(self.territories[k] for k in wanted) / max(1, self.territories.total())

    def within(self, low: float, high: float) -> float:
        """Share of numbers between the bounds."""
        return self.share(lambda s: (n := number(s, {})) is not None and low <= n <= high)

    @cached_property
    def years(self) -> float:
        return self.share(lambda s: len(s) <= 40 and dates.year(s))


def _is_address(text: str) -> bool:
    """« https://… », « www.… », or a bare host, its path included: « exemple.fr/page »."""
    if EMAIL.match(text) or " " in text.strip():
        return text.lower().startswith("http") and bool(links.mended(text))
    if text.lower().startswith(("http", "www.", "//")):
        return bool(links.mended(text))
    return bool(re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,6}(?:/\S*)?", text, re.I)) and bool(
        links.mended(text)
    )


def columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Every leaf of the rows, keys of nested objects included, in the order of the first rows."""
    found: dict[tuple[str, ...], dict[int, Any]] = {}
    for index, row in enumerate(rows):
        for steps, value in _leaves(row, (), DEPTH):
            found.setdefault(steps, {})[index] = value
    prefix = labels.shared_prefix([labels.plain(s[-1]) for s in found if len(s) == 1])
    return [
        Column(_path(steps), steps, [values.get(i) for i in range(len(rows))], prefix)
        for steps, values in found.items()
    ]


def _leaves(
    value: Mapping[str, Any], steps: tuple[str, ...], depth: int
) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for name, inner in value.items():
        path = (*steps, str(name))
        if name in ANNOTATIONS:
            continue
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
    return next((k for k in NAMING if counts[k]), "")


def _path(steps: tuple[str, ...]) -> str:
    """A table's column as it is written, a nested value as a JMESPath."""
    if len(steps) == 1:
        return steps[0]
    if steps[-1].startswith("[]."):
        return ".".join(step(s) for s in steps[:-1]) + steps[-1]
    return ".".join(step(s) for s in steps)
