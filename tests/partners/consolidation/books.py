"""What the platform should hold, written down apart from it: who is with whom, who said what."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MERGE, SPLIT = "reunion", "separation"


@dataclass
class Told:
    """One record as its partner last gave it. ``turn``: greater means given later."""

    pk: int
    source: int
    group: str
    values: dict[str, Any]
    turn: int
    is_open: bool
    priorities: dict[str, int]
    is_withdrawn: bool = False
    is_site: bool = False


@dataclass
class Step:
    """A merge or a split, as the books would undo it."""

    pk: int
    kind: str
    origin: str
    target: str
    records: frozenset[int]
    sites: frozenset[int]
    followers: frozenset[str] = frozenset()
    pair: frozenset[int] | None = None
    is_standing: bool = True
    # The pairs that it said distinct, of which nobody decided since.
    said: set[frozenset[int]] = field(default_factory=set)


@dataclass
class Books:
    records: dict[int, Told] = field(default_factory=dict)
    leads: dict[str, str] = field(default_factory=dict)  # a closed address → where it leads
    edits: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    apart: set[frozenset[int]] = field(default_factory=set)
    decided: dict[frozenset[int], str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    seen_public: set[str] = field(default_factory=set)

    # --- who is with whom ---------------------------------------------------------------------

    def groups(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for told in self.records.values():
            found.setdefault(told.group, set()).add(told.pk)
        return found

    def members(self, group: str) -> set[int]:
        return {told.pk for told in self.records.values() if told.group == group}

    def are_apart(self, some: Iterable[int], others: Iterable[int]) -> bool:
        others = set(others)
        return any(frozenset({a, b}) in self.apart for a in some for b in others)

    def move(self, records: Iterable[int], group: str) -> None:
        for pk in records:
            self.records[pk].group = group

    def set_sites(self, records: Iterable[int], is_site: bool) -> None:
        for pk in records:
            self.records[pk].is_site = is_site

    def close(self, origin: str, target: str) -> None:
        for address, leads in self.leads.items():
            if leads == origin:
                self.leads[address] = target
        self.leads[origin] = target

    def arrival(self, group: str, records: Iterable[int]) -> Step | None:
        wanted = frozenset(records)
        standing = [s for s in self.steps if s.is_standing and s.kind == MERGE]
        return next(
            (s for s in reversed(standing) if s.target == group and s.records == wanted), None
        )

    def can_undo(self, step: Step) -> bool:
        there = self.members(step.target)
        origin_leads = self.leads.get(step.origin)
        wanted = step.target if step.kind == MERGE else None
        return (
            step.is_standing
            and step.records <= there
            and step.target not in self.leads
            and origin_leads == wanted
            and (step.kind == SPLIT or step.records < there)
        )

    def undo(self, step: Step) -> None:
        step.is_standing = False
        self.set_sites(step.sites, step.kind == SPLIT)
        self.move(step.records, step.origin)
        if step.kind == MERGE:
            del self.leads[step.origin]
            for address in step.followers:
                if self.leads.get(address) == step.target:
                    self.leads[address] = step.origin
        elif not self.members(step.target):
            self.close(step.target, step.origin)

    def decide_again(self, pair: frozenset[int]) -> None:
        for step in self.steps:
            step.said.discard(pair)

    # --- what the public record should say ------------------------------------------------------

    def composed(self, group: str) -> dict[str, Any]:
        """Title, summary, year, terms and places of a group, by the rule told in plain words."""
        everyone = [self.records[pk] for pk in self.members(group)]
        present = [told for told in everyone if not told.is_withdrawn] or everyone
        has_open = any(told.is_open for told in present)
        said = {name: self._best(name, present, has_open) for name in ("title", "summary", "year")}
        edits = {name: self._edit(group, name) for name in said}
        return {
            **{name: said[name] if edits[name] is None else edits[name] for name in said},
            "terms": {told.values["theme"] for told in present if told.values["theme"]},
            "places": {told.values["town"] for told in present},
        }

    def _best(self, name: str, present: list[Told], has_open: bool) -> Any:
        able = [told for told in present if told.values[name]]
        if name == "summary" and has_open:
            able = [told for told in able if told.is_open]
        if not able:
            return None
        # Stable sorts, the least important first: the oldest, the latest, the fullest…
        able.sort(key=lambda told: told.pk)
        able.sort(key=lambda told: told.turn, reverse=True)
        if name == "summary":
            able.sort(key=lambda told: min(len(told.values[name]), 2000) // 200, reverse=True)
        able.sort(key=lambda told: told.priorities.get(name, 0), reverse=True)
        able.sort(key=lambda told: told.is_open, reverse=True)
        able.sort(key=lambda told: told.is_site)
        return able[0].values[name]

    def _edit(self, group: str, name: str) -> Any:
        """The group's own edit, else the oldest of those of the addresses that lead to it."""
        if (group, name) in self.edits:
            return self.edits[group, name][1]
        theirs = [
            edit
            for (address, field_name), edit in self.edits.items()
            if field_name == name and self.leads.get(address) == group
        ]
        return min(theirs)[1] if theirs else None
