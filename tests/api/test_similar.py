"""What is like an innovation, with the reasons, through the API."""

import pytest
from django.test import Client

from innovations import publishing
from innovations.models import Status
from tests.api.contract import address, check
from tests.factories import InnovationFactory, TermFactory

pytestmark = pytest.mark.django_db
SUMMARY = "Une épicerie solidaire ouverte aux familles fragiles."


def test_it_says_what_is_alike_and_why(
    client: Client, django_assert_max_num_queries: object
) -> None:
    theme = TermFactory(code="aide-alimentaire", label="Aide alimentaire")
    mine, other = (
        InnovationFactory(
            published=True, slug=slug, title="Épicerie", summary=SUMMARY, terms=[theme]
        )
        for slug in ("mienne", "autre")
    )
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        response = client.get(address("list_similar", slug=mine.slug))
    answer = check(response, "list_similar")

    (found,) = answer["alike"]
    assert found["slug"] == other.slug
    assert found["url"].endswith("/innovations/autre/")
    assert found["reasons"][0] == {
        "code": "theme",
        "label": "Thème en commun",
        "shared": ["Aide alimentaire"],
    }
    assert answer["elsewhere"] == []


def test_a_withdrawn_or_unknown_record_answers_as_its_own_address(client: Client) -> None:
    gone = InnovationFactory(published=True)
    publishing.set_status([gone.pk], Status.WITHDRAWN)

    check(client.get(address("list_similar", slug=gone.slug)), "list_similar")
    assert client.get(address("list_similar", slug=gone.slug)).status_code == 410
    assert client.get(address("list_similar", slug="nulle-part")).status_code == 404


def test_it_takes_no_parameter(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    response = client.get(address("list_similar", slug=innovation.slug) + "?q=x")

    assert response.status_code == 400
    check(response, "list_similar")
