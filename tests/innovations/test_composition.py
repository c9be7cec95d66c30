"""Composition: a pure function of what partners and staff say."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from innovations.composition import Contribution, Place, compose

NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)


def said(record_id: int, **fields: object) -> Contribution:
    base: dict = {
        "partner_slug": f"p{record_id}",
        "partner_name": f"P{record_id}",
        "source_slug": f"s{record_id}",
        "source_name": f"S{record_id}",
        "url": "",
        "is_record_page": True,
        "licence": "etalab-2.0",
        "is_open": True,
        "collected_at": NOON,
    }
    return Contribution(record_id=record_id, **{**base, **fields})


def test_staff_wins_over_every_partner_and_the_origin_says_so() -> None:
    composed = compose([said(1, values={"title": "Du partenaire"})], {"title": "De l’équipe"})

    assert composed.values["title"] == "De l’équipe"
    assert composed.origins["title"] == "staff"


def test_the_source_of_higher_priority_wins() -> None:
    composed = compose([said(1, values={"title": "A"}), said(2, priority=5, values={"title": "B"})])

    assert (composed.values["title"], composed.origins["title"]) == ("B", 2)


def test_the_fuller_text_wins_whole_and_is_never_blended() -> None:
    long_text = "Un récit complet. " * 30
    composed = compose(
        [said(1, values={"summary": "Bref."}), said(2, values={"summary": long_text})]
    )

    assert composed.values["summary"] == long_text


def test_at_equal_completeness_the_fresher_wins() -> None:
    later = NOON + datetime.timedelta(days=1)
    composed = compose(
        [said(1, values={"title": "Ancien"}), said(2, collected_at=later, values={"title": "Neuf"})]
    )

    assert composed.values["title"] == "Neuf"


def test_terms_are_united_and_places_counted_once() -> None:
    composed = compose(
        [
            said(1, values={"terms": ["theme:emploi"]}, places=[Place(7, "Lormes")]),
            said(
                2, values={"terms": ["theme:emploi", "theme:culture"]}, places=[Place(7, "58140")]
            ),
        ]
    )

    assert composed.terms == ("theme:emploi", "theme:culture")
    assert [records for _, records in composed.places] == [(1, 2)]


def test_a_record_without_open_licence_is_a_reference_until_an_open_source_joins() -> None:
    closed = said(1, is_open=False, values={"title": "A"})

    assert compose([closed]).is_reference
    assert not compose([closed, said(2, values={"title": "A"})]).is_reference


@given(st.permutations([said(n, priority=n % 2, values={"title": f"T{n}"}) for n in range(5)]))
def test_the_order_of_the_sources_does_not_matter(contributions: list[Contribution]) -> None:
    assert compose(contributions) == compose(contributions[::-1])
