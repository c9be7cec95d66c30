"""Plans of sites: long ones, and those that never end."""

from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer

from carrefour.http import Fetcher
from partners.connectors import SourceError, connect, sitemaps
from partners.connectors.sitemaps import Sitemaps

Serve = Callable[..., str]


def plan(server: HTTPServer, numbers: range) -> str:
    entries = (f"<url><loc>{server.url_for(f'/p/{n}')}</loc></url>" for n in numbers)
    return (
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(entries)}</urlset>'
    )


def test_a_long_sitemap_is_read_whole_and_in_its_order(
    httpserver: HTTPServer, serve: Serve, fetcher: Fetcher
) -> None:
    url = serve("/sitemap.xml", plan(httpserver, range(5000)))
    found = [entry.url for entry in Sitemaps(fetcher).entries(url)]
    assert found == [httpserver.url_for(f"/p/{n}") for n in range(5000)]


def test_a_sitemap_with_too_many_addresses_is_read_in_part_and_says_so(
    httpserver: HTTPServer, serve: Serve, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemaps, "MAX_ADDRESSES", 3)
    read = Sitemaps(fetcher)
    url = serve("/sitemap.xml", plan(httpserver, range(5)))
    assert len(list(read.entries(url))) == 3
    assert "plus de 3 adresses" in read.problems[0]


def test_entities_in_a_sitemap_are_refused(serve: Serve, fetcher: Fetcher) -> None:
    bomb = '<!DOCTYPE urlset [<!ENTITY a "aaaa">]><urlset><url><loc>&a;</loc></url></urlset>'
    url = serve("/sitemap.xml", bomb)
    with pytest.raises(SourceError, match="entités"):
        list(Sitemaps(fetcher).entries(url))


def test_an_option_match_that_never_ends_is_stopped(
    httpserver: HTTPServer, serve: Serve, fetcher: Fetcher
) -> None:
    slow = httpserver.url_for("/" + "a" * 60 + "!")
    url = serve("/sitemap.xml", f"<urlset><url><loc>{slow}</loc></url></urlset>")
    options = {"sitemap": True, "match": "/(a|aa|a+)+$", "fields": {"titre": "h1"}}
    connector = connect("html", url, options, fetcher)
    with pytest.raises(SourceError, match="« match » est trop lente"):
        list(connector.rows())
