"""Documents too large for memory, bodies cut short, and files answered from memory."""

import gzip
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import stamina
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher, FetchError, NotModified


@pytest.fixture(autouse=True)
def quick_retries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@pytest.fixture
def fetcher(httpserver: HTTPServer) -> Iterator[Fetcher]:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    with Fetcher(allow_hosts=["127.0.0.1", "localhost"]) as fetcher:
        yield fetcher


@pytest.fixture
def raw_server() -> Iterator[Callable[[bytes], str]]:
    """A server that answers every request by these very bytes, then hangs up."""
    listeners = []

    def serve(answer: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    asked = client.recv(4000)
                    robots = b"GET /robots.txt" in asked
                    client.sendall(NO_ROBOTS if robots else answer)

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/f"

    yield serve
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def refusal(call: Callable[[], object]) -> FetchError:
    with pytest.raises(FetchError) as caught:
        call()
    return caught.value


def test_a_large_document_lies_on_disk(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    content = b"0123456789" * 300_000
    httpserver.expect_request("/gros.csv").respond_with_data(content, content_type="text/csv")
    with fetcher.open(httpserver.url_for("/gros.csv")) as read:
        assert (read.status, read.size, read.content_type) == (200, 3_000_000, "text/csv")
        assert read.url == httpserver.url_for("/gros.csv")
        assert read.file._rolled  # type: ignore[attr-defined]
        assert read.head(12) == b"012345678901"
        assert hashlib.sha256(read.file.read()).digest() == hashlib.sha256(content).digest()
        read.file.seek(-4, 2)
        assert read.file.read() == b"6789"
        assert read.bytes() == content
    assert read.file.closed


def test_a_stream_has_its_own_limit(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/x").respond_with_data(gzip.compress(b"x" * 3_000_000), headers=GZIP)
    with Fetcher(allow_hosts=["127.0.0.1", "localhost"], max_bytes=1000) as fetcher:
        assert fetcher.open(httpserver.url_for("/x")).size == 3_000_000
        assert refusal(lambda: fetcher.get(httpserver.url_for("/x"))).code == "trop-gros"
        fetcher.max_stream_bytes = 2_000_000
        assert refusal(lambda: fetcher.open(httpserver.url_for("/x"))).code == "trop-gros"


GZIP = {"Content-Encoding": "gzip"}


def test_an_endless_stream_is_left(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65_536

    httpserver.expect_request("/x").respond_with_handler(lambda request: Response(endless()))
    fetcher.max_stream_bytes = 5_000_000
    assert refusal(lambda: fetcher.open(httpserver.url_for("/x"))).code == "trop-gros"


def test_several_gzip_members_make_one_body(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    body = gzip.compress(b"un " * 50_000) + gzip.compress(b"deux")
    httpserver.expect_request("/x").respond_with_data(body, headers=GZIP)
    assert fetcher.get(httpserver.url_for("/x")).content == b"un " * 50_000 + b"deux"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n"
PACKED = gzip.compress(b"nom;ville\n" * 1000)
CUT = {
    "before the announced length": HEAD + b"Content-Length: 5000\r\n\r\nnom;ville\n",
    "in the middle of chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nnom;v\r\n",
    "in the middle of a compressed body": HEAD + b"Content-Encoding: gzip\r\n\r\n" + PACKED[:-12],
}


@pytest.mark.parametrize("answer", CUT.values(), ids=CUT.keys())
def test_a_body_cut_short_is_told(
    fetcher: Fetcher, raw_server: Callable[[bytes], str], answer: bytes
) -> None:
    url = raw_server(answer)
    error = refusal(lambda: fetcher.get(url))
    assert error.code == "tronque"
    assert "interrompue" in error.message
    # Asked again before giving up, and the site is not taken for dead.
    assert sum(e["url"] == url for e in fetcher.journal) == 4
    assert refusal(lambda: fetcher.open(url)).code == "tronque"


def test_a_body_cut_once_is_read_again(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    said = [PACKED[:-9], PACKED]
    httpserver.expect_request("/x").respond_with_handler(
        lambda request: Response(said.pop(0), headers=GZIP)
    )
    assert fetcher.open(httpserver.url_for("/x")).bytes() == b"nom;ville\n" * 1000


def test_parameters_join_those_of_the_address(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/x").respond_with_handler(
        lambda request: Response(request.query_string)
    )
    url = httpserver.url_for("/x?lang=fr&page=1")
    assert fetcher.get(url, params={"page": 2}).content == b"lang=fr&page=2"


def test_each_page_has_its_own_validators(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    def page(request: Request) -> Response:
        response = Response(f"page {request.args['page']}")
        response.add_etag()
        return response.make_conditional(request)

    httpserver.expect_request("/x").respond_with_handler(page)
    httpserver.expect_request("/ancien").respond_with_data(
        "", status=301, headers={"Location": "/x?page=1"}
    )
    for number in (1, 2):
        fetcher.get(httpserver.url_for(f"/x?page={number}"))
    fetcher.validators = {
        e["url"]: (e["etag"], "") for e in fetcher.journal if e.get("etag") and "=1" in e["url"]
    }
    with pytest.raises(NotModified):
        fetcher.get(httpserver.url_for("/x?page=1"), conditional=True)
    assert fetcher.get(httpserver.url_for("/x?page=2"), conditional=True).text() == "page 2"
    with pytest.raises(NotModified):
        fetcher.open(httpserver.url_for("/ancien"), conditional=True)


def test_a_deposited_file_is_answered_from_memory(fetcher: Fetcher) -> None:
    url = "https://exemple.fr/depot/projets.csv"
    fetcher.serve(url, b"nom;ville\n", "projets été.csv")
    assert fetcher.get(url, conditional=True).content == b"nom;ville\n"
    read = fetcher.open(url)
    assert (read.url, read.size, read.file.read()) == (url, 10, b"nom;ville\n")
    assert "projets%20%C3%A9t%C3%A9.csv" in read.headers["content-disposition"]
    assert [e["status"] for e in fetcher.journal] == [200, 200]
    fetcher.validators[url] = (fetcher.journal[-1]["etag"], "")
    with pytest.raises(NotModified):
        fetcher.get(url, conditional=True)
    fetcher.serve(url, b"nom;ville\nAtelier;Nantes\n", "projets.csv")
    assert fetcher.get(url, conditional=True).content.endswith(b"Nantes\n")
