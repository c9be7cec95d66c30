"""Taking out of mappings what someone had removed: a table of values, a word to drop or a default
may name a person. What is left is still a mapping that can be used."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps

from partners.digests import title_and_porteur
from partners.models import MappingVersion, Source
from partners.redaction import Redactor
from partners.suppression import redactor_of

# The operation, without which its argument means nothing, goes with it.
NEEDED = {"map": "values", "drop": "values", "split": "separators", "regex": "pattern"}
# An expression is code: words put in it would match something else.
CODE = {"pattern", "separator", "base"}


def without(rules: Any, redactor: Redactor) -> tuple[Any, int]:
    """The rules without the data, and how many times one was found; the same object when clean."""
    if not isinstance(rules, list):
        return redactor.content(rules)
    cleaned = [_rule(rule, redactor) for rule in rules]
    found = sum(count for _, count in cleaned)
    return ([rule for rule, _ in cleaned if rule], found) if found else (rules, 0)


def clean_mappings(source_ids: Iterable[int], names: Iterable[str]) -> int:
    """Take removed records' names out of the mappings of these sources, their versions and their
    history; returns how many mappings were changed.

    A name that any word of a mapping could be (a title of one or two words) is let alone.
    """
    redactor = redactor_of([name for name in names if title_and_porteur(name, "")])
    ids = list(source_ids)
    events = apps.get_model("partners", "SourceEvent")
    # The history last: writing a source makes some.
    return (
        _update(Source.objects.filter(pk__in=ids), "mapping", redactor)
        + _update(MappingVersion.objects.filter(source__in=ids), "rules", redactor)
        + _update(events._base_manager.filter(pgh_obj_id__in=ids), "mapping", redactor)
    )


def _update(rows: Any, column: str, redactor: Redactor) -> int:
    changed = 0
    for pk, rules in rows.values_list("pk", column):
        clean, count = without(rules, redactor)
        if count:
            changed += rows.filter(pk=pk).update(**{column: clean})
    return changed


def _rule(rule: Any, redactor: Redactor) -> tuple[Any, int]:
    """None for a rule that has nothing left to read."""
    if not isinstance(rule, dict):
        return redactor.content(rule)
    clean, found = dict(rule), 0
    for name in ("path", "paths"):
        kept, count = _columns(rule.get(name), redactor)
        clean, found = _put(clean, name, kept, count), found + count
    kept, count = redactor.content(rule.get("default"))
    clean, found = _put(clean, "default", kept, count), found + count
    if isinstance(rule.get("transforms"), list):
        done = [_transform(t, redactor) for t in rule["transforms"]]
        count = sum(n for _, n in done)
        clean = _put(clean, "transforms", [t for t, _ in done if t], count)
        found += count
    is_empty = not (clean.get("path") or clean.get("paths") or "default" in clean)
    return (None if is_empty else clean, found) if found else (rule, 0)


def _put(rule: dict[str, Any], name: str, value: Any, count: int) -> dict[str, Any]:
    if not count:
        return rule
    rest = {n: v for n, v in rule.items() if n != name}
    return {**rest, name: value} if value else rest


def _columns(paths: Any, redactor: Redactor) -> tuple[Any, int]:
    """A column whose name holds a datum has another name in the rows from now on."""
    if isinstance(paths, list):
        kept = [p for p in paths if not redactor.names(str(p))]
        return kept, len(paths) - len(kept)
    held = bool(paths) and redactor.names(str(paths))
    return ("", 1) if held else (paths, 0)


def _transform(transform: Any, redactor: Redactor) -> tuple[Any, int]:
    """None for an operation that has nothing left to do."""
    if not isinstance(transform, dict):
        return redactor.content(transform)
    clean, found = {}, 0
    for name, value in transform.items():
        kept, count = _argument(name, value, redactor)
        found += count
        if kept is not None:
            clean[name] = kept
    needed = NEEDED.get(str(transform.get("op")))
    is_empty = needed is not None and not clean.get(needed)
    return (None if is_empty else clean, found) if found else (transform, 0)


def _argument(name: str, value: Any, redactor: Redactor) -> tuple[Any, int]:
    """None for an argument of which nothing is left."""
    if name == "op":
        return value, 0
    if name == "values" and isinstance(value, dict):
        return _table(value, redactor)
    if isinstance(value, list):
        kept = [v for v in value if not redactor.content(v)[1]]
        return kept, len(value) - len(kept)
    clean, count = redactor.content(value)
    return (None if count and name in CODE else clean), count


def _table(values: dict[str, Any], redactor: Redactor) -> tuple[dict[str, Any], int]:
    """Words that hold a datum are met no more; what others become is said without it."""
    kept = {word: redactor.content(v) for word, v in values.items() if not redactor.holds(word)}
    found = len(values) - len(kept) + sum(count for _, count in kept.values())
    return {word: clean for word, (clean, _) in kept.items()}, found
