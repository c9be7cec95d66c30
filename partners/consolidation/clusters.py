"""Which certain pairs may be linked together, and which must be asked: pure, whatever the order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# More records than this are not chained into one innovation without asking.
CHAINED = 60
TOO_LONG = "Trop de fiches se suivraient dans une même innovation."
FORBIDDEN = "L’équipe a séparé des fiches de ces deux innovations."
ONE_SOURCE = "Une même source aurait deux fiches de ce lieu, qu’elle distingue."
CONTRARY = "L’équipe a écrit sur ces deux fiches publiques des choses qui se contredisent."


@dataclass(frozen=True)
class Edge:
    """A certain pair between two innovations; ``is_site``: it says that they are two places."""

    pair: int
    one: int
    other: int
    is_site: bool
    score: float


@dataclass(frozen=True)
class Node:
    """An innovation: how many records it has, the sources of those that are no site of it, what
    staff wrote on it when it is public, and what makes it the one that stays (the greatest)."""

    records: int
    sources: frozenset[int] = frozenset()
    edits: Mapping[str, Any] = field(default_factory=dict)
    weight: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Cluster:
    """``stays``: the innovation that the others go into; ``moves``: (innovation, is a site, pair
    that brought it); ``pairs``: all the pairs that are then linked."""

    stays: int
    moves: tuple[tuple[int, bool, int], ...]
    pairs: tuple[int, ...]


@dataclass
class _Group:
    """Innovations joined so far."""

    members: set[int]
    records: int
    sources: set[int]
    edits: dict[str, list[Any]]


class Clustering:
    """``forbidden``: pairs of innovations that must stay apart, whatever chains lead there."""

    def __init__(self, nodes: Mapping[int, Node], forbidden: Iterable[tuple[int, int]]) -> None:
        self.nodes = nodes
        self.apart: dict[int, set[int]] = defaultdict(set)
        for one, other in forbidden:
            self.apart[one].add(other)
            self.apart[other].add(one)
        self.groups = {
            pk: _Group({pk}, node.records, {*node.sources}, {f: [v] for f, v in node.edits.items()})
            for pk, node in nodes.items()
        }
        self.edges: list[Edge] = []
        self.refused: dict[int, str] = {}

    def join(self, edges: Iterable[Edge]) -> None:
        """Take the edges, the surest first: the same whatever the order they come in."""
        for edge in sorted(edges, key=lambda e: (e.is_site, -e.score, e.one, e.other, e.pair)):
            if reason := self._refusal(edge):
                self.refused[edge.pair] = reason
            else:
                self._unite(edge)

    def clusters(self) -> list[Cluster]:
        """What is to be merged, in the order of the innovations that stay."""
        told: dict[int, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            told[min(self.groups[edge.one].members)].append(edge)
        return [self._cluster(edges) for _, edges in sorted(told.items())]

    def _refusal(self, edge: Edge) -> str:
        one, other = self.groups[edge.one], self.groups[edge.other]
        if one is other:
            return ""
        # Edges of one place come before those of two: what is joined so far is one place.
        is_told_apart = not edge.is_site and bool(one.sources & other.sources)
        reasons = (
            (any(self.apart[member] & other.members for member in one.members), FORBIDDEN),
            (one.records + other.records > CHAINED, TOO_LONG),
            (is_told_apart, ONE_SOURCE),
            (_contradict(one.edits, other.edits), CONTRARY),
        )
        return next((reason for holds, reason in reasons if holds), "")

    def _unite(self, edge: Edge) -> None:
        self.edges.append(edge)
        one, other = self.groups[edge.one], self.groups[edge.other]
        if one is other:
            return
        one.members |= other.members
        one.records += other.records
        one.sources |= other.sources
        for name, values in other.edits.items():
            one.edits.setdefault(name, []).extend(values)
        for member in other.members:
            self.groups[member] = one

    def _cluster(self, edges: Sequence[Edge]) -> Cluster:
        """Those that are the same as the one that stays go into it; the others are its sites."""
        members = self.groups[edges[0].one].members
        stays = max(members, key=lambda pk: (self.nodes[pk].weight, -pk))
        core = _reached({stays: 0}, [e for e in edges if not e.is_site])
        brought = _reached(core, edges)
        moves = [(pk, pk not in core, brought[pk]) for pk in sorted(members - {stays})]
        return Cluster(stays, tuple(moves), tuple(sorted(e.pair for e in edges)))


def _contradict(one: Mapping[str, list[Any]], other: Mapping[str, list[Any]]) -> bool:
    """Whether staff wrote two values of one field."""
    both = one.keys() & other.keys()
    return any(value not in other[name] for name in both for value in one[name])


def _reached(start: Mapping[int, int], edges: Sequence[Edge]) -> dict[int, int]:
    """The innovations that these edges lead to from some, with the pair that leads to each."""
    beside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for edge in edges:
        beside[edge.one].append((edge.other, edge.pair))
        beside[edge.other].append((edge.one, edge.pair))
    found, waiting = dict(start), [*start]
    while waiting:
        for pk, pair in beside[waiting.pop(0)]:
            if pk not in found:
                found[pk] = pair
                waiting.append(pk)
    return found
