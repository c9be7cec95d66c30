"""Feeds, SPIP's in particular, and the articles behind their teasers."""

import datetime
import json
from collections.abc import Callable
from itertools import islice

import pytest
from pytest_httpserver import HTTPServer

from carrefour.http import Fetcher
from partners.connectors import SourceError, connect
from partners.connectors.articles import body
from tests.partners.connectors.conftest import Read, sample


def test_a_spip_feed(serve: Callable[..., str], read: Read) -> None:
    url = serve("/site/backend", sample("feed-spip.xml"), "text/xml")
    first, second = read("feed", url)
    assert first.external_id == "https://exemple.org/spip.php?article1"
    assert first.url.endswith("/site/spip.php?article1")
    assert first.data["title"] == "L’atelier de réparation"
    assert first.data["tags"] == ["Lien social", "Réemploi"]
    assert first.data["updated"] == "2024-01-02"
    assert (first.data["longitude"], first.data["latitude"]) == (-1.55, 47.22)
    assert second.external_id == second.url == "https://exemple.org/spip.php?article2"
    assert second.data["content"] == "<p>Tout le texte de l’article.</p>"


def test_the_article_behind_a_teaser(serve: Callable[..., str], read: Read) -> None:
    article = serve("/article1", sample("article-spip.html"), "text/html; charset=utf-8")
    xml = sample("feed-spip.xml").decode().replace("spip.php?article1</link>", f"{article}</link>")
    xml = xml.replace("https://exemple.org/spip.php?article2</link>", f"{article}-absent</link>")
    url = serve("/backend", xml, "text/xml")
    first, second = read("feed", url, full_article=True, selector=".texte")
    assert first.data["content"] == "<p>Le texte entier.</p>"
    assert first.data["summary"] == "<p>Le chapeau.</p>"
    assert second.data["content"] == "<p>Tout le texte de l’article.</p>"
    assert "chapeau est gardé" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_pages_of_a_feed_end_at_the_first_missing_one(httpserver: HTTPServer, read: Read) -> None:
    feed = sample("feed-spip.xml")
    httpserver.expect_request("/flux", query_string="paged=2").respond_with_data(
        feed.replace(b"article", b"texte"), content_type="text/xml"
    )
    httpserver.expect_request("/flux", query_string="paged=3").respond_with_data("", status=404)
    httpserver.expect_request("/flux", query_string="").respond_with_data(
        feed, content_type="text/xml"
    )
    assert len(read("feed", httpserver.url_for("/flux"), page_param="paged")) == 4


def test_what_is_no_feed_is_told(serve: Callable[..., str], read: Read) -> None:
    with pytest.raises(SourceError, match="flux"):
        read("feed", serve("/a", "<!doctype html><p>Bonjour", "text/html"))


def test_the_article_is_found_without_being_told_where() -> None:
    assert body(sample("article-spip.html").decode()) == "<p>Le texte entier.</p>"
    assert body("<p>rien</p>", ".absent") == ""


def test_an_article_without_link_has_no_page(serve: Callable[..., str], read: Read) -> None:
    feed = "<rss version='2.0'><channel><item><title>Sans lien</title></item></channel></rss>"
    (row,) = read("feed", serve("/flux", feed, "text/xml"))
    assert (row.url, row.external_id) == ("", None)


def test_a_feed_is_a_window_unless_it_is_said_to_be_the_whole(
    serve: Callable[..., str], read: Read
) -> None:
    url = serve("/backend", sample("feed-spip.xml"), "text/xml")
    read("feed", url)
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    read("feed", url, complete=True)
    assert read.connector.is_complete  # type: ignore[attr-defined]


def rss(items: str, channel: str = "") -> str:
    spaces = (
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:cc="http://backend.userland.com/creativeCommonsRssModule" '
        'xmlns:fh="http://purl.org/syndication/history/1.0"'
    )
    return f'<rss version="2.0" {spaces}><channel>{channel}{items}</channel></rss>'


def item(name: str, inner: str = "") -> str:
    return f"<item><guid>{name}</guid><title>{name}</title>{inner}</item>"


def nameless(title: str, link: str, day: int = 1, text: str = "") -> str:
    date = f"<pubDate>{day:02d} Jan 2024 10:00:00 GMT</pubDate>"
    about = f"<description>{text or title}</description>"
    return f"<item><title>{title}</title><link>{link}</link>{date}{about}</item>"


def test_items_without_identifier_that_share_a_link_are_told_by_their_title(
    serve: Callable[..., str], read: Read
) -> None:
    page = "https://exemple.fr/schema"
    versions = [nameless(f"Version {n}", page) for n in range(3)]
    other = nameless("Ailleurs", "https://exemple.fr/autre")
    rows = read("feed", serve("/flux", rss("".join([*versions, other]))))
    told = [r.external_id for r in rows]
    assert told == [f"{page} version {n}" for n in range(3)] + ["https://exemple.fr/autre ailleurs"]
    assert [r.data["id"] for r in rows] == told
    # A window that moved on: an item whose neighbours left keeps its name while some links repeat.
    more = [nameless(f"Suite {n}", "https://exemple.fr/suite") for n in range(2)]
    later = read("feed", serve("/plus-tard", rss("".join([*more, versions[2]]))))
    assert later[2].external_id == told[2]


