"""The place that stands in a query: « mobilité Bretagne », « autour de Lormes 30 km ».

A name is taken for a place when what stands around it says so: a preposition, a distance, a number
of département, its capital letter, or its size; a name that is also a common word needs more.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from carrefour.text import ascii_digits, key, one_line
from innovations.search_place import PlaceAnswer, answer_text
from territories import lookup
from territories.kinds import Kind

COMMON = Path(__file__).parent / "data" / "noms_communs.txt"
LEVELS = {"region", "departement", "commune"}
UPPER = {Kind.REGION, Kind.DEPARTEMENT, Kind.COLLECTIVITE}
# Inhabitants of a commune that is understood alone, in small letters; after « à »; though its name
# is a common word.
CITY, TOWN, KNOWN = 20_000, 2_000, 5_000
LONGEST = 7
RADIUS = 30
MOST_KILOMETRES = 200

TOKEN = re.compile(r"[^\s'’]+['’]?|['’]")
# What must not be read: exact phrases and exclusions.
QUOTED = re.compile(r'"[^"]*"?|«[^»]*»?|“[^”]*”?|(?<!\S)-\S+')
KM = r"(?P<km>\d{1,4}) ?(?:kms?|kilom[eè]tres?)\b"
OF = r"(?:de la|de l['’]|de|d['’]|du|des)"
IN_ALL = r"(?:dans un )?rayon de|[aà] moins de|[aà]"
BEFORE = (
    ("autour", re.compile(
        rf"(?:^|\s)(?:(?:{IN_ALL}) {KM}(?: autour)?|autour|pr[eè]s|proches?|aux? alentours?"
        rf"|aux environs|environs|alentours|[aà] proximit[eé]) {OF} ?$", re.IGNORECASE)),
    ("niveau", re.compile(
        rf"(?:^|\s)(?:(?:en|dans|de|pour|sur) ?)?(?:(?:la|le|les|l['’]|d['’]) ?)?"
        rf"(?P<mark>(?:r[eé]gion|d[eé]partement|commune|ville)(?: {OF})?) ?$", re.IGNORECASE)),
    ("dans", re.compile(r"(?:^|\s)(?:dans|sur) (?:la |le |les |l['’])$", re.IGNORECASE)),
    ("en", re.compile(r"(?:^|\s)en $", re.IGNORECASE)),
    ("à", re.compile(r"(?:^|\s)(?:[aà]|dans|aux?|[aà] la|[aà] l['’]) ?$", re.IGNORECASE)),
    ("de", re.compile(rf"(?:^|\s){OF} ?$", re.IGNORECASE)),
)  # fmt: skip
NUMBER = re.compile(r" ?\((?:2[abAB]|\d{2,3})\)")
AFTER = re.compile(
    rf",? ?(?:(?:dans un |sur un )?rayon de |[aà] moins de |[aà] |sur )?{KM}", re.IGNORECASE
)
ORDER = ("autour", "niveau", "dans", "à", "en", "de", "")


@dataclass(frozen=True)
class QueryPlace:
    """``written`` as it stands in the query, ``rest`` without it; ``kilometres`` around, if asked.

    ``place`` has no territory when homonyms are as likely: they are proposed, and the words stay
    words. ``is_certain``: a distance, a level or a number says that a place is meant, and nothing
    else.
    """

    written: str
    rest: str
    place: PlaceAnswer = field(default_factory=PlaceAnswer)
    kilometres: int | None = None
    is_certain: bool = False


@dataclass(frozen=True)
class Name:
    """A span of the query that is the name of a place; ``number`` follows it, as « (29) »."""

    start: int
    end: int
    written: str
    found: lookup.Found
    context: str = ""
    before: int = 0
    mark: str = ""
    kilometres: int | None = None
    is_measured: bool = False
    number: str = ""
    is_telling: bool = False
    is_edge: bool = False
    is_alone: bool = False

    @property
    def is_capital(self) -> bool:
        return _bare(self.written)[:1].isupper()

    @property
    def is_common(self) -> bool:
        return key(_bare(self.written)) in _common()

    @property
    def is_upper(self) -> bool:
        return self.found.kind in UPPER

    @property
    def is_certain(self) -> bool:
        """Whether nothing but a place can be meant."""
        first = key(self.written).split()[0]
        return bool(self.number) or self.context in {"autour", "niveau"} or first in LEVELS

    @property
    def is_meant(self) -> bool:
        """Whether a place is meant, rather than the words."""
        if self.number or self.context == "niveau":
            return True
        return self._is_meant_though_common if self.is_common else self._is_plainly_meant

    @property
    def _is_plainly_meant(self) -> bool:
        if self.context in {"autour", "en"}:
            return self.context == "autour" or self.is_upper
        if self.context in {"dans", "à"}:
            is_known = " " in key(self.written) or self.found.population >= TOWN
            return self.is_upper or self.is_capital or is_known
        is_known = self.is_upper or self.found.population >= CITY
        is_told = is_known or (self.is_capital and (self.is_telling or self.is_alone))
        return is_told and (bool(self.context) or self.is_edge)

    @property
    def _is_meant_though_common(self) -> bool:
        is_known = self.is_upper or self.found.population >= KNOWN
        if self.context == "dans":
            return (self.is_upper and key(self.written) != "centre") or (
                self.is_capital and is_known
            )
        if key(self.written) == "la reunion":
            return self.is_capital
        if self.context in {"autour", "à"}:
            return self.is_capital
        is_told = self.is_capital and self.is_telling and is_known
        return is_told and (bool(self.context) or self.is_edge)


def understood(text: str) -> QueryPlace | None:
    """The place of the query, when it has one; one query to the database at most. Digits of any
    script are read."""
    text = ascii_digits(text)
    names = sorted(
        (name for name in _names(text) if name.is_meant),
        key=lambda name: (ORDER.index(name.context), not name.number, -name.start),
    )
    if not names:
        return None
    name = names[0]
    place = answer_text(f"{name.mark} {name.written}{name.number}".strip())
    if place.territory is None and not place.others:
        return None
    if place.territory and place.territory.kind == Kind.PAYS:
        return None
    written = one_line(text[name.before : name.end])
    rest = one_line(f"{text[: name.before]} {text[name.end :]}")
    kilometres = None if name.is_upper and not name.is_measured else name.kilometres
    return QueryPlace(written, rest, place, kilometres, name.is_certain)


def _names(text: str) -> Iterator[Name]:
    """Every name in the query, the longest at each word."""
    hidden = QUOTED.sub(lambda quoted: "\x01" * len(quoted[0]), text)
    tokens = list(TOKEN.finditer(hidden))
    free = 0
    for first in range(len(tokens)):
        start = tokens[first].start()
        if start < free:
            continue
        for last in range(min(len(tokens), first + LONGEST) - 1, first - 1, -1):
            end = tokens[last].end()
            written = hidden[start:end].rstrip(",;.!?")
            if "\x01" in written or not _is_whole(tokens[first : last + 1]):
                continue
            found = lookup.exact(written)
            if found and not _hides_a_larger(written, found):
                yield _placed(hidden, start, start + len(written), found, tokens)
                free = end
                break


def _hides_a_larger(written: str, found: lookup.Found) -> bool:
    """Whether a small place has the name and article of a larger one: « la Creuse » is a village
    too, with a capital to its article."""
    bare = _bare(written)
    if found.kind in UPPER or bare == written or not written[:1].islower():
        return False
    larger = lookup.exact(bare)
    return larger is not None and larger.kind in UPPER


def _is_whole(tokens: Sequence[re.Match]) -> bool:
    """Whether names are compared by all of these words: some scripts have no key."""
    return all(key(t[0]) or not any(c.isalnum() for c in t[0]) for t in tokens)


def _placed(
    text: str, start: int, end: int, found: lookup.Found, tokens: Sequence[re.Match]
) -> Name:
    context, before, mark, kilometres = "", start, "", ""
    head = text[:start]
    for name, pattern in BEFORE:
        if match := pattern.search(head):
            context, before = name, match.start() + (match[0][:1].isspace())
            parts = match.groupdict()
            mark = parts.get("mark") or ""
            kilometres = parts.get("km") or ""
            break
    number = NUMBER.match(text, end)
    written = text[start:end]
    end = number.end() if number else end
    if after := AFTER.match(text, end):
        kilometres, end, context = after["km"], after.end(), "autour"
    others = [t[0] for t in tokens if not before <= t.start() < end and len(t[0]) > 3]
    return Name(
        start, end, written, found, context, before, mark,
        min(MOST_KILOMETRES, max(1, int(kilometres or RADIUS))) if context == "autour" else None,
        is_measured=bool(kilometres),
        number=number[0] if number else "",
        is_telling=start > 0 and any(word[:1].islower() for word in others),
        is_alone=not text[:before].strip() and not text[end:].strip(),
        is_edge=not text[end:].strip() or (start == 0 and not _goes_on(text[end:])),
    )  # fmt: skip


def _goes_on(rest: str) -> bool:
    """Whether what follows a name at the head goes on with it: « Bretagne Créative »."""
    return not rest.startswith((" ", ",")) or rest.strip()[:1].isupper()


def _bare(written: str) -> str:
    return re.sub(r"^(?:la |le |les |l['’] ?)", "", written, flags=re.IGNORECASE)


@cache
def _common() -> frozenset[str]:
    """Names of places that are also common words, as keys without their article."""
    return frozenset(COMMON.read_text().split())
