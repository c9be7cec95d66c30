"""Between columns that could feed the same field: what only comparing them can tell."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from carrefour.text import key
from partners.mapping.profiles import Column
from partners.mapping.scoring import STREET, excluded, named, seldom
from partners.mapping.transforms import SEPARATORS, number
from territories.kinds import Kind
from territories.lookup.gazetteer import gazetteer
from territories.lookup.place import Found
from territories.lookup.words import words

Chosen = dict[str, list[tuple[str, float]]]
IsOf = Callable[[str, Found], bool]
CUT = re.compile("|".join(map(re.escape, [*SEPARATORS, " / ", ", "])))
# (lowest and highest latitude, lowest and highest longitude): the mainland, then overseas.
BOXES = (
    (41.2, 51.6, -5.6, 9.8), (-22.0, 18.6, -64.0, -50.0), (-22.0, -12.0, 44.0, 56.5),
    (-28.0, -7.0, 155.0, 180.0), (-28.0, -7.0, -180.0, -134.0), (46.0, 48.0, -57.0, -56.0),
)  # fmt: skip
# Beyond so many characters a summary is the description itself.
LENGTHY = 250
# A column filled in fewer rows than this describes no records.
SELDOM = 0.05
# What tells a text from a label: its length, else its words and that it comes once.
LONG_TEXT, SENTENCE, OWN = 80, 7, 0.8
# One word of letters and figures: a code, and no name.
MARK = re.compile(r"(?=\S*\d)[\w./-]+")
# Share of rows whose code is that of the commune they name.
SURELY = 0.6
VOCABULARY = {"theme": "themes", "public": "publics", "method": "methods"}


def known_words(column: Column, known: Mapping[str, set[str]]) -> dict[str, float]:
    """Targets of the vocabularies that the column's values belong to, with how sure that is."""
    if column.mean_length > 120 or column.is_flag or column.addresses > 0.2 or not known:
        return {}
    parts = {key(p) for s in column.raw_strings[:200] for p in CUT.split(s)} - {""}
    found = [p for p in parts if p in known]
    if len(found) < 2 or len(found) < 0.5 * len(parts):
        return {}
    share = len(found) / len(parts)
    counts = {v: sum(v in known[p] for p in found) for v in VOCABULARY}
    said = {v: named(target, column) for v, target in VOCABULARY.items()}
    # « Jeunes » is a public and a theme: the column's name settles it.
    best = max(counts, key=lambda v: (said[v], counts[v]))
    return {VOCABULARY[best]: max(said[best], 0.45 + 0.4 * share * counts[best] / len(found))}


