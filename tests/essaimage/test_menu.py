"""« Essaimage » in the main menu: marked on each of its pages, and on no other."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    ObstacleFactory,
    ReplicationFactory,
)

pytestmark = pytest.mark.django_db


def marked(client: Client, path: str) -> dict[str, str]:
    """Entry of the menu → the value of its ``aria-current``, for those that are marked."""
    page = client.get(path, follow=True).content.decode()
    start = page.index('id="menu-principal"')
    menu = page[start : page.index("</nav>", start)]
    found = re.findall(r'<a class="fr-nav__link"([^>]*)>([^<]*)</a>', menu)
    assert len(found) == 8
    states = {label: re.search(r'aria-current="(\w+)"', said) for said, label in found}
    return {label: state[1] for label, state in states.items() if state}


def test_each_page_of_the_essaimage_is_in_its_entry(client: Client) -> None:
    replication, obstacle = ReplicationFactory(journal=True), ObstacleFactory()
    slug = replication.innovation.slug
    client.post(reverse("essaimage:assessment_start"), {"projet": "Atelier"})
    paths = [
        replication.get_absolute_url(),
        obstacle.get_absolute_url(),
        ExperimentFactory().get_absolute_url(),
        reverse("essaimage:obstacles"),
        reverse("essaimage:experiments"),
        reverse("essaimage:assessment_start"),
        reverse("essaimage:spread_of", args=[slug]),
        reverse("essaimage:kit", args=[slug]),
        reverse("essaimage:declare", args=[slug]),
        reverse("essaimage:obstacle_signal", args=[slug]),
    ]
    assert {path: marked(client, path) for path in paths} == {
        path: {"Essaimage": "true"} for path in paths
    }
    assert marked(client, reverse("essaimage:spread")) == {"Essaimage": "page"}


def test_the_pages_of_an_assessment_are_too(client: Client) -> None:
    answer = client.post(reverse("essaimage:assessment_start"), {"projet": "Atelier"})
    assert answer.status_code == 302
    assert marked(client, answer.headers["Location"]) == {"Essaimage": "true"}


def test_no_other_page_is(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    assert marked(client, innovation.get_absolute_url()) == {}
    assert marked(client, "/") == {"Accueil": "page"}
    assert marked(client, "/partenaires/") == {"Partenaires": "page"}
    assert marked(client, "/nulle-part/") == {}
