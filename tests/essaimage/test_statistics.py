"""The figures of what spreads, against a plain count of generated lives."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from essaimage import statistics
from essaimage.models import (
    Approach,
    DiffusionForm,
    Extent,
    PublicAction,
    PublicRole,
    Replication,
    ReplicationStep,
)
from essaimage.spans import Span, spans
from essaimage.spreading import Told, read
from essaimage.statistics import UNKNOWN
from tests.factories import (
    InnovationFactory,
    PublicActorFactory,
    ReplicationFactory,
    TerritoryFactory,
)

UNTIL = 2026
# What may follow in a journal, and what may have been annulled.
AFTER = {
    "": ["envisagee"],
    "envisagee": ["en-preparation", "abandonnee"],
    "en-preparation": ["en-cours", "abandonnee"],
    "en-cours": ["perennisee", "abandonnee"],
    "perennisee": ["abandonnee"],
    "abandonnee": ["en-preparation"],
}


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[str, str]]:
    """(state, date) of the steps of a life that may be, dates in order, some unknown."""
    state, year, steps = "", draw(st.integers(2008, 2020)), []
    for _ in range(draw(st.integers(1, 7))):
        state = draw(st.sampled_from(AFTER[state]))
        year = min(UNTIL, year + draw(st.integers(0, 3)))
        steps.append((state, draw(st.sampled_from([str(year), f"{year}-05", ""]))))
    return steps


def some(choices: Any, most: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(choices.values), max_size=most, unique=True)


told = st.fixed_dictionaries(
    {
        "life": lives(),
        "annulled": st.booleans(),
        "project": st.integers(0, 2),
        "place": st.integers(0, 3),
        "approach": st.sampled_from(["", *Approach.values]),
        "forms": some(DiffusionForm),
        "extent": st.sampled_from(["", *Extent.values]),
        "roles": some(PublicRole),
        "actions": some(PublicAction),
    }
)


def periods(life: Sequence[tuple[str, str]]) -> list[tuple[str, str | None]]:
    """(date it began, date it stopped or None): what a reader of the journal would write."""
    found: list[tuple[str, str | None]] = []
    runs = False
    for state, date in life:
        if state in {"en-cours", "perennisee"} and not runs:
            found.append((date, None))
            runs = True
        if state == "abandonnee" and runs:
            found[-1] = (found[-1][0], date)
            runs = False
    return found


def running(life: Sequence[tuple[str, str]], year: int) -> bool:
    """At the end of the year; False as soon as a date is not known."""
    its = periods(life)
    if not its or any(began == "" or stopped == "" for began, stopped in its):
        return False
    return any(
        int(began[:4]) <= year and (stopped is None or int(stopped[:4]) > year)
        for began, stopped in its
    )


class TestFigures(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(told, max_size=7))
    def test_they_are_those_of_a_plain_count(self, declared: list[dict[str, Any]]) -> None:
        region = TerritoryFactory(a_region=True)
        departement = TerritoryFactory(a_departement=True, region=region)
        places = [
            None, region, departement,
            TerritoryFactory(code="22278", departement=departement, region=region),
        ]  # fmt: skip
        projects = InnovationFactory.create_batch(2, published=True)
        # A record that was merged into the first one tells the same project.
        projects.append(InnovationFactory(status="reunie", merged_into=projects[0]))
        for one in declared:
            enter(one, projects, places)

        found = read(Replication.objects.of_public())

        assert len(found) == len(declared)
        project_of = [0, 1, 0]
        spread = [one for one in declared if periods(one["life"])]
        figures = statistics.key_figures(found)
        assert figures.spread == len(spread)
        assert figures.running == sum(
            one["life"][-1][0] in {"en-cours", "perennisee"} for one in declared
        )
        assert figures.projects_spread == len({project_of[one["project"]] for one in spread})
        assert statistics.undated(found) == sum(
            any("" in period for period in periods(one["life"])) for one in spread
        )
        check_years(found, declared)
        check_crossing(found, declared, project_of)


def enter(one: dict[str, Any], projects: list[Any], places: list[Any]) -> None:
    state = one["life"][-1][0]
    replication = ReplicationFactory(
        innovation=projects[one["project"]],
        territory=places[one["place"]],
        state=state,
        approach=one["approach"],
        forms=one["forms"],
        extent=one["extent"],
    )
    ReplicationStep.objects.bulk_create(
        ReplicationStep(replication=replication, state=reached, date=date)
        for reached, date in one["life"]
    )
    if one["annulled"]:
        ReplicationStep.objects.create(
            replication=replication, state="en-cours", date="2001", annulled_at="2026-01-01T00:00Z"
        )
    if one["roles"] or one["actions"]:
        PublicActorFactory(replication=replication, roles=one["roles"], actions=one["actions"])


def check_years(found: list[Any], declared: list[dict[str, Any]]) -> None:
    years = statistics.over_time(found, UNTIL)
    for year in years:
        assert year.running == sum(running(one["life"], year.year) for one in declared), year
        placed = any(running(one["life"], year.year) and one["place"] > 1 for one in declared)
        assert year.zones == int(placed)
    # What began less what stopped, added up.
    total = 0
    for year in years:
        total += year.begun - year.stopped
        assert total == year.running
    shown = [year.year for year in years]
    zones = statistics.zones_over_time(found, shown)
    assert set(zones) <= {"departement-22"}
    for counts in zones.values():
        assert counts == [
            sum(running(one["life"], year) and one["place"] > 1 for one in declared)
            for year in shown
        ]


def check_crossing(found: list[Any], declared: list[dict[str, Any]], project_of: list[int]) -> None:
    """Projects by form and extent, then by approach and role, cell by cell."""
    questions = [
        (statistics.forms, statistics.extent, lambda o: o["forms"], lambda o: [o["extent"]]),
        (statistics.approach, statistics.roles, lambda o: [o["approach"]], roles),
    ]
    for rows, columns, row_of, column_of in questions:
        cells = statistics.crossed(found, rows, columns)
        expected: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for one in declared:
            for row in row_of(one) or [UNKNOWN]:
                for column in column_of(one) or [UNKNOWN]:
                    expected.setdefault((row, column), []).append(one)
        assert set(cells) == set(expected)
        for where, those in expected.items():
            begun = {project_of[o["project"]] for o in those if periods(o["life"])}
            every = {project_of[o["project"]] for o in those}
            assert cells[where].projects_spread == len(begun)
            assert cells[where].projects_told == len(every - begun)
            assert cells[where].spread == sum(bool(periods(o["life"])) for o in those)
            assert cells[where].spread + cells[where].told == len(those)


def roles(one: dict[str, Any]) -> list[str]:
    return list({*one["roles"], *(action.partition("-")[0] for action in one["actions"])})


@pytest.mark.parametrize(
    ("steps", "state", "expected"),
    [
        ([], "envisagee", ()),
        ([], "en-cours", (Span(None),)),
        ([("en-cours", "2015")], "en-cours", (Span(2015),)),
        ([("en-cours", "2015"), ("perennisee", "2017")], "perennisee", (Span(2015),)),
        # The first step that says that it runs has no date: the later one does not stand for it.
        ([("en-cours", ""), ("perennisee", "2017")], "perennisee", (Span(None),)),
        (
            [("en-cours", "2015"), ("abandonnee", "2016"), ("en-preparation", ""),
             ("en-cours", "2018")],
            "en-cours",
            (Span(2015, 2016, is_over=True), Span(2018)),
        ),
        ([("envisagee", ""), ("abandonnee", "2016")], "abandonnee", ()),
    ],
)  # fmt: skip
def test_a_journal_tells_when_it_ran(
    steps: list[tuple[str, str]], state: str, expected: tuple[Span, ...]
) -> None:
    assert spans(steps, state) == expected


@pytest.mark.django_db
def test_the_figures_cost_three_queries(django_assert_num_queries: Any) -> None:
    for _ in range(2):
        for _ in range(10):
            PublicActorFactory(replication__state="en-cours", replication__journal=True)
        with django_assert_num_queries(3):
            statistics.of_public()


@pytest.mark.django_db
def test_what_is_only_envisaged_is_counted_apart() -> None:
    ReplicationFactory(journal=True)
    ReplicationFactory(state="en-preparation", journal=True)
    ReplicationFactory(state="abandonnee", journal=True)
    ReplicationFactory(state="abandonnee", journal={"en-cours": "2018"})
    ReplicationFactory(state="en-cours", waiting=True, journal=True)

    figures = statistics.of_public()

    assert (figures.told, figures.spread, figures.running) == (4, 1, 0)
    assert (figures.planned, figures.preparing, figures.unborn, figures.stopped) == (1, 1, 1, 1)
    assert figures.projects_spread == 1


SPANS = st.lists(
    st.tuples(st.integers(1995, 2024), st.one_of(st.none(), st.integers(1995, 2026))), max_size=3
)


@given(st.lists(st.tuples(SPANS, st.sampled_from(["", "departement-22", "departement-35"]))))
def test_years_are_added_up_as_they_are_counted_one_by_one(
    said: list[tuple[list[tuple[int, int | None]], str]],
) -> None:
    """Whatever the spans, out of order or one in another: each replication counts for one."""
    told = [
        Told(
            rank, "", 1, "en-cours", zone=zone,
            spans=tuple(Span(b, s, is_over=s is not None) for b, s in spans),
        )
        for rank, (spans, zone) in enumerate(said)
    ]  # fmt: skip

    def runs(one: Told, year: int) -> bool:
        return any(
            (s.began or 0) <= year and (s.stopped is None or s.stopped > year) for s in one.spans
        )

    years = statistics.over_time(told, 2026)
    for row in years:
        running = [one for one in told if runs(one, row.year)]
        assert row.running == len(running)
        assert row.zones == len({one.zone for one in running if one.zone})
    known = [row.year for row in years]
    for zone, counts in statistics.zones_over_time(told, known).items():
        assert zone
        counted = [sum(runs(o, y) for o in told if o.zone == zone) for y in known]
        assert counts == counted
