"""How likely a column feeds a field: what it is called, weighed by what it holds."""

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from partners.mapping.profiles import MACHINE, MAP, PICTURE, SOCIAL, Column
from territories.kinds import Kind

HEADERS = Path(__file__).parent / "headers.toml"
# A name found word for word, and one that only resembles.
EXACT, ALIKE = 0.95, 0.72
# A vocabulary's column that always says the same is believed only under one of these names: a
# constant « catégorie » says what the table is, not what each record is about.
CONSTANT = 0.5
TELLING = {
    "theme", "themes", "thematique", "thematiques", "public", "publics", "public cible",
    "publics cibles", "public vise", "publics vises", "beneficiaires",
}  # fmt: skip
# From so many characters on, a text describes as well as a longer one.
FULL_TEXT = 40
TOLD_AT_LENGTH = {
    "need", "context", "core", "obstacles", "success_conditions", "duplication_conditions",
    "lessons", "impact_evidence",
}  # fmt: skip
STREET = re.compile(
    r"^\W*\d{1,4}\s?(?:bis|ter|[a-d])?,?\s+(?:rue|avenue|av|place|pl|boulevard|bd|bvd|chemin|route|rte"
    r"|allees?|all\u00e9es?|impasse|quai|cours|square|passage|faubourg|esplanade|promenade)\b",
    re.IGNORECASE,
)
HTML = re.compile(r"</?(?:p|br|li|ul|div|strong|h\d)\b", re.IGNORECASE)


@cache
def headers() -> dict[str, dict[str, Any]]:
    with HEADERS.open("rb") as file:
        return tomllib.load(file)


def scored(target: str, column: Column) -> float:
    """How likely the column feeds the target, 0 to 1."""
    if not column.filled or column.is_private or excluded(target, column):
        return 0.0
    name = named(target, column)
    if target in BY_VALUE:
        return BY_VALUE[target](column, name)
    shape = SHAPES.get(target, _text if target in TOLD_AT_LENGTH else _any_text)
    return name * shape(column) if name else 0.0


def named(target: str, column: Column) -> float:
    """How well the column's name says the target, 0 to 1."""
    said = headers()[target]
    best = 0.0
    for name, weight in column.names.items():
        if name in said["names"]:
            exact = EXACT - 0.05 * said["names"].index(name) / len(said["names"])
            best = max(best, weight * exact)
        elif any(re.search(word, name) for word in said.get("words", ())):
            best = max(best, weight * ALIKE)
    return best


def excluded(target: str, column: Column) -> bool:
    """By its last step alone: a path may go through « organisation » to a site."""
    never = headers()[target].get("never")
    return bool(never and re.search(never, column.last_name))


def _any_text(column: Column) -> float:
    return 1.0 if column.addresses < 0.3 else 0.4


def _text(column: Column) -> float:
    """What is told at some length: « Innovation » over short texts is a title."""
    return _any_text(column) * (1.0 if column.mean_length >= FULL_TEXT else 0.5)


def _title(column: Column) -> float:
    if column.addresses > 0.3 or column.numbers > 0.5 or column.moments > 0.3 or column.is_flag:
        return 0.0
    length = 1.0 if 3 <= column.mean_length <= 160 else 0.4
    lone = 0.7 if column.is_list and not _is_single(column) else 1.0
    return length * _variety(column) * lone * _full(column)


def _variety(column: Column) -> float:
    """1 unless the column keeps saying the same; the rows of one project repeat its texts."""
    own = column.distinct / max(1, len(column.filled))
    if own > 0.2:
        return 1.0
    return 0.8 if own > 0.05 and column.distinct > 2 else 0.4


def _is_single(column: Column) -> bool:
    """Lists of one item each (Dublin Core), as good as the item."""
    return all(len(v) <= 1 for v in column.filled if isinstance(v, list))


def _full(column: Column) -> float:
    return 0.5 + 0.5 * column.fill


def _long(column: Column) -> float:
    if column.addresses > 0.5 or column.numbers > 0.5 or column.is_flag:
        return 0.0
    length = min(1.0, 0.4 + 0.6 * column.mean_length / FULL_TEXT)
    return length * max(0.5, _variety(column)) * seldom(column)


