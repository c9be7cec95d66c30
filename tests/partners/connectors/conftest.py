"""The samples, served over HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from carrefour.http import Fetcher
from partners.connectors import RawRow, connect

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
Read = Callable[..., list[RawRow]]


@pytest.fixture
def fetcher(httpserver: HTTPServer) -> Iterator[Fetcher]:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        yield fetcher


@pytest.fixture
def serve(httpserver: HTTPServer) -> Callable[..., str]:
    """Serve content at a path, as given or from a sample; returns its address."""

    def at(path: str, content: bytes | str, content_type: str = "", **headers: str) -> str:
        httpserver.expect_request(path).respond_with_data(
            content, content_type=content_type or "application/octet-stream", headers=headers
        )
        return httpserver.url_for(path)

    return at


@pytest.fixture
def read(fetcher: Fetcher) -> Read:
    """All the rows of a source; the connector is kept as ``read.connector``."""

    def rows(kind: str, url: str, **options: Any) -> list[RawRow]:
        rows.connector = connect(kind, url, options, fetcher)  # type: ignore[attr-defined]
        return list(rows.connector.rows())  # type: ignore[attr-defined]

    return rows


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()
