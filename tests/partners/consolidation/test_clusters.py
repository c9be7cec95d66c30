"""Certain pairs chained into innovations: the same whatever the order, and never too far."""

import random

import pytest

from partners.consolidation import clusters
from partners.consolidation.clusters import Cluster, Clustering, Edge, Node


def edge(pair: int, one: int, other: int, *, is_site: bool = False, score: float = 0.9) -> Edge:
    return Edge(pair, one, other, is_site, score)


def joined(edges: list[Edge], nodes: dict[int, Node], apart: set = frozenset()) -> Clustering:
    clustering = Clustering(nodes, apart)
    clustering.join(edges)
    return clustering


def test_chains_are_the_same_whatever_the_order() -> None:
    edges = [edge(n, n, n + 1, is_site=n % 3 == 0, score=0.5 + n / 100) for n in range(1, 30)]
    edges += [edge(100 + n, n, n + 7, score=0.7) for n in range(1, 20, 5)]
    nodes = {n: Node(1 + n % 2, weight=(n % 5,)) for n in range(1, 31)}
    apart = {(3, 25), (10, 30)}
    expected = joined(edges, nodes, apart)
    for seed in range(20):
        random.Random(seed).shuffle(edges)
        again = joined(edges, nodes, apart)
        assert again.clusters() == expected.clusters()
        assert again.refused == expected.refused


def test_the_heaviest_stays_and_what_only_a_site_leads_to_is_a_site() -> None:
    edges = [edge(1, 10, 20), edge(2, 20, 30, is_site=True), edge(3, 30, 40)]
    nodes = {n: Node(1, weight=(n == 20,)) for n in (10, 20, 30, 40)}
    assert joined(edges, nodes).clusters() == [
        Cluster(20, ((10, False, 1), (30, True, 2), (40, True, 3)), (1, 2, 3))
    ]


def test_innovations_that_staff_set_apart_are_not_chained() -> None:
    clustering = joined(
        [edge(1, 1, 2, score=0.99), edge(2, 2, 3)], {n: Node(1) for n in (1, 2, 3)}, {(1, 3)}
    )
    assert clustering.refused == {2: clusters.FORBIDDEN}
    assert [c.pairs for c in clustering.clusters()] == [(1,)]


def test_public_records_whose_edits_contradict_each_other_are_asked() -> None:
    one, other = Node(1, edits={"title": "Ancolie"}), Node(1, edits={"title": "Garance"})
    assert joined([edge(1, 1, 2)], {1: one, 2: other}).refused == {1: clusters.CONTRARY}
    agreed = Node(1, edits={"title": "Ancolie", "summary": "Réparer."})
    assert joined([edge(1, 1, 2)], {1: one, 2: agreed}).refused == {}


def test_too_long_a_chain_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "CHAINED", 3)
    nodes = {n: Node(1) for n in range(5)}
    clustering = joined([edge(n, n, n + 1) for n in range(4)], nodes)
    assert sorted(clustering.refused.values()) == [clusters.TOO_LONG]
    assert {len(c.moves) for c in clustering.clusters()} == {1, 2}


def test_two_records_of_one_source_do_not_become_one_place_by_way_of_another() -> None:
    nodes = {1: Node(1, frozenset({7})), 2: Node(1, frozenset({8})), 3: Node(1, frozenset({7}))}
    clustering = joined([edge(1, 1, 2, score=0.99), edge(2, 2, 3)], nodes)
    assert clustering.refused == {2: clusters.ONE_SOURCE}
    assert joined([edge(1, 1, 2), edge(2, 2, 3, is_site=True)], nodes).refused == {}
