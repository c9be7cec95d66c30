"""What a search cannot use is told where there is a page to tell it on, and refused elsewhere."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client

from innovations import search, search_criteria
from innovations.export_formats import FORMATS
from innovations.search import InnovationSearch
from innovations.search_page import SearchPage
from tests.factories import InnovationFactory, TermFactory, TerritoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def records() -> None:
    cache.clear()
    town = TerritoryFactory(
        code="22278", name="Saint-Brieuc", region=TerritoryFactory(a_region=True)
    )
    for title in ("Jardin", "Épicerie", "Atelier"):
        InnovationFactory(published=True, title=title, territory=town, terms=[TermFactory()])


def ask(query: str) -> InnovationSearch:
    return InnovationSearch.from_query(QueryDict(query))


def told(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("theme=inconnu", "Thèmes : inconnu"),
        ("departement=22", "departement"),
        ("lieu=nulle-part-en-france", "nulle-part-en-france"),
        ("territoire=commune-00000", "commune-00000"),
        ("annee_min=hier", "hier"),
        ("q=de la", "mots trop courants"),
    ],
)
def test_a_file_wider_than_asked_is_not_given(
    client: Client, name: str, query: str, reason: str
) -> None:
    response = client.get(f"/recherche/export.{name}?{query}")

    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert reason in told(response).replace("\u00a0", " ")


@pytest.mark.parametrize("query", ["theme=inconnu", "cadre=9,9", "zoom=loin", "zoom=-1", "q=-"])
def test_points_wider_than_asked_are_not_given(client: Client, query: str) -> None:
    response = client.get(f"/recherche/points.json?{query}")

    assert response.status_code == 400
    assert json.loads(response.content)["message"]


@pytest.mark.parametrize("query", ["lieu=nulle-part-en-france", "q=de la", "q=-&lieu=Saint-Brieuc"])
def test_the_page_that_told_so_leads_to_files_and_points_that_open(
    client: Client, query: str
) -> None:
    page = SearchPage(ask(query))

    assert page.notices
    for link in page.formats:
        assert client.get(link.url).status_code == 200, link.url
    points = client.get(f"/recherche/points.json?{page.map_query}").json()
    assert points["innovations"] == page.search.total == 3


def test_a_place_understood_does_not_hide_what_was_left_aside(client: Client) -> None:
    page = client.get("/recherche/?lieu=Saint-Brieuc&theme=inconnu&couleur=bleu", follow=True)

    assert "Thèmes\u00a0: inconnu" in told(page)
    assert "couleur" in told(page)


@pytest.mark.parametrize(
    "address", ["/recherche/flux", "/recherche/widget/", "/recherche/integrer/"]
)
def test_a_place_that_is_not_understood_is_told_elsewhere_too(client: Client, address: str) -> None:
    page = told(client.get(f"{address}?lieu=nulle-part-en-france"))

    assert "«\u00a0nulle-part-en-france\u00a0» n’est pas un lieu reconnu" in page


@pytest.mark.parametrize("words", ["de la", '"', "-", "«»", "..."])
def test_words_that_cannot_be_searched_are_told(client: Client, words: str) -> None:
    search = ask(f"q={words}")
    answer = client.get("/api/v1/innovations/", {"q": words})

    assert "ne se cherchent pas" in search.notices[0]
    assert search.total == 3
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "q"


def test_a_page_beyond_the_last_is_told() -> None:
    assert ask("page=2").notices == ("La page 2 n’existe pas\u00a0: voici la dernière.",)
    assert ask("page=1").notices == ()


def test_pages_lead_nowhere_beyond_the_last_that_can_be_asked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (search, search_criteria):
        monkeypatch.setattr(module, "MAX_PAGE", 2)
    InnovationFactory.create_batch(27, published=True)

    first, last = ask(""), ask("page=2")

    assert first.total == 30
    assert list(SearchPage(first).page.pages_list) == [1, 2]
    assert "Les pages s’arrêtent ici" in last.notices[0]
    assert len(last.results()) == 12