def seldom(column: Column) -> float:
    """What to take of the likelihood of a text that many rows may lack: all when half have it,
    less and less below."""
    return min(1.0, 0.3 + 1.4 * column.fill)


def _page(column: Column, name: float) -> float:
    """The partner's page of the record: an address of its own, on the partner's site."""
    as_site = named("website", column) * 0.93 if not excluded("website", column) else 0.0
    if column.addresses < 0.5 or _is_machine(column):
        # A path on the partner's own site.
        paths = column.share(lambda s: re.fullmatch(r"/[\w./%?=&~-]{3,}", s))
        return 0.85 * name * paths if paths > 0.8 and not column.share(PICTURE.search) else 0.0
    many_enough = len(column.links) > 3
    few = column.hosts <= max(2, 0.2 * len(column.links)) or column.main_host >= 0.7
    best = max(name, as_site if few and many_enough else 0.0, 0.5 if few and many_enough else 0.0)
    alone = 0.5 if column.distinct < 0.5 * len(column.filled) else 1.0
    return best * column.addresses * (1.0 if few else 0.5) * alone * (0.6 + 0.4 * column.fill)


def _site(column: Column, name: float) -> float:
    """The project's own site: addresses on as many hosts as projects."""
    as_page = named("url", column) * 0.93 if not excluded("url", column) else 0.0
    if column.addresses < 0.5 or _is_machine(column) or column.is_constant:
        return 0.0
    # The page of an object described twice (« author.url ») is not the project's.
    many = column.hosts > max(2, 0.4 * len(column.links)) and column.main_host < 0.7
    best = max(name, as_page if many else 0.0, 0.5 if many else 0.0)
    return best * column.addresses * (1.0 if many or len(column.links) <= 3 else 0.8)


def _is_machine(column: Column) -> bool:
    """Pictures, social networks, maps and API addresses are no page to read."""
    return any(column.links_like(p) > 0.5 for p in (PICTURE, SOCIAL, MAP, MACHINE))


def _picture(column: Column, name: float) -> float:
    pictures = column.links_like(PICTURE) * column.addresses
    relative = column.share(PICTURE.search)
    by_name = name * (0.6 + 0.4 * max(pictures, relative)) if column.addresses or relative else 0.0
    return max(by_name, 0.55 * pictures if pictures > 0.7 else 0.0)


def _place(column: Column, name: float) -> float:
    """A commune, or any territory: told by the names it holds as much as by its own."""
    if column.addresses > 0.3 or column.numbers > 0.6 or column.is_flag:
        return 0.0
    if column.share(STREET.match) > 0.5:
        return 0.0
    communes = column.territory_share(Kind.COMMUNE)
    known = column.territory_share()
    if name:
        return min(1.0, name * _full(column) * (0.75 + 0.15 * known + 0.15 * communes))
    if column.mean_length > 60 or column.distinct < 2:
        return 0.0
    return 0.7 * known * _full(column) if communes >= 0.5 or known >= 0.7 else 0.0


def _level(kind: Kind) -> Callable[[Column, float], float]:
    """A département or a région, by its name or by its code."""

    def shape(column: Column, name: float) -> float:
        if column.is_flag or column.addresses:
            return 0.0
        known = column.territory_share(kind, Kind.COLLECTIVITE)
        codes = column.share(lambda s: re.fullmatch(r"\d{1,3}(?:\.0)?|2[AB]", s))
        told = max(known, codes)
        if name:
            return name * _full(column) * (0.6 + 0.4 * min(1.0, 1.2 * told))
        return 0.6 * known * _full(column) if known >= 0.8 and column.distinct > 1 else 0.0

    return shape


def _address(column: Column, name: float) -> float:
    if column.addresses > 0.3 or column.numbers > 0.6:
        return 0.0
    # The head office of another, or a street number apart.
    named_so = name * _full(column) * (1.0 if column.mean_length >= 8 else 0.6)
    streets = column.share(STREET.match) if column.mean_length < 120 else 0.0
    return max(named_so, 0.6 * _full(column) if streets > 0.5 else 0.0)


