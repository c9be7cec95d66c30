"""Feeds, SPIP's in particular, and the articles behind their teasers."""

from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer

from partners.connectors import SourceError
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