def test_a_title_that_comes_back_under_one_link_is_told_by_its_date(
    serve: Callable[..., str], read: Read
) -> None:
    page = "https://exemple.fr/agenda"
    items = [nameless("Atelier", page, day, f"Le {day} janvier") for day in (1, 2)]
    rows = read("feed", serve("/flux", rss("".join(items))))
    assert [r.external_id for r in rows] == [f"{page} atelier 2024-01-0{day}" for day in (1, 2)]


def test_a_link_that_two_items_of_many_share_changes_nothing_for_the_others(
    serve: Callable[..., str], read: Read
) -> None:
    items = [nameless(f"Article {n}", f"https://exemple.fr/{n}") for n in range(30)]
    items.append(nameless("Article 3, suite", "https://exemple.fr/3"))
    rows = read("feed", serve("/flux", rss("".join(items))))
    told = [r.external_id for r in rows]
    assert len(set(told)) == 31
    assert told[:3] == [f"https://exemple.fr/{n}" for n in range(3)]
    assert (told[3], told[30]) == (
        "https://exemple.fr/3 article 3",
        "https://exemple.fr/3 article 3 suite",
    )


def test_the_identifier_that_a_feed_gives_wins_over_shared_links(
    serve: Callable[..., str], read: Read
) -> None:
    link = "<link>https://exemple.fr/meme</link>"
    rows = read("feed", serve("/flux", rss(item("urn:a", link) + item("urn:b", link))))
    assert [r.external_id for r in rows] == ["urn:a", "urn:b"]


@pytest.mark.parametrize(
    "shown",
    [
        '<enclosure url="/a.jpg" type="image/jpeg" length="1"/>',
        '<media:content url="/a.jpg" medium="image"/>',
        '<media:thumbnail url="/a.jpg"/>',
        '<enclosure url="/a.mp3" type="audio/mpeg" length="1"/><media:thumbnail url="/a.jpg"/>',
    ],
)
def test_the_picture_of_an_article(serve: Callable[..., str], read: Read, shown: str) -> None:
    (row,) = read("feed", serve("/flux", rss(item("a", shown))))
    assert row.data["picture"].endswith("/a.jpg")
    assert row.data["picture"].startswith("http://")


def test_the_licence_is_the_article_s_else_the_feed_s(
    serve: Callable[..., str], read: Read
) -> None:
    channel = "<cc:license>http://creativecommons.org/licenses/by-sa/4.0/</cc:license>"
    items = item("a") + item("b", "<dc:rights>Domaine public</dc:rights>")
    rows = read("feed", serve("/flux", rss(items, channel)))
    assert [r.licence for r in rows] == ["cc-by-sa-4.0", "cc0-1.0"]


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("Tue, 02 Jan 2024 10:00:00 +0100", "2024-01-02"),
        ("mar, 02 jan 2024 10:00:00 +0100", "2024-01-02"),
        ("02/01/2024", "2024-01-02"),
        ("bientôt", ""),
    ],
)
def test_the_date_of_an_article(
    serve: Callable[..., str], read: Read, written: str, date: str
) -> None:
    (row,) = read("feed", serve("/flux", rss(item("a", f"<pubDate>{written}</pubDate>"))))
    assert row.date == row.data.get("published", "") == date


def test_the_oldest_and_the_other_forms_of_feeds(serve: Callable[..., str], read: Read) -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/"><item rdf:about="https://exemple.fr/1">'
        "<title>Un</title><link>https://exemple.fr/1</link></item></rdf:RDF>"
    )
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><title>Un</title>'
        '<link href="https://exemple.fr/1"/><updated>2024-01-02T00:00:00Z</updated></entry></feed>'
    )
    old = (
        '<rss version="0.91"><channel><item><title>Un</title><link>https://exemple.fr/1</link>'
        "</item></channel></rss>"
    )
    for name, feed in {"rdf": rdf, "atom": atom, "old": old}.items():
        (row,) = read("feed", serve(f"/{name}", feed))
        assert (row.data["title"], row.url) == ("Un", "https://exemple.fr/1")


def test_a_json_feed_and_its_pages(httpserver: HTTPServer, read: Read) -> None:
    first = {
        "version": "https://jsonfeed.org/version/1.1",
        "next_url": "/flux.json?page=2",
        "items": [
            {
                "id": "1",
                "url": "/un",
                "title": "Un",
                "content_html": "<p>Texte</p>",
                "image": "/a.jpg",
                "date_modified": "2024-01-02T10:00:00+01:00",
                "tags": ["Réemploi"],
                "authors": [{"name": "L’atelier"}],
            }
        ],
    }
    second = {"version": first["version"], "items": [{"id": 2, "content_text": "Deux"}]}
    httpserver.expect_request("/flux.json", query_string="page=2").respond_with_json(second)
    httpserver.expect_request("/flux.json", query_string="").respond_with_json(first)
    one, two = read("feed", httpserver.url_for("/flux.json"))
    assert one.data == {
        "id": "1",
        "link": httpserver.url_for("/un"),
        "title": "Un",
        "content": "<p>Texte</p>",
        "picture": httpserver.url_for("/a.jpg"),
        "updated": "2024-01-02",
        "tags": ["Réemploi"],
        "author": "L’atelier",
    }
    assert (two.external_id, two.data["content"], two.position) == ("2", "Deux", "article 2")
    assert not read.connector.is_one_document  # type: ignore[attr-defined]


