"""A search taken elsewhere: feed, frame, oEmbed, code to copy."""

import datetime
import html
import json
import re
from typing import Any

import feedparser
import pytest
from django.conf import settings
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from lxml import etree

from innovations.licences import Licence
from innovations.models import Innovation
from innovations.widget import Look
from tests.factories import CitationFactory, InnovationFactory, TermFactory, TerritoryFactory

pytestmark = pytest.mark.django_db
FEED = "/recherche/flux"
WIDGET = "/recherche/widget/"
SEARCH = f"{settings.BASE_URL}/recherche/"


def at(days: int) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)


def feed(client: Client, query: str = "") -> Any:
    response = client.get(f"{FEED}?{query}")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(response.content)
    assert not read.bozo
    return read


# --- feed -------------------------------------------------------------------------------------


def test_a_feed_gives_the_latest_records_first(client: Client) -> None:
    InnovationFactory(published=True, title="Jardin ancien", published_at=at(9))
    InnovationFactory(published=True, title="Jardin nouveau", published_at=at(1))
    InnovationFactory(published=True, title="Épicerie", published_at=at(2))

    read = feed(client, "q=jardin")

    assert [entry.title for entry in read.entries] == ["Jardin nouveau", "Jardin ancien"]
    assert read.feed.title.startswith("Innovations pour « jardin » – ")


def test_a_feed_is_named_by_all_that_is_asked(client: Client) -> None:
    TermFactory(code="sante", label="Santé")
    place = TerritoryFactory(a_region=True, code="53", name="Bretagne")

    said = feed(client, f"q=jardin&theme=sante&annee_min=2020&territoire=region-{place.code}").feed

    assert "« jardin »" in said.title
    assert "Bretagne : Santé, À partir de 2020" in said.title
    assert feed(client).feed.title.startswith("Toutes les innovations – ")


def test_a_text_that_looks_like_code_is_a_text(client: Client) -> None:
    InnovationFactory(published=True, summary="R&D <script>alert(1)</script>, 1 < 2")

    content = client.get(FEED).content.decode()

    assert "R&amp;amp;D &amp;lt;script&amp;gt;alert(1)" in content


