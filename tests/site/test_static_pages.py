"""The pages of text, the frame around every page, errors, and what robots read."""

import re
from itertools import pairwise

import pytest
from django.test import Client

from tests.factories import InnovationFactory, PartnerFactory

pytestmark = pytest.mark.django_db
PAGES = [
    "/",
    "/recherche/",
    "/partenaires/",
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/accessibilite/",
    "/moissonnage/",
    "/donnees-ouvertes/",
    "/comment-une-reprise-est-publiee/",
    "/plan-du-site/",
    "/contact/",
    "/contact/merci/",
]
MANDATORY = [
    "/plan-du-site/",
    "/accessibilite/",
    "/mentions-legales/",
    "/donnees-personnelles/",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_its_frame(client: Client, path: str) -> None:
    page = client.get(path).content.decode()

    assert page.count("<h1") == 1
    assert '<html lang="fr"' in page
    assert re.search(r"<title>.{10,}</title>", page)
    assert re.search(r'name="description"\s+content="[^"]{20,}', page)
    assert 'href="#contenu"' in page
    assert "Accessibilité : non conforme" in page
    for address in MANDATORY:
        assert f'href="{address}"' in page, address
    assert "{{" not in page
    assert "{%" not in page


@pytest.mark.parametrize("path", PAGES)
def test_headings_never_skip_a_level(client: Client, path: str) -> None:
    InnovationFactory(published=True)
    page = client.get(path).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    levels = [int(level) for level in re.findall(r"<h([1-6])", main)]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
def test_reading_sets_no_session_cookie(client: Client, path: str) -> None:
    cookies = client.get(path).cookies

    assert [name for name in cookies if "session" in name] == []
    if path != "/contact/":
        assert not cookies


def test_a_missing_page_says_so_and_leads_on(client: Client) -> None:
    response = client.get("/nulle-part/")

    assert response.status_code == 404
    assert "Page introuvable" in response.content.decode()


def test_robots_are_told_where_to_go(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()

    assert "Disallow: /gestion/" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text


def test_the_sitemap_holds_what_is_public(client: Client) -> None:
    published, hidden = InnovationFactory(published=True), InnovationFactory()
    partner = PartnerFactory()

    index = client.get("/sitemap.xml").content.decode()
    found = "".join(
        client.get(f"/sitemap-{name}.xml").content.decode()
        for name in ("pages", "innovations", "partenaires")
    )

    assert "http://testserver/sitemap-innovations.xml" in index
    assert f"http://testserver{published.get_absolute_url()}" in found
    assert f"http://testserver{partner.get_absolute_url()}" in found
    assert hidden.get_absolute_url() not in found


def test_the_open_data_page_counts_both_kinds(client: Client) -> None:
    InnovationFactory(published=True)
    InnovationFactory(published=True, is_reference=True)

    page = client.get("/donnees-ouvertes/").content.decode()

    assert "1 fiche est sous licence ouverte" in page
    assert "1 autre fiche n’a pas de licence ouverte" in page