@pytest.mark.parametrize("rel", ["next", "prev-archive"])
def test_the_pages_that_a_feed_announces_are_read_and_taken_up_again(
    httpserver: HTTPServer, fetcher: Fetcher, rel: str
) -> None:
    link = f'<atom:link rel="{rel}" href="/flux?p=2"/>'
    httpserver.expect_request("/flux", query_string="p=2").respond_with_data(
        rss(item("c") + item("d"))
    )
    httpserver.expect_request("/flux", query_string="").respond_with_data(
        rss(item("a") + item("b"), link)
    )
    url = httpserver.url_for("/flux")
    first = connect("feed", url, {}, fetcher)
    assert [r.data["title"] for r in islice(first.rows(), 3)] == ["a", "b", "c"]
    second = connect("feed", url, {}, fetcher)
    resumed = list(second.rows(resume=json.loads(json.dumps(first.cursor))))
    assert [(r.data["title"], r.position) for r in resumed] == [
        ("c", "article 3"),
        ("d", "article 4"),
    ]


def test_a_feed_that_says_it_is_whole_is(serve: Callable[..., str], read: Read) -> None:
    read("feed", serve("/flux", rss(item("a"), "<fh:complete/>")))
    assert read.connector.is_complete  # type: ignore[attr-defined]


def test_a_feed_cut_in_the_middle_is_told(serve: Callable[..., str], read: Read) -> None:
    rows = read("feed", serve("/flux", rss(item("a") + item("b"))[:-40]), complete=True)
    assert rows[0].data["title"] == "a"
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "mal formé" in read.connector.warnings[0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        "<!ENTITY % a \"<!ENTITY b SYSTEM 'http://127.0.0.1/'>\">",
    ],
)
def test_entities_made_of_others_are_refused(
    serve: Callable[..., str], read: Read, entities: str
) -> None:
    feed = f"<!DOCTYPE rss [{entities}]>" + rss(item("&b;"))
    with pytest.raises(SourceError, match="entités"):
        read("feed", serve("/flux", feed))


def test_only_the_articles_changed_since_are_read_again(
    serve: Callable[..., str], fetcher: Fetcher
) -> None:
    new = item("a", "<pubDate>Tue, 02 Jan 2024 10:00:00 GMT</pubDate>")
    old = item("b", "<pubDate>Mon, 02 Jan 2023 10:00:00 GMT</pubDate>")
    url = serve("/flux", rss(new + old + item("c")))
    connector = connect("feed", url, {"full_article": True}, fetcher)
    assert connector.can_read_since
    since = datetime.datetime(2024, 1, 2, 12, tzinfo=datetime.UTC)
    assert [r.data["title"] for r in connector.rows(since=since)] == ["a", "c"]
    assert not connect("feed", url, {}, fetcher).can_read_since


TEXT = "".join(f"<p>Le paragraphe {n} raconte ce que l’atelier répare.</p>" for n in range(8))
MENU = "<ul>" + "".join(f'<li><a href="/{n}">Rubrique {n}</a></li>' for n in range(15)) + "</ul>"


@pytest.mark.parametrize(
    "place",
    [
        f'<div class="texte">{TEXT}</div>',
        f'<article><div class="entry-content">{TEXT}</div></article>',
        f'<div class="node"><div class="field field--name-body">{TEXT}</div></div>',
        f'<div class="x1"><div class="x2">{TEXT}</div></div>',
        f'<main><div class="fil">Accueil</div><div>{TEXT}</div></main>',
    ],
    ids=["SPIP", "WordPress", "Drupal", "no name at all", "a main with neighbours"],
)
def test_the_text_is_found_among_menus(place: str) -> None:
    page = f"<html><body><div>{MENU}</div>{place}<footer>Mentions légales</footer></body></html>"
    found = body(page)
    assert "Le paragraphe 0" in found
    assert "Le paragraphe 7" in found
    assert "Rubrique" not in found
    assert "Mentions" not in found


def test_the_links_of_an_article_are_absolute_and_its_picture_is_taken(
    serve: Callable[..., str], read: Read
) -> None:
    page = (
        '<html><head><meta property="og:image" content="/photo.jpg"></head><body>'
        f'<div class="texte">{TEXT}<a href="suite">Suite</a></div></body></html>'
    )
    article = serve("/dossier/article", page, "text/html; charset=utf-8")
    url = serve("/flux", rss(item("a", f"<link>{article}</link>")))
    (row,) = read("feed", url, full_article=True)
    assert row.data["picture"] == article.replace("dossier/article", "photo.jpg")
    assert f'href="{article.replace("article", "suite")}"' in row.data["content"]
