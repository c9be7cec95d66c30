"""The rules being edited: read from the form, changed by its buttons, checked one by one."""

import contextlib
import json
from copy import deepcopy
from typing import Any

from django.http import QueryDict

from partners.backoffice.editor import operations
from partners.mapping.description import paths_of
from partners.mapping.review import CHOICES
from partners.mapping.rules import MappingError, parse
from partners.mapping.targets import TARGETS

RULES = 200
STEPS = 30
Rule = dict[str, Any]


def read(post: QueryDict) -> list[Rule]:
    """The rules as the form says them, unfinished ones included."""
    # The page shows the rules by field: their own order is that of their ranks.
    numbers = sorted({int(n) for n in post.getlist("regle")[:RULES] if n.isdecimal()})
    rules = [_rule(post, f"r{n}-") for n in numbers if post.get(f"r{n}-cible") in TARGETS]
    for target in CHOICES:
        _translate(rules, target, post)
    return rules


def usable(rules: list[Rule]) -> list[Rule]:
    """The rules that say something, without the operations just added and not yet filled."""
    found = []
    for rule in rules:
        kept = {k: v for k, v in rule.items() if k != "transforms"}
        _set_paths(kept, [path for path in paths_of(rule) if path])
        steps = [t for t in rule.get("transforms") or [] if not operations.is_unfinished(t)]
        if steps:
            kept["transforms"] = steps
        if paths_of(kept) or "default" in kept:
            found.append(kept)
    return found


def faults(rules: list[Rule]) -> dict[int, list[str]]:
    """Rank of each rule that cannot be used → French sentences."""
    found = {}
    for rank, rule in enumerate(rules):
        try:
            parse(usable([rule]))
        except MappingError as error:
            said = [message.partition(" : ")[2] for message in error.messages]
            found[rank] = [f"{m[:1].upper()}{m[1:]}" for m in said]
    return found


def changed(rules: list[Rule], action: str, post: QueryDict) -> list[Rule]:
    """The rules after a button: « ajouter-etape:2 », « retirer-regle:0 »…; the same for any other
    button."""
    name, _, where = action.partition(":")
    numbers = [int(n) for n in where.split(":") if n.isdigit()]
    rules = deepcopy(rules)
    if name == "ajouter-champ":
        return _with_field(
            rules, post.get(f"nouveau-{where}", ""), post.get(f"colonne-{where}", "")
        )
    if not numbers or numbers[0] >= len(rules):
        return rules
    rank = numbers[0]
    if name == "retirer-regle":
        del rules[rank]
    elif name == "ajouter-regle":
        rules.insert(rank + 1, {"target": rules[rank]["target"]})
    elif name == "ajouter-colonne":
        _set_paths(rules[rank], [*paths_of(rules[rank]), ""])
    elif name == "ajouter-etape":
        _add_step(rules[rank], post.get(f"r{rank}-nouvelle", ""))
    elif len(numbers) == 2:
        _move_step(rules[rank], name, numbers[1])
    return rules


def _rule(post: QueryDict, prefix: str) -> Rule:
    rule: Rule = {"target": post[f"{prefix}cible"]}
    paths = list(dict.fromkeys(p for p in post.getlist(f"{prefix}colonne") if p))
    _set_paths(rule, paths)
    steps = [n for n in post.getlist(f"{prefix}etape")[:STEPS] if n.isdigit()]
    transforms = [t for n in steps if (t := operations.read(post, f"{prefix}e{n}-"))]
    if transforms:
        rule["transforms"] = transforms
    _read_default(rule, post, prefix)
    # A confidence was that of the column proposed.
    if paths == post.getlist(f"{prefix}avant") and (said := post.get(f"{prefix}confiance")):
        with contextlib.suppress(ValueError):
            rule["confidence"] = float(said)
    return rule


def _read_default(rule: Rule, post: QueryDict, prefix: str) -> None:
    if kept := post.get(f"{prefix}fixe-json", ""):
        try:
            rule["default"] = json.loads(kept)
        except ValueError:
            return
    elif fixed := post.get(f"{prefix}fixe", "").strip():
        rule["default"] = fixed


def _set_paths(rule: Rule, paths: list[str]) -> None:
    rule.pop("path", None)
    rule.pop("paths", None)
    if len(paths) == 1:
        rule["path"] = paths[0]
    elif paths:
        rule["paths"] = paths


def _translate(rules: list[Rule], target: str, post: QueryDict) -> None:
    """Add to the field's translations those chosen for the values that were not known."""
    words, meanings = post.getlist(f"inconnu-{target}"), post.getlist(f"sens-{target}")
    chosen = {w: m for w, m in zip(words, meanings, strict=False) if w and m}
    rule = next((r for r in rules if r["target"] == target and paths_of(r)), None)
    if not chosen or rule is None:
        return
    steps = rule.setdefault("transforms", [])
    last = steps[-1] if steps and operations.key_of(steps[-1]) == "map" else None
    if last is None:
        last = {"op": "map", "values": {}}
        steps.append(last)
    last["values"] = {**(last.get("values") or {}), **chosen}


def _with_field(rules: list[Rule], target: str, column: str) -> list[Rule]:
    if target in TARGETS:
        rules.append({"target": target, **({"path": column} if column else {})})
    return rules


def _add_step(rule: Rule, key: str) -> None:
    if key not in operations.OPERATIONS:
        return
    step: dict[str, Any] = {"op": "regex" if key == operations.REPLACE else key}
    if key == operations.REPLACE:
        step |= {"pattern": "", "replace": ""}
    if key == "map":
        step["values"] = {}
    rule.setdefault("transforms", []).append(step)


def _move_step(rule: Rule, name: str, rank: int) -> None:
    steps = rule.get("transforms") or []
    if rank >= len(steps):
        return
    if name == "retirer-etape":
        del steps[rank]
    elif name == "monter-etape" and rank:
        steps[rank - 1], steps[rank] = steps[rank], steps[rank - 1]
    elif name == "descendre-etape" and rank + 1 < len(steps):
        steps[rank + 1], steps[rank] = steps[rank], steps[rank + 1]
