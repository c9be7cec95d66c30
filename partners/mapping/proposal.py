"""Proposing a mapping from a sample: by what columns are called and by what they hold."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from innovations import taxonomy
from partners.connectors import RawRow
from partners.mapping import comparing, keys, shaping
from partners.mapping.profiles import Column, columns
from partners.mapping.scoring import headers, scored
from partners.mapping.targets import TARGETS

# Below this a column is left to the person who reads the proposal.
ENOUGH = 0.4
# Several columns may feed these.
MANY = {"themes", "publics", "methods"}
# Places first: their columns are told by their shape, and « nom » then goes to the title.
ACTOR = re.compile(r"nom du lieu|tiers ?lieu|\bsiret\b|raison sociale|horaires|espace de travail")
ENGLISH = re.compile(r"\b(?:the|and|with|for|from|their|this|that|which|are)\b")
FRENCH = re.compile(r"\b(?:le|la|les|des|une|et|pour|dans|avec|sur|qui|est)\b")
# How much less likely than the first column of a family the others may be.
FAMILY = 0.75


@dataclass
class Proposal:
    """Rules ready for ``Source.mapping``, each with its confidence (0 to 1); and for the whole.

    ``alternatives``: target → other columns that could feed it, the likeliest first.
    ``group_by``: column whose value is the same on all the rows of a project, "" when each row is
    a project. ``language``: « fr », « en » or "".
    """

    mapping: list[dict[str, Any]] = field(default_factory=list)
    confidence: float = 1.0
    warnings: list[str] = field(default_factory=list)
    record_type: str = "innovation"
    alternatives: dict[str, list[str]] = field(default_factory=dict)
    group_by: str = ""
    language: str = ""

    def by_target(self) -> dict[str, dict[str, Any]]:
        return {rule["target"]: rule for rule in self.mapping}


def propose(rows: Sequence[RawRow], connector: str = "") -> Proposal:
    """A mapping for these sample rows; what is not sure enough is left out and told."""
    proposal = Proposal(confidence=0.0)
    found = columns([row.data for row in rows if not row.is_deleted])
    if not found:
        proposal.warnings.append("Aucune ligne à lire : rien à proposer.")
        return proposal
    words = _words()
    scores = _scores(found, words)
    table = comparing.Table(found, scores)
    chosen = _chosen(scores)
    table.settle(chosen)
    settle_identifier(table, chosen, rows)
    proposal.mapping = [_rule(t, pairs, table, words) for t, pairs in chosen.items()]
    proposal.mapping += _gathered(table, chosen, words)
    proposal.alternatives = _alternatives(chosen, scores)
    proposal.group_by = keys.grouping(table.values(chosen, "title"), chosen, table.by_path)
    proposal.language = _language(found)
    _judge(proposal, chosen, found, rows)
    proposal.warnings += table.warnings
    return proposal


Chosen = dict[str, list[tuple[str, float]]]
Scores = dict[tuple[str, str], float]


def _words() -> dict[str, set[str]]:
    """Key of a word of the taxonomy → the vocabularies it belongs to."""
    found: dict[str, set[str]] = {}
    for vocabulary, word in taxonomy.matcher():
        found.setdefault(word, set()).add(vocabulary)
    return found


def _scores(found: Sequence[Column], words: Mapping[str, set[str]]) -> Scores:
    scores = {
        (target, column.path): scored(target, column)
        for target in TARGETS
        if target in headers()
        for column in found
    }
    for column in found:
        for target, score in comparing.known_words(column, words).items():
            identity = (target, column.path)
            scores[identity] = max(scores[identity], score)
    return {identity: round(min(s, 0.99), 3) for identity, s in scores.items() if s >= ENOUGH}


def _chosen(scores: Scores) -> Chosen:
    """Each column to the target it suits best, each target to its best column (or columns)."""
    chosen: Chosen = {}
    taken: set[str] = set()
    for (target, path), score in sorted(scores.items(), key=lambda item: -item[1]):
        if path in taken or not _has_room(chosen.get(target), target, score):
            continue
        chosen.setdefault(target, []).append((path, score))
        taken.add(path)
    return chosen


def _has_room(pairs: list[tuple[str, float]] | None, target: str, score: float) -> bool:
    """One column per field; for the vocabularies, those that are nearly as likely as the best."""
    return not pairs or (target in MANY and score >= FAMILY * pairs[0][1])


def settle_identifier(table: comparing.Table, chosen: Chosen, rows: Sequence[RawRow]) -> None:
    """The identifier is the column that tells projects apart, and only projects."""
    used = {path for t, pairs in chosen.items() if t != "external_id" for path, _ in pairs}
    candidates: dict[str, tuple[Sequence[Any], float]] = {
        path: (table.by_path[path].values, score)
        for (target, path), score in table.scores.items()
        if target == "external_id" and path not in used
    }
    if not candidates:
        candidates = keys.by_shape([c for c in table.columns if c.path not in used])
    best = keys.best_identifier(
        candidates, table.values(chosen, "title"), table.values(chosen, "description")
    )
    chosen.pop("external_id", None)
    if best:
        chosen["external_id"] = [best]


def _rule(
    target: str,
    pairs: Sequence[tuple[str, float]],
    table: comparing.Table,
    words: dict[str, set[str]],
) -> dict[str, Any]:
    paths = [path for path, _ in pairs]
    where: dict[str, Any] = {"path": paths[0]} if len(paths) == 1 else {"paths": paths}
    rule = {"target": target, **where, "confidence": round(max(s for _, s in pairs), 2)}
    if target in MANY or target == "place":
        fed = [table.by_path[path] for path in paths if path in table.by_path]
        if transforms := shaping.split_of(fed, set(words) if target in MANY else set()):
            rule["transforms"] = transforms
    return rule


def _gathered(
    table: comparing.Table, chosen: Chosen, words: dict[str, set[str]]
) -> list[dict[str, Any]]:
    """Rules that several columns make together: an address in parts, boxes to tick."""
    taken = {path for pairs in chosen.values() for path, _ in pairs}
    free = [c for c in table.columns if c.path not in taken]
    rules = shaping.boxes(free, words)
    parts = [] if "address" in chosen else shaping.address_parts(free)
    if parts:
        join = [{"op": "join", "separator": " "}]
        rules.append({"target": "address", "paths": parts, "transforms": join, "confidence": 0.7})
    return rules


def _alternatives(chosen: Chosen, scores: Scores) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for (target, path), score in sorted(scores.items(), key=lambda item: -item[1]):
        if target in chosen and target not in MANY and (path, score) not in chosen[target]:
            found.setdefault(target, []).append(path)
    return {target: paths[:4] for target, paths in found.items()}


def _language(found: Sequence[Column]) -> str:
    """Of the longest texts: « fr », « en », "" when they are too short to tell."""
    longest = max(found, key=lambda c: c.mean_length if c.addresses < 0.3 else 0.0)
    text = " ".join(longest.strings[:50]).lower()
    french, english = len(FRENCH.findall(text)), len(ENGLISH.findall(text))
    if max(french, english) < 5:
        return ""
    return "fr" if french >= english else "en"


def _judge(
    proposal: Proposal, chosen: Chosen, found: Sequence[Column], rows: Sequence[RawRow]
) -> None:
    """The confidence of the whole, and what a person should look at."""
    best = {target: pairs[0][1] for target, pairs in chosen.items()}
    told = max(best.get("description", 0), best.get("summary", 0))
    given = 0.95 if rows and all(r.external_id or r.url for r in rows) else 0
    known = max(best.get("external_id", 0), best.get("url", 0), given)
    placed = max(
        (best.get(t, 0) for t in ("place", "postcode", "insee_code", "latitude", "point")),
        default=0,
    )
    parts = (0.4 * best.get("title", 0), 0.25 * told, 0.2 * known, 0.15 * placed)
    proposal.confidence = round(sum(parts), 2)
    missing = {
        "Aucune colonne ne semble porter le titre des fiches.": "title" not in best,
        "Aucune colonne ne semble décrire les fiches : elles resteront à compléter.": not told,
        "Aucun identifiant reconnu : l’adresse ou le titre de la fiche en tiendra lieu.": not known,
        "Aucune colonne de lieu reconnue.": not placed,
        "Les textes semblent écrits en anglais.": proposal.language == "en",
    }
    proposal.warnings += [message for message, is_missing in missing.items() if is_missing]
    if any(ACTOR.search(name) for column in found for name in column.names):
        proposal.record_type = "acteur"
        proposal.warnings.append(
            "Ces fiches semblent décrire des acteurs ou des lieux plutôt que des innovations : "
            "vérifiez la nature déclarée de la source."
        )
