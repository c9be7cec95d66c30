"""A source is reached with its credentials and its dropped file."""

import hashlib

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from partners import credentials
from partners.connectors import SourceError
from partners.models import Deposit, Source
from partners.reaching import reach
from tests.factories import SourceFactory

SECRET = "s3cret-9f8a7b6c5d"
pytestmark = pytest.mark.django_db


def deposit(source: Source, content: bytes, name: str = "projets.csv") -> Deposit:
    return Deposit.objects.create(
        source=source,
        name=name,
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def test_a_source_is_read_with_its_credentials(httpserver: HTTPServer) -> None:
    def guarded(request: Request) -> Response:
        is_known = request.headers.get("Authorization") == f"Bearer {SECRET}"
        return Response("fiches" if is_known else "", 200 if is_known else 401)

    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/api").respond_with_handler(guarded)
    source = SourceFactory(url=httpserver.url_for("/api"))
    credentials.store(source, "jeton", "", SECRET, None)
    with reach(source, max_bytes=1000) as fetcher:
        assert fetcher.max_bytes == 1000
        assert fetcher.get(source.url).text() == "fiches"
    assert SECRET not in str(fetcher.journal)


def test_the_latest_dropped_file_answers_in_place_of_the_address() -> None:
    source = SourceFactory(url="https://plateforme.exemple.fr/#depot-1a2b")
    deposit(source, b"nom\nancien\n")
    deposit(source, b"nom\nnouveau\n", "projets-2.csv")
    with reach(source) as fetcher:
        fetched = fetcher.get(source.url)
        assert (fetched.content, fetched.url) == (b"nom\nnouveau\n", source.url)
        assert fetcher.open(source.url).bytes() == b"nom\nnouveau\n"


def test_a_source_that_moved_is_not_reached_with_its_former_secret() -> None:
    source = SourceFactory(url="https://api.exemple.fr/")
    credentials.store(source, "jeton", "", SECRET, None)
    source.url = "https://ailleurs.exemple.fr/"
    with pytest.raises(SourceError, match="changé de site"):
        reach(source)


def test_a_source_not_saved_yet_is_reached_without_a_query(
    django_assert_num_queries: object,
) -> None:
    with django_assert_num_queries(0), reach(Source(url="https://exemple.fr/")) as fetcher:  # type: ignore[operator]
        assert fetcher.access is None
