"""The kit's page: for open records alone, as cheap to ask again as any public page."""

import re
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from essaimage.models import Obstacle
from innovations.models import Innovation, Status
from tests.essaimage import kit_world
from tests.factories import InnovationFactory, ObstacleFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db


def address(innovation: Innovation, name: str = "kit") -> str:
    return reverse(f"essaimage:{name}", args=[innovation.slug])


def test_the_page_tells_the_whole_kit(client: Client) -> None:
    response = client.get(address(kit_world.rich()))
    page = response.content.decode()

    assert response.status_code == 200
    for code in ("projet", "besoin", "coeur", "marge", "obstacles", "reprises", "manque"):
        assert f'<h2 id="{code}">' in page
        assert f'href="#{code}"' in page
    assert "Le bail n’a pas été renouvelé." in page
    assert "La préfecture a donné son accord écrit." in page
    assert address(kit_world.Innovation(slug="ressourcerie-du-bourg"), "kit_pdf") in page


def test_a_page_of_nothing_says_whom_to_ask(client: Client) -> None:
    page = client.get(address(kit_world.empty())).content.decode()

    assert page.count("Il manque ici") == 10
    assert page.count("À qui le demander") >= 10


def test_the_record_leads_to_its_kit(client: Client) -> None:
    innovation = kit_world.rich()

    assert address(innovation) in client.get(innovation.get_absolute_url()).content.decode()


@pytest.mark.parametrize("name", ["kit", "kit_pdf"])
def test_a_reference_has_no_kit_and_leaks_nothing(client: Client, name: str) -> None:
    innovation = InnovationFactory(
        published=True,
        is_reference=True,
        description="<p>Texte fermé.</p>",
        reproduction={"core": "Cœur fermé."},
        cited=SourceRecordFactory(),
    )
    response = client.get(address(innovation, name))

    assert response.status_code == 302
    assert response["Location"] == innovation.get_absolute_url()
    followed = client.get(address(innovation, name), follow=True).content.decode()
    assert "fermé" not in followed
    assert "/kit/" not in followed


@pytest.mark.parametrize("name", ["kit", "kit_pdf"])
def test_a_kit_goes_where_its_record_went(client: Client, name: str) -> None:
    innovation = InnovationFactory(published=True)
    merged = InnovationFactory(status=Status.MERGED, merged_into=innovation)
    gone = InnovationFactory(published=True)
    Innovation.objects.filter(pk=gone.pk).update(status=Status.WITHDRAWN)
    draft = InnovationFactory()

    response = client.get(address(merged, name))
    assert (response.status_code, response["Location"]) == (301, address(innovation, name))
    assert client.get(address(gone, name)).status_code == 410
    assert client.get(address(draft, name)).status_code == 404
    assert client.get("/innovations/nulle-part/kit/").status_code == 404


def test_texts_are_shown_as_texts(client: Client) -> None:
    innovation = InnovationFactory(
        published=True, reproduction={"core": "<script>alert(1)</script> & « fin »"}
    )
    page = client.get(address(innovation)).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; « fin »" in page


def test_the_page_costs_a_bounded_number_of_queries(client: Client) -> None:
    innovation = kit_world.rich()
    with CaptureQueriesContext(connection) as first:
        client.get(address(innovation))
    for _ in range(5):
        ObstacleFactory(innovation=innovation, lifted=True)
    with CaptureQueriesContext(connection) as second:
        client.get(address(innovation))

    assert len(first) == len(second) <= 27


def test_a_lifted_obstacle_shows_at_once(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    tag = client.get(address(innovation))["ETag"]
    assert client.get(address(innovation), headers={"if-none-match": tag}).status_code == 304

    ObstacleFactory(innovation=innovation, lifted=True, title="Levé à l’instant")

    again = client.get(address(innovation), headers={"if-none-match": tag})
    assert again.status_code == 200
    assert "Levé à l’instant" in again.content.decode()
    assert Obstacle.objects.of_public().count() == 1


def test_headings_go_down_one_level_at_a_time(client: Client) -> None:
    page = client.get(address(kit_world.rich())).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", main)]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