def test_a_source_that_told_twice_is_named_once(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    innovation.citations.all().delete()
    for _ in range(2):
        CitationFactory(innovation=innovation, partner_name="semeoz", url="https://semeoz.example/")

    entry = feed(client).entries[0]

    assert [author.name for author in entry.authors] == ["semeoz"]
    assert [link.rel for link in entry.links].count("via") == 1


def test_an_entry_names_its_sources_and_their_licence(client: Client) -> None:
    innovation = InnovationFactory(published=True, terms=[TermFactory(label="Alimentation")])
    innovation.citations.all().delete()
    for name, licence in (("semeoz", Licence.CC_BY), ("Bretagne créative", Licence.ODBL)):
        CitationFactory(innovation=innovation, partner_name=name, licence=licence)

    entry = feed(client).entries[0]

    assert {author.name for author in entry.authors} == {"semeoz", "Bretagne créative"}
    assert "Creative Commons Attribution 4.0" in entry.rights
    assert "ODbL" in entry.rights
    assert [tag.term for tag in entry.tags] == ["Alimentation"]
    assert entry.link == settings.BASE_URL + innovation.get_absolute_url()
    assert [link.rel for link in entry.links].count("via") == 2


def test_the_identifier_of_an_entry_outlives_its_address(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    before = feed(client).entries[0].id
    Innovation.objects.filter(pk=innovation.pk).update(slug="autre-adresse")

    after = feed(client).entries[0]

    assert after.id == before
    assert after.link.endswith("/autre-adresse/")


def test_the_same_search_is_the_same_feed_however_it_is_shown(client: Client) -> None:
    InnovationFactory(published=True)
    plain, shown = feed(client), feed(client, "vue=carte&tri=titre&page=3")

    assert plain.feed.id == shown.feed.id


def test_a_feed_of_nothing_is_a_feed_that_does_not_change(client: Client) -> None:
    first = client.get(f"{FEED}?q=introuvable")
    second = client.get(f"{FEED}?q=introuvable")

    assert first.content == second.content
    assert not feed(client, "q=introuvable").entries


def test_a_feed_unchanged_is_not_sent_again(client: Client, django_assert_num_queries: Any) -> None:
    InnovationFactory(published=True)
    tag = client.get(FEED)["ETag"]

    with django_assert_num_queries(1):
        again = client.get(FEED, headers={"if-none-match": tag})

    assert (again.status_code, again.content) == (304, b"")


def test_characters_that_xml_forbids_do_not_break_a_feed(client: Client) -> None:
    InnovationFactory(published=True, title="Atelier\x0b de\x01 rue", summary="Un\x02 texte")

    assert feed(client).entries[0].title == "Atelier de rue"


def test_what_was_left_aside_is_told_in_the_feed(client: Client) -> None:
    assert "n’existe pas" in feed(client, "theme=inconnu").feed.subtitle


def test_the_number_of_queries_of_a_feed_is_fixed(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in (1, 12):
        InnovationFactory.create_batch(number, published=True)
        with django_assert_max_num_queries(12):
            client.get(f"{FEED}?q=a{number}")


# --- the page of the search -------------------------------------------------------------------


def test_the_search_page_leads_to_its_feed_its_frame_and_oembed(client: Client) -> None:
    InnovationFactory(published=True, title="Jardin")
    page = client.get("/recherche/?q=jardin&vue=carte&page=1").content.decode()

    assert 'type="application/atom+xml"' in page
    assert f'href="{FEED}?q=jardin"' in page
    assert f'data-copy="{SEARCH}?q=jardin&amp;vue=carte"' in page
    found = re.search(r'type="application/json\+oembed"[^>]*href="([^"]+)"', page)
    assert found
    said = client.get(html.unescape(found[1])).json()
    assert "q=jardin" in said["html"]
    assert "vue=carte" in said["html"]


# --- frame ------------------------------------------------------------------------------------


def test_only_the_frame_may_be_framed(client: Client) -> None:
    frame, page = client.get(WIDGET), client.get("/recherche/")

    assert "frame-ancestors *" in frame["Content-Security-Policy"]
    assert "X-Frame-Options" not in frame
    assert not frame.cookies
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_the_frame_says_where_it_comes_from_and_shows_what_is_asked(client: Client) -> None:
    for number in range(5):
        InnovationFactory(published=True, title=f"Jardin {number}")
    page = client.get(f"{WIDGET}?q=jardin&nombre=3").content.decode()

    assert page.count('class="widget-title"') == 3
    assert "Carrefour des innovations sociales" in page
    assert "Voir les 5 innovations pour" in page
    assert f'href="{SEARCH}?q=jardin"' in page


@pytest.mark.parametrize("query", ["couleur=rouge", "couleur=%23fff;}", "nombre=0", "nombre=mille"])
def test_what_the_frame_cannot_use_is_told(client: Client, query: str) -> None:
    response = client.get(f"{WIDGET}?{query}")

    assert response.status_code == 200
    assert "ignor" in response.content.decode()


@pytest.mark.parametrize("colour", ["000091", "ffe800", "777777", "ffffff", "b34000"])
def test_the_text_is_always_read_on_the_colour_given(client: Client, colour: str) -> None:
    look = Look.of(QueryDict(f"couleur={colour}"), "liste")
    light = Look(look.ink)._light, look._light

    assert (max(light) + 0.05) / (min(light) + 0.05) >= 4.5
    page = client.get(f"{WIDGET}?couleur={colour}").content.decode()
    style = client.get(f"{WIDGET}{colour}.css")
    assert f'href="{WIDGET}{colour}.css"' in page
    assert f"#{colour}" in style.content.decode()
    assert style["Content-Type"] == "text/css; charset=utf-8"


def test_no_style_but_a_colour_is_made(client: Client) -> None:
    for wrong in ("fff", "00009g", "000091;x", "ABCDEF"):
        assert client.get(f"{WIDGET}{wrong}.css").status_code == 404


# --- code to copy -----------------------------------------------------------------------------


def test_the_code_to_copy_is_given_whole(client: Client) -> None:
    InnovationFactory(published=True, title="Jardin")
    page = client.get(
        "/recherche/integrer/?q=jardin&vue=carte&couleur=%23a94645&nombre=4"
    ).content.decode()
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    code = html.unescape(found[1])

    assert f'src="{settings.BASE_URL}{WIDGET}?q=jardin&amp;vue=carte' in code
    assert "couleur=a94645" in code
    assert "nombre=4" in code
    assert 'title="Innovations pour « jardin »' in code
    assert f'<script src="{settings.BASE_URL}/static/js/embed.js" async></script>' in code


def test_the_address_to_paste_keeps_the_look(client: Client) -> None:
    page = client.get("/recherche/integrer/?q=jardin&couleur=a94645").content.decode()
    found = re.search(r'data-copy="([^"]+widget[^"]+)"', page)
    assert found
    address = html.unescape(found[1])

    frame = client.get(address.removeprefix(settings.BASE_URL)).content.decode()
    told = re.search(r'type="application/json\+oembed"[^>]*href="([^"]+)"', frame)
    assert told
    said = client.get(html.unescape(told[1]).removeprefix(settings.BASE_URL)).json()

    assert "couleur=a94645" in said["html"]


def test_the_frame_tells_its_filters(client: Client) -> None:
    TermFactory(code="sante", label="Santé")

    page = client.get(f"{WIDGET}?theme=sante").content.decode()

    assert "Filtre\xa0: Santé" in page


def test_words_cannot_leave_the_code(client: Client) -> None:
    page = client.get("/recherche/integrer/?q=%22><script>alert(1)</script>").content.decode()

    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    assert "<script>alert" not in page
    assert "<script>alert" not in html.unescape(found[1])


# --- oEmbed -----------------------------------------------------------------------------------


def oembed(client: Client, **query: str) -> Any:
    return client.get("/oembed", query)


def test_oembed_answers_in_json(client: Client) -> None:
    response = oembed(client, url=f"{SEARCH}?q=jardin", maxwidth="400", maxheight="300")
    said = json.loads(response.content)

    assert said["type"] == "rich"
    assert said["version"] == "1.0"
    assert (said["width"], said["height"]) == (400, 300)
    assert 'width="400" height="300"' in said["html"]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_oembed_answers_in_xml(client: Client) -> None:
    response = oembed(client, url=f"{SEARCH}?q=caf%C3%A9%0B", format="xml")
    root = etree.fromstring(response.content)

    assert root.tag == "oembed"
    assert root.findtext("type") == "rich"
    assert root.findtext("html").startswith("<iframe")
    assert "café" in root.findtext("title")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 404),
        ({"url": "https://ailleurs.example/recherche/"}, 404),
        ({"url": f"{settings.BASE_URL}/partenaires/"}, 404),
        ({"url": "http://[mal"}, 404),
        ({"url": SEARCH, "format": "yaml"}, 501),
        ({"url": SEARCH, "maxwidth": "large"}, 400),
        ({"url": SEARCH, "maxheight": "0"}, 400),
    ],
)
def test_oembed_refuses_with_the_status_of_its_rules(
    client: Client, query: dict[str, str], status: int
) -> None:
    assert oembed(client, **query).status_code == status


@pytest.mark.parametrize("path", [FEED, WIDGET, "/recherche/integrer/", "/oembed"])
@pytest.mark.parametrize("query", ["q=%00%ff", "page=-1&bbox=a", "theme=x&annee_min=9", "url=%00"])
def test_no_query_string_breaks_anything(client: Client, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status_code < 500
