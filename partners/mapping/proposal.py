"""Proposing a mapping from a sample: by what columns are called and by what they hold."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from partners.connectors import RawRow
from partners.mapping import keys
from partners.mapping.profiles import Column, columns
from partners.mapping.targets import TARGETS

HEADERS = Path(__file__).parent / "headers.toml"
# Below this a column is left to the person who reads the proposal.
ENOUGH = 0.4
# Several columns may feed these.
MANY = {"themes", "publics", "methods"}
# Places first: their columns are told by their shape, and « nom » then goes to the title.
ACTOR = re.compile(r"nom du lieu|tiers ?lieu|\bsiret\b|raison sociale|horaires|espace de travail")
COMMA = re.compile(r",\s")


@dataclass
class Proposal:
    """Rules ready for ``Source.mapping``, each with its confidence (0 to 1); and for the whole."""

    mapping: list[dict[str, Any]] = field(default_factory=list)
    confidence: float = 1.0
    warnings: list[str] = field(default_factory=list)
    record_type: str = "innovation"

    def by_target(self) -> dict[str, dict[str, Any]]:
        return {rule["target"]: rule for rule in self.mapping}


def propose(rows: Sequence[RawRow], connector: str = "") -> Proposal:
    """A mapping for these sample rows; what is not sure enough is left out and told."""
    proposal = Proposal(confidence=0.0)
    found = columns([row.data for row in rows])
    if not found:
        proposal.warnings.append("Aucune ligne à lire : rien à proposer.")
        return proposal
    scores = {
        (target, column.path): score
        for target in TARGETS
        if target in headers()
        for column in found
        if (score := scored(target, column)) >= ENOUGH
    }
    by_path = {column.path: column for column in found}
    chosen = _chosen(scores)
    _settle_identifier(chosen, scores, by_path)
    _settle_addresses(chosen, by_path)
    _settle_description(chosen, found)
    proposal.mapping = [_rule(t, pairs, by_path) for t, pairs in chosen.items()]
    _judge(proposal, chosen, found)
    return proposal


Chosen = dict[str, list[tuple[str, float]]]


@cache
def headers() -> dict[str, dict[str, Any]]:
    with HEADERS.open("rb") as file:
        return tomllib.load(file)


def scored(target: str, column: Column) -> float:
    """How likely the column feeds the target, 0 to 1."""
    said = headers()[target]
    if not column.filled or (said.get("never") and _excludes(said["never"], column)):
        return 0.0
    by_name = 0.0
    for name, weight in column.names.items():
        if name in said["names"]:
            exact = 0.95 - 0.05 * said["names"].index(name) / len(said["names"])
            by_name = max(by_name, weight * exact)
        elif any(re.search(word, name) for word in said.get("words", ())):
            by_name = max(by_name, weight * 0.7)
    return by_name * SHAPES.get(target, _any_text)(column) if by_name else 0.0


def _excludes(pattern: str, column: Column) -> bool:
    # By its last step alone: a path may go through « organisation » to a site.
    return re.search(pattern, list(column.names)[-1]) is not None


def _chosen(scores: Mapping[tuple[str, str], float]) -> Chosen:
    """Each column to the target it suits best, each target to its best column (or columns)."""
    chosen: Chosen = {}
    taken: set[str] = set()
    for (target, path), score in sorted(scores.items(), key=lambda item: -item[1]):
        if path in taken or (target in chosen and target not in MANY):
            continue
        chosen.setdefault(target, []).append((path, score))
        taken.add(path)
    return chosen


def _settle_identifier(
    chosen: Chosen, scores: Mapping[tuple[str, str], float], by_path: Mapping[str, Column]
) -> None:
    """The identifier is the column that tells projects apart, and only projects."""
    candidates = {path: s for (target, path), s in scores.items() if target == "external_id"}
    used = {path for t, pairs in chosen.items() if t != "external_id" for path, _ in pairs}
    title = by_path[chosen["title"][0][0]].values if "title" in chosen else None
    about = by_path[chosen["description"][0][0]].values if "description" in chosen else None
    best = keys.best_identifier(
        {p: (by_path[p].values, s) for p, s in candidates.items() if p not in used}, title, about
    )
    chosen.pop("external_id", None)
    if best:
        chosen["external_id"] = [best]


def _settle_addresses(chosen: Chosen, by_path: Mapping[str, Column]) -> None:
    """Addresses on as many hosts as rows are the projects' own sites, not the partner's pages."""
    if "url" not in chosen:
        return
    path, score = chosen["url"][0]
    column = by_path[path]
    if column.is_constant:
        del chosen["url"]
    elif column.hosts > max(2, 0.4 * len(column.strings)):
        del chosen["url"]
        chosen.setdefault("website", [(path, round(score * 0.9, 2))])


def _settle_description(chosen: Chosen, found: Sequence[Column]) -> None:
    """Without a column called so, the longest texts are the description."""
    if "description" in chosen or not found:
        return
    taken = {path for pairs in chosen.values() for path, _ in pairs}
    never = headers()["description"]["never"]
    free = [
        c
        for c in found
        if c.path not in taken and not c.is_list and c.addresses < 0.5 and not _excludes(never, c)
    ]
    longest = max(free, key=lambda c: c.mean_length, default=None)
    if longest is not None and longest.mean_length >= 80 and longest.distinct > 1:
        chosen["description"] = [(longest.path, 0.45)]


def _rule(
    target: str, pairs: Sequence[tuple[str, float]], by_path: Mapping[str, Column]
) -> dict[str, Any]:
    paths = [path for path, _ in pairs]
    where: dict[str, Any] = {"path": paths[0]} if len(paths) == 1 else {"paths": paths}
    rule = {"target": target, **where, "confidence": round(max(s for _, s in pairs), 2)}
    if target in MANY and any(_has_commas(by_path[path]) for path in paths):
        rule["transforms"] = [{"op": "split", "separators": [";", "|", "\n", " – ", ", "]}]
    return rule


def _has_commas(column: Column) -> bool:
    """Whether commas separate short words (and are not those of sentences)."""
    with_comma = [s for s in column.strings if COMMA.search(s)]
    if len(with_comma) < 0.15 * len(column.strings):
        return False
    words = [p for s in with_comma for p in COMMA.split(s)]
    return sum(map(len, words)) / len(words) <= 35


def _judge(proposal: Proposal, chosen: Chosen, found: Sequence[Column]) -> None:
    """The confidence of the whole, and what a person should look at."""
    best = {target: pairs[0][1] for target, pairs in chosen.items()}
    told = max(best.get("description", 0), best.get("summary", 0))
    known = max(best.get("external_id", 0), best.get("url", 0))
    placed = max((best.get(t, 0) for t in ("place", "postcode", "latitude", "point")), default=0)
    parts = (0.4 * best.get("title", 0), 0.25 * told, 0.2 * known, 0.15 * placed)
    proposal.confidence = round(sum(parts), 2)
    missing = {
        "Aucune colonne ne semble porter le titre des fiches.": "title" not in best,
        "Aucune colonne ne semble décrire les fiches : elles resteront à compléter.": not told,
        "Aucun identifiant reconnu : l’adresse ou le titre de la fiche en tiendra lieu.": not known,
        "Aucune colonne de lieu reconnue.": not placed,
    }
    proposal.warnings += [message for message, is_missing in missing.items() if is_missing]
    if any(ACTOR.search(name) for column in found for name in column.names):
        proposal.record_type = "acteur"
        proposal.warnings.append(
            "Ces fiches semblent décrire des acteurs ou des lieux plutôt que des innovations : "
            "vérifiez la nature déclarée de la source."
        )


def _any_text(column: Column) -> float:
    return 1.0 if column.addresses < 0.3 else 0.4


def _title(column: Column) -> float:
    if column.addresses > 0.3 or column.numbers > 0.5 or column.is_list:
        return 0.0
    length = 1.0 if 3 <= column.mean_length <= 160 else 0.4
    return length * (1.0 if column.distinct > 0.2 * len(column.filled) else 0.4) * _full(column)


def _full(column: Column) -> float:
    return 0.5 + 0.5 * column.fill


def _long(column: Column) -> float:
    if column.addresses > 0.5 or column.numbers > 0.5:
        return 0.0
    return 1.0 if column.mean_length >= 40 else 0.55


def _address(column: Column) -> float:
    return column.addresses if column.addresses >= 0.5 else 0.0


def _labels(column: Column) -> float:
    if column.is_constant or column.addresses > 0.3 or column.numbers > 0.5:
        return 0.0
    short = column.share(lambda s: re.fullmatch(r"[A-Za-z]{1,3}([-_;,/][A-Za-z]{0,4})*", s))
    return (1.0 if column.mean_length <= 90 else 0.4) * (1 - 0.8 * short)


def _words(column: Column) -> float:
    return 0.0 if column.addresses > 0.3 or column.numbers > 0.6 else _full(column)


def _digits(pattern: str) -> Callable[[Column], float]:
    return lambda column: share if (share := column.share(_matching(pattern))) >= 0.6 else 0.0


def _matching(pattern: str) -> Callable[[str], object]:
    return lambda s: re.fullmatch(pattern, s.replace(" ", "").removesuffix(".0"))


def _coordinate(limit: float) -> Callable[[Column], float]:
    def shape(column: Column) -> float:
        return column.within(-limit, limit) if column.numbers >= 0.8 else 0.0

    return shape


def _point(column: Column) -> float:
    pairs = column.share(lambda s: re.fullmatch(r"\[?-?\d+\.\d+\s*[,;]\s*-?\d+\.\d+\]?", s))
    is_pair = column.is_list and all(len(v) == 2 for v in column.filled if isinstance(v, list))
    return 0.8 if is_pair and column.numbers > 0.9 else pairs


SHAPES: dict[str, Callable[[Column], float]] = {
    "title": _title,
    "description": _long,
    "summary": _words,
    "external_id": lambda c: 0.0 if c.is_constant else _full(c),
    "url": _address,
    "website": _address,
    "picture": _address,
    "year": lambda c: c.years if c.years >= 0.5 else 0.0,
    "themes": _labels,
    "publics": _labels,
    "methods": _labels,
    "place": _words,
    "region": _words,
    "address": _words,
    "postcode": _digits(r"\d{4,5}"),
    "insee_code": _digits(r"\d{4,5}|2[AB]\d{3}"),
    "latitude": _coordinate(90),
    "longitude": _coordinate(180),
    "point": _point,
    "departement": _full,
}