class Table:
    """The columns of the sample and their scores; ``settle`` mends a first choice.

    ``warnings``: French sentences on what was mended.
    """

    def __init__(self, columns: Sequence[Column], scores: Mapping[tuple[str, str], float]) -> None:
        self.columns = columns
        self.scores = scores
        self.by_path = {column.path: column for column in columns}
        self.warnings: list[str] = []

    def values(self, chosen: Chosen, target: str) -> list[Any] | None:
        return self.by_path[chosen[target][0][0]].values if target in chosen else None

    def settle(self, chosen: Chosen) -> None:
        self._page_or_site(chosen)
        self._description(chosen)
        self._title(chosen)
        self._codes(chosen)
        self._point(chosen)
        self._exchanged(chosen)

    def _codes(self, chosen: Chosen) -> None:
        """A column of codes is the communes' own when the column of places names the same."""
        if "place" not in chosen:
            return
        places = self.by_path[chosen["place"][0][0]].values
        for target, is_of in CODES.items():
            found = (c for c in self._free(chosen, "external_id") if c.distinct > 1)
            best = next((c for c in found if _agree(c.values, places, is_of)), None)
            if target not in chosen and best is not None:
                chosen[target] = [(best.path, 0.85)]
                if chosen.get("external_id", [("", 0)])[0][0] == best.path:
                    del chosen["external_id"]

    def _free(self, chosen: Chosen, *also: str) -> list[Column]:
        taken = {p for t, pairs in chosen.items() if t not in also for p, _ in pairs}
        return [c for c in self.columns if c.path not in taken and not c.is_private]

    def _page_or_site(self, chosen: Chosen) -> None:
        """An address that is the same everywhere is the partner's, and no record's."""
        for target in ("url", "website"):
            if target in chosen and self.by_path[chosen[target][0][0]].is_constant:
                del chosen[target]

    def _description(self, chosen: Chosen) -> None:
        """Without a column called so, the longest texts are the description."""
        if "description" in chosen:
            return
        if "summary" in chosen and self.by_path[chosen["summary"][0][0]].mean_length > LENGTHY:
            chosen["description"] = chosen.pop("summary")
            return
        free = [
            c
            for c in self._free(chosen)
            if not excluded("description", c) and c.addresses < 0.5 and _is_single(c)
        ]
        free = [c for c in free if c.fill >= SELDOM and c.distinct > 1 and _tells(c)]
        longest = max(free, key=lambda c: c.mean_length * (0.3 + c.fill), default=None)
        if longest is not None:
            chosen["description"] = [(longest.path, round(0.45 * seldom(longest), 2))]

    def _title(self, chosen: Chosen) -> None:
        """Without a column called so: short texts, each its own, the first of the table."""
        if "title" in chosen:
            return
        rated = {c.path: self._as_title(c, rank) for rank, c in enumerate(self.columns)}
        for pairs in chosen.values():
            rated |= {path: 0.0 for path, _ in pairs}
        # Records that are structures, or territories, have no other name than theirs.
        for target, worth in (("porteur_name", 0.9), ("place", 0.4)):
            for path, _ in chosen.get(target, ()):
                rated[path] = worth * self.by_path[path].fill
        best = max(rated, key=lambda path: rated[path], default="")
        if not best or rated[best] < 0.2:
            return
        chosen["title"] = [(best, round(0.35 + 0.25 * rated[best], 2))]
        if chosen.get("porteur_name", [("", 0)])[0][0] == best:
            del chosen["porteur_name"]

    @staticmethod
    def _as_title(column: Column, rank: int) -> float:
        if column.is_private or column.is_flag or column.is_list or excluded("title", column):
            return 0.0
        if max(column.addresses, column.numbers, column.moments) > 0.2:
            return 0.0
        lettered = column.share(lambda s: re.search(r"[^\W\d_]{3}", s) and not MARK.fullmatch(s))
        fits = 1.0 if 4 <= column.mean_length <= 110 else 0.2
        own = column.distinct / max(1, len(column.filled))
        return fits * own * column.fill * lettered / (1 + 0.05 * rank)

    def _point(self, chosen: Chosen) -> None:
        """A point in one column gives way to two; [longitude, latitude] is read by its ranks."""
        if "point" not in chosen:
            return
        if {"latitude", "longitude"} <= set(chosen):
            del chosen["point"]
            return
        path, score = chosen["point"][0]
        pairs = [p for v in self.by_path[path].filled if (p := _pair(v))]
        straight = sum(_in_france(a, b) for a, b in pairs)
        if sum(_in_france(b, a) for a, b in pairs) <= straight:
            return
        del chosen["point"]
        self.warnings.append("Points écrits « longitude, latitude » : remis dans l’ordre.")
        if self.by_path[path].is_list:
            chosen["longitude"] = [(f"{_as_path(path)}[0]", score)]
            chosen["latitude"] = [(f"{_as_path(path)}[1]", score)]

    def _exchanged(self, chosen: Chosen) -> None:
        """Columns « X » and « Y », or wrongly named ones, are put right by where they lead."""
        if not {"latitude", "longitude"} <= set(chosen):
            return
        (a, sure_a), (b, sure_b) = chosen["latitude"][0], chosen["longitude"][0]
        if a not in self.by_path or b not in self.by_path:
            return
        pairs = [
            (number(x, {}), number(y, {}))
            for x, y in zip(self.by_path[a].values, self.by_path[b].values, strict=True)
            if x not in (None, "") and y not in (None, "")
        ]
        told = [(x, y) for x, y in pairs if x is not None and y is not None]
        straight = sum(_in_france(x, y) for x, y in told)
        exchanged = sum(_in_france(y, x) for x, y in told)
        if exchanged > straight and exchanged > 0.5 * len(told):
            chosen["latitude"], chosen["longitude"] = [(b, sure_b)], [(a, sure_a)]
            self.warnings.append(
                f"« {a} » tient des longitudes et « {b} » des latitudes : remises dans l’ordre."
            )
        elif not straight and not any(
            self.by_path[c].territory_share(Kind.PAYS) for c, _ in chosen.get("place", ())
        ):
            self._not_degrees(chosen, told)

    def _not_degrees(self, chosen: Chosen, told: Sequence[tuple[float, float]]) -> None:
        """Metres of a map projection are no degrees."""
        if told and max(abs(x) + abs(y) for x, y in told) > 1000:
            del chosen["latitude"], chosen["longitude"]
            self.warnings.append("Coordonnées en mètres (projection) : elles ne sont pas lues.")


def _agree(values: Sequence[Any], places: Sequence[Any], is_of: IsOf) -> bool:
    """Whether most of the codes are those of the communes named on their rows."""
    pairs = [(str(c), p) for c, p in zip(values, places, strict=True) if c and p]
    same = 0
    for code, place in pairs:
        meant = gazetteer().by_name.get(words(str(place)), ()) if CODE.fullmatch(code) else ()
        same += any(is_of(code, m.territory) for m in meant)
    return same > max(1, SURELY * len(pairs))


def _is_insee(code: str, found: Found) -> bool:
    return found.kind == Kind.COMMUNE and found.code == code


def _is_postcode(code: str, found: Found) -> bool:
    return found in gazetteer().by_postcode.get(code, ())


CODE = re.compile(r"\d[\dAB]\d{3}")
CODES: dict[str, IsOf] = {"insee_code": _is_insee, "postcode": _is_postcode}


def _is_single(column: Column) -> bool:
    """Texts, alone in their lists if they stand in some (Solr, Dublin Core)."""
    return all(len(v) <= 1 for v in column.filled if isinstance(v, list))


def _tells(column: Column) -> bool:
    """Whether its texts are sentences: long, or several words that no other row says again."""
    if column.mean_length >= LONG_TEXT:
        return True
    said = sum(len(s.split()) for s in column.strings) / max(1, len(column.strings))
    own = column.distinct / max(1, len(column.filled))
    return said >= SENTENCE and own > OWN and not column.share(STREET.match) > OWN / 2


def _in_france(latitude: float, longitude: float) -> bool:
    return any(s <= latitude <= n and w <= longitude <= e for s, n, w, e in BOXES)


def _pair(value: Any) -> tuple[float, float] | None:
    parts = value if isinstance(value, list) else re.split(r"\s*[,;]\s*", str(value).strip("[]() "))
    read = [number(p, {}) for p in parts]
    return (read[0], read[1]) if len(read) == 2 and None not in read else None  # type: ignore[return-value]


def _as_path(path: str) -> str:
    from partners.connectors.shapes import step

    return path if "." in path else step(path)
