"""Reading a whole list page by page, in every order, while it changes."""

import datetime
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.http import urlsafe_base64_encode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innovations import searchrows
from innovations.models import Innovation
from tests.api.conftest import Read, publish
from tests.factories import InnovationFactory

ORDERINGS = ["id", "updated_at", "-published_at", "title", "relevance"]


@pytest.fixture
def thirty(db: None) -> list[str]:
    """Thirty innovations published at the same instant, as a harvest does; three per title."""
    now = timezone.now()
    made = [
        InnovationFactory(
            slug=f"projet-{n}", title=f"Projet {n % 10}", published=True, published_at=now,
            summary="atelier " * (1 + n % 4),
        )
        for n in range(30)
    ]  # fmt: skip
    Innovation.objects.update(updated_at=now)
    searchrows.refresh([each.pk for each in made])
    return [each.slug for each in made]


def pages(client: Client, address: str, way: str = "next") -> Iterator[list[str]]:
    while address:
        found = client.get(address).json()
        yield [each["slug"] for each in found["results"]]
        address = found[way]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_every_record_comes_once(client: Client, thirty: list[str], ordering: str) -> None:
    start = f"/api/v1/innovations/?ordering={ordering}&page_size=7&q=atelier"
    read = list(pages(client, start))
    assert [len(page) for page in read] == [7, 7, 7, 7, 2]
    slugs = [slug for page in read for slug in page]
    assert sorted(slugs) == sorted(thirty)


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_going_back_meets_the_same_pages(client: Client, thirty: list[str], ordering: str) -> None:
    start = f"/api/v1/innovations/?ordering={ordering}&page_size=7&q=atelier"
    forward = list(pages(client, start))
    last = start
    while following := client.get(last).json()["next"]:
        last = following
    backward = list(pages(client, last, "previous"))
    assert backward[::-1] == forward


def test_orders_are_what_they_say(client: Client, read: Read, thirty: list[str]) -> None:
    def titles(ordering: str, **more: str) -> list[str]:
        found = read("list_innovations", ordering=ordering, page_size=100, **more)["results"]
        return [each["title"] for each in found]

    assert titles("title") == sorted(titles("id"))
    publish(title="Atelier atelier atelier", slug="meilleur")
    assert titles("relevance", q="atelier")[0] == "Atelier atelier atelier"
    assert titles("-published_at")[0] == "Atelier atelier atelier"
    assert titles("updated_at")[-1] == "Atelier atelier atelier"


def test_a_change_while_reading_loses_and_repeats_nothing(
    client: Client, thirty: list[str]
) -> None:
    start = "/api/v1/innovations/?page_size=10"
    first = client.get(start).json()
    read = [each["slug"] for each in first["results"]]
    # One already read goes, one still to come goes, new ones arrive.
    Innovation.objects.filter(slug__in=[read[0], thirty[15]]).delete()
    InnovationFactory.create_batch(3, published=True)
    for page in pages(client, first["next"]):
        read += page
    assert len(read) == len(set(read))
    assert set(thirty) - set(read) == {thirty[15]}


def test_a_record_changed_while_following_changes_is_met_again(
    client: Client, thirty: list[str]
) -> None:
    start = "/api/v1/innovations/?ordering=updated_at&page_size=10"
    first = client.get(start).json()
    seen = first["results"][0]["slug"]
    Innovation.objects.filter(slug=seen).update(
        updated_at=timezone.now() + datetime.timedelta(seconds=1)
    )
    rest = [slug for page in pages(client, first["next"]) for slug in page]
    assert rest[-1] == seen
    assert len(rest) == 21


def test_the_links_keep_the_filters(read: Read, thirty: list[str]) -> None:
    found = read("list_innovations", q="atelier", page_size=5, nature="sociale")
    query = parse_qs(urlsplit(found["next"]).query)
    assert query["q"] == ["atelier"]
    assert query["nature"] == ["sociale"]
    assert query["page_size"] == ["5"]
    assert found["previous"] is None


def test_an_empty_list_has_no_other_page(read: Read) -> None:
    assert read("list_innovations") == {"next": None, "previous": None, "results": []}


def test_a_position_serves_one_order_only(client: Client, thirty: list[str]) -> None:
    address = client.get("/api/v1/innovations/?page_size=5").json()["next"]
    answer = client.get(f"{address}&ordering=title")
    assert answer.json()["errors"][0]["code"] == "invalid_cursor"


SOME = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("ordering", ["id", "updated_at", "title"])
@SOME
@given(values=st.lists(json_values, max_size=3), backward=json_values)
def test_a_forged_position_never_breaks(
    client: Client, db: None, ordering: str, values: list, backward: object
) -> None:
    token = urlsafe_base64_encode(json.dumps([ordering, backward, values]).encode())
    address = "/api/v1/innovations/"
    assert client.get(address, {"ordering": ordering, "cursor": token}).status_code in {200, 400}


@SOME
@given(token=st.text(max_size=60))
def test_an_unreadable_position_is_refused(client: Client, db: None, token: str) -> None:
    answer = client.get("/api/v1/innovations/", {"cursor": token})
    assert answer.status_code == (400 if token else 200)