def _labels(column: Column) -> float:
    if max(column.addresses, column.moments) > 0.3 or column.numbers > 0.5:
        return 0.0
    if column.is_constant:
        return CONSTANT if TELLING & column.names.keys() else 0.0
    coded = column.share(lambda s: re.fullmatch(r"[A-Za-z]{1,3}([-_;,/][A-Za-z]{0,4})*", s))
    path = column.share(lambda s: s.startswith("/") or HTML.search(s))
    return (1.0 if column.mean_length <= 90 else 0.4) * (1 - 0.8 * coded) * (1 - 0.7 * path)


def _words(column: Column) -> float:
    if column.addresses > 0.3 or column.is_flag:
        return 0.0
    return 0.0 if column.numbers > 0.6 else _full(column)


def _digits(pattern: str) -> Callable[[Column], float]:
    def shape(column: Column) -> float:
        share = column.share(_matching(pattern))
        return share * (0.7 + 0.3 * column.fill) if share >= 0.6 else 0.0

    return shape


def _matching(pattern: str) -> Callable[[str], object]:
    return lambda s: re.fullmatch(pattern, s.replace(" ", "").removesuffix(".0"))


def _postcode(column: Column, name: float) -> float:
    shaped = _digits(r"\d{4,5}")(column)
    if name:
        return name * shaped
    # Five digits of another kind: an amount, a code INSEE, a number of inhabitants.
    five = column.share(lambda s: re.fullmatch(r"(?:0[1-9]|[1-8]\d|9[0-578])\d{3}", s))
    return 0.45 if five > 0.95 and column.distinct > 2 and not _is_coded(column) else 0.0


def _is_coded(column: Column) -> bool:
    return bool(re.search(r"insee|code|\bid\b|num|siret|pop|nb|montant|budget", column.last_name))


def _coordinate(is_latitude: bool) -> Callable[[Column, float], float]:
    limit = 90 if is_latitude else 180

    def shape(column: Column, name: float) -> float:
        if column.numbers < 0.8 or not column.within(-limit, limit):
            return 0.0
        if name:
            return name * column.within(-limit, limit)
        if column.decimals < 0.9 or column.distinct < 3:
            return 0.0
        low, high = (41.2, 51.6) if is_latitude else (-5.6, 9.8)
        # Numbers between 41 and 51 are seldom anything else; small ones may be.
        inside = column.within(low, high)
        return (0.6 if is_latitude else 0.45) if inside > 0.95 and _precise(column) else 0.0

    return shape


def _precise(column: Column) -> bool:
    """As many decimals as a place needs."""
    return column.share(lambda s: re.search(r"[.,]\d{4,}$", s)) > 0.6


def _point(column: Column, name: float) -> float:
    written = column.share(
        lambda s: re.fullmatch(r"[\[(]?\s*-?\d{1,3}\.\d+\s*[,;]\s*-?\d{1,3}\.\d+\s*[\])]?", s)
    )
    is_pair = column.is_list and all(len(v) == 2 for v in column.filled if isinstance(v, list))
    pairs = 0.9 if is_pair and column.numbers > 0.9 else written
    if pairs < 0.6:
        return 0.0
    return max(name, 0.6) * pairs


def _year(column: Column) -> float:
    return column.years if column.years >= 0.5 else 0.0


SHAPES: dict[str, Callable[[Column], float]] = {
    "title": _title,
    "description": _long,
    "summary": _words,
    "external_id": lambda c: 0.0 if c.is_constant or c.addresses > 0.9 else _full(c),
    "year": _year,
    "themes": _labels,
    "publics": _labels,
    "methods": _labels,
    "insee_code": _digits(r"\d{4,5}|2[ABab]\d{3}|\d{9}|\d{1,3}"),
}
# These are told by what they hold even when no name says so.
BY_VALUE: dict[str, Callable[[Column, float], float]] = {
    "url": _page,
    "website": _site,
    "picture": _picture,
    "address": _address,
    "place": _place,
    "departement": _level(Kind.DEPARTEMENT),
    "region": _level(Kind.REGION),
    "postcode": _postcode,
    "latitude": _coordinate(is_latitude=True),
    "longitude": _coordinate(is_latitude=False),
    "point": _point,
}
