"""The completeness of a record: what weighs, what is left out, what would raise it most."""

from dataclasses import fields, replace

import pytest

from innovations.models import Reproduction
from innovations.quality import (
    CRITERIA,
    IDENTITY,
    REPRODUCTION,
    TRUST,
    Facts,
    assess,
    best,
    points,
    reasons,
)

TEXTS = [f.name for f in Reproduction.text_fields()]
FULL = Facts(
    title=40,
    summary=200,
    description=1200,
    place=1.0,
    themes=1,
    publics=1,
    methods=1,
    porteur=True,
    legal_form=True,
    year=True,
    maturity="deployee",
    website=True,
    picture=True,
    age=10,
    sources=2,
    evidence=1,
    reproduction=dict.fromkeys(TEXTS, 300),
)


def test_a_record_that_says_all_has_a_hundred() -> None:
    assert assess(FULL).score == 100
    assert assess(FULL).gains == {}


def test_a_record_that_says_nothing_has_next_to_nothing() -> None:
    assert assess(Facts()).score <= 5


def test_what_lets_others_reproduce_weighs_more_than_half() -> None:
    usual = [c for c in CRITERIA if c.code != "governance"]
    assert sum(c.weight for c in usual) == 100
    assert sum(c.weight for c in REPRODUCTION) == 55
    assert {c.code.removeprefix("reproduction.") for c in REPRODUCTION} == set(TEXTS)


def test_every_criterion_has_a_label_and_says_what_to_do() -> None:
    assert all(c.label and c.advice and c.hope for c in CRITERIA)
    assert (
        len({c.code for c in CRITERIA})
        == len(CRITERIA)
        == sum(map(len, (REPRODUCTION, IDENTITY, TRUST)))
    )


@pytest.mark.parametrize("name", [f.name for f in fields(Facts)])
def test_saying_more_never_lowers_the_score(name: str) -> None:
    lesser = {"dead": True, "shouts": True, "age": 4000, "is_open": False, "place": 0.4,
              "sources": 1, "reproduction": {}, "is_commun": True}  # fmt: skip
    empty = lesser.get(name, type(getattr(FULL, name))())
    assert assess(replace(FULL, **{name: empty})).score <= assess(FULL).score


def test_filling_what_is_advised_wins_the_points_announced() -> None:
    facts = replace(FULL, reproduction={}, picture=False)
    before = assess(facts)
    for code, gain in before.gains.items():
        name = code.removeprefix("reproduction.")
        change = {"reproduction": {name: 300}} if name in TEXTS else {name: True}
        assert assess(replace(facts, **change)).score == pytest.approx(before.score + gain, abs=1)


def test_the_best_advice_comes_first() -> None:
    assessed = assess(replace(FULL, picture=False, reproduction={**FULL.reproduction, "need": 0}))
    found = reasons(assessed.values, assessed.gains, "deployee")
    assert [r.criterion.code for r in best(found)] == ["reproduction.need", "picture"]
    assert best(found)[0].sentence == (
        "Dites à quel besoin le projet répond\u00a0: +\u00a06\u00a0points"
    )


def test_a_national_project_without_a_place_lacks_none() -> None:
    assert assess(replace(FULL, place=None, reach="pays")).values["place"] is None
    assert assess(replace(FULL, place=None, reach="pays")).score == 100
    assert assess(replace(FULL, place=None)).score == 95
    assert assess(replace(FULL, place=0.5)).values["place"] == 50


def test_an_idea_needs_no_web_site() -> None:
    assert assess(replace(FULL, website=False, maturity="idee")).score == 100


def test_the_governance_is_asked_of_communs_only() -> None:
    assert assess(FULL).values["governance"] is None
    assert "governance" in assess(replace(FULL, is_commun=True)).gains


@pytest.mark.parametrize("maturity", ["arretee", "inaboutie"])
def test_a_stopped_experience_is_judged_on_its_lessons(maturity: str) -> None:
    stopped = replace(
        FULL, maturity=maturity, website=False, age=5000,
        reproduction={n: 300 for n in TEXTS if not n.endswith(("conditions", "margin"))},
    )  # fmt: skip
    assert assess(stopped).score == 100
    without = replace(stopped, reproduction={**stopped.reproduction, "lessons": 0})
    running = replace(FULL, reproduction={**FULL.reproduction, "lessons": 0})
    assert (
        assess(without).gains["reproduction.lessons"]
        > 2 * assess(running).gains["reproduction.lessons"]
    )


def test_a_dead_web_site_counts_as_none() -> None:
    assert (
        assess(replace(FULL, dead=True)).score == assess(replace(FULL, website=False)).score == 97
    )


@pytest.mark.parametrize(("days", "value"), [(0, 100), (365, 100), (730, 50), (2000, 0)])
def test_freshness_fades_between_one_and_three_years(days: int, value: int) -> None:
    assert assess(replace(FULL, age=days)).values["freshness"] == value


def test_without_an_open_licence_opening_it_is_the_best_advice() -> None:
    closed = assess(replace(FULL, is_open=False))
    assert closed.score < 30
    assert closed.gains["licence"] == pytest.approx(100 - closed.score, abs=1)
    assert closed.values["reproduction.need"] == 0


def test_points_are_told_in_french() -> None:
    assert [points(g) for g in (0.2, 1, 6.4)] == [
        "moins d’un point",
        "+\u00a01\u00a0point",
        "+\u00a06\u00a0points",
    ]
