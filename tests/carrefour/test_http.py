"""The only way out to the network, against a real server and hostile ones."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator

import pytest
import stamina
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher, FetchError, NotModified, decode


@pytest.fixture(autouse=True)
def quick_retries() -> Iterator[None]:
    """Retries happen, without their pauses."""
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@pytest.fixture
def fetcher(httpserver: HTTPServer) -> Iterator[Fetcher]:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    with Fetcher(allow_hosts=[f"{httpserver.host}:{httpserver.port}"]) as fetcher:
        yield fetcher


def refusal(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        fetcher.get(url)
    assert caught.value.message
    return caught.value.code


FORBIDDEN = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://127.1/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://0x7f.0.0.1/",
    "http://0.0.0.0/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://10.0.0.8/",
    "http://172.16.3.4/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://224.0.0.1/",
    "http://①②⑦.0.0.1/",
    "http://exemple.fr@127.0.0.1/",
]


@pytest.mark.parametrize("url", FORBIDDEN)
def test_internal_addresses_are_refused(url: str) -> None:
    with Fetcher(allow_hosts=[]) as fetcher:
        # Spellings that are no address at all are refused as such.
        assert refusal(fetcher, url) in {"adresse-interdite", "adresse-invalide"}
        assert not any(entry["status"] for entry in fetcher.journal)


@pytest.mark.parametrize("port", [22, 25, 53])
def test_ports_of_other_services_are_refused(port: int) -> None:
    with Fetcher(allow_hosts=[]) as fetcher:
        assert refusal(fetcher, f"http://93.184.216.34:{port}/") == "adresse-interdite"


@pytest.mark.parametrize("url", ["ftp://exemple.fr/", "file:///etc/passwd", "exemple", "http://"])
def test_only_web_addresses_are_read(url: str) -> None:
    with Fetcher(allow_hosts=[]) as fetcher:
        assert refusal(fetcher, url) == "adresse-invalide"


def answers(*addresses: str) -> object:
    """A resolver that gives one answer per look-up, the last one for ever."""
    left = list(addresses)

    def resolve(host: str, port: int, *args: object, **kwargs: object) -> list:
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    return resolve


def test_a_public_name_that_leads_inside_is_refused() -> None:
    with Fetcher(allow_hosts=[], resolver=answers("127.0.0.1")) as fetcher:
        assert refusal(fetcher, "http://partenaire.example/") == "adresse-interdite"


def test_a_name_that_moves_inside_between_two_requests_is_refused(httpserver: HTTPServer) -> None:
    """DNS rebinding: the address connected to is one that was checked."""
    httpserver.expect_request("/").respond_with_data("secret interne")
    resolver = answers("192.0.2.1", "127.0.0.1")
    with Fetcher(allow_hosts=[], resolver=resolver, exchange_seconds=1) as fetcher:
        url = f"http://partenaire.example:{httpserver.port}/"
        refusal(fetcher, url)
        assert refusal(fetcher, url) == "adresse-interdite"
    assert not httpserver.log


def test_a_redirect_inside_is_refused(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    location = {"Location": "http://169.254.169.254/latest/"}
    httpserver.expect_request("/part").respond_with_data("", status=302, headers=location)
    assert refusal(fetcher, httpserver.url_for("/part")) == "adresse-interdite"


def test_the_allow_list_is_by_host_and_port(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/").respond_with_data("bonjour")
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        assert fetcher.get(httpserver.url_for("/")).text() == "bonjour"
    with Fetcher(allow_hosts=[f"{httpserver.host}:1"]) as fetcher:
        assert refusal(fetcher, httpserver.url_for("/")) == "adresse-interdite"


def test_redirects_are_followed_and_bounded(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=301, headers={"Location": "b?x=1"})
    httpserver.expect_request("/b", query_string="x=1").respond_with_data("arrivé")
    httpserver.expect_request("/boucle").respond_with_data(
        "", status=302, headers={"Location": "/boucle"}
    )
    assert fetcher.get(httpserver.url_for("/a")).url == httpserver.url_for("/b?x=1")
    assert refusal(fetcher, httpserver.url_for("/boucle")) == "trop-de-redirections"


STATUSES = [(404, "introuvable"), (410, "introuvable"), (403, "acces-refuse"), (500, "serveur")]


@pytest.mark.parametrize(
    ("status", "code"), [*STATUSES, (429, "trop-de-requetes"), (418, "statut")]
)
def test_bad_answers_are_told(
    httpserver: HTTPServer, fetcher: Fetcher, status: int, code: str
) -> None:
    httpserver.expect_request("/x").respond_with_data("", status=status)
    assert refusal(fetcher, httpserver.url_for("/x")) == code


def test_a_passing_failure_is_asked_again(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    said = [Response("", 503, {"Retry-After": "0"}), Response("", 429), Response("enfin")]
    httpserver.expect_request("/x").respond_with_handler(lambda request: said.pop(0))
    assert fetcher.get(httpserver.url_for("/x")).text() == "enfin"
    statuses = [e["status"] for e in fetcher.journal if e["url"].endswith("/x")]
    assert statuses == [503, 429, 200]


def test_a_pause_too_long_is_not_waited_for(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    httpserver.expect_request("/x").respond_with_data(
        "", status=429, headers={"Retry-After": "86400"}
    )
    assert refusal(fetcher, httpserver.url_for("/x")) == "trop-de-requetes"
    assert sum(e["url"].endswith("/x") for e in fetcher.journal) == 1


def test_robots_txt_is_obeyed(httpserver: HTTPServer) -> None:
    rules = "User-agent: CarrefourInnovationsSociales\nDisallow: /prive/\n"
    httpserver.expect_request("/robots.txt").respond_with_data(rules)
    httpserver.expect_request("/public").respond_with_data("ok")
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        assert fetcher.get(httpserver.url_for("/public")).text() == "ok"
        assert refusal(fetcher, httpserver.url_for("/prive/x")) == "robots"


def test_a_site_whose_robots_txt_fails_is_left_alone(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=503)
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        assert refusal(fetcher, httpserver.url_for("/x")) == "robots"


def test_a_robots_txt_that_leads_elsewhere_is_read_there_without_asking_again(
    httpserver: HTTPServer,
) -> None:
    moved = {"Location": "/"}
    httpserver.expect_request("/robots.txt").respond_with_data("", status=302, headers=moved)
    httpserver.expect_request("/").respond_with_data("User-agent: *\nDisallow: /prive/\n")
    httpserver.expect_request("/public").respond_with_data("ok")
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        assert fetcher.get(httpserver.url_for("/public")).text() == "ok"
        assert refusal(fetcher, httpserver.url_for("/prive/x")) == "robots"
        paths = [entry["url"] for entry in fetcher.journal]
    assert paths == [httpserver.url_for(p) for p in ("/robots.txt", "/", "/public")]


def test_a_robots_txt_that_leads_round_in_circles_is_none(httpserver: HTTPServer) -> None:
    moved = {"Location": "/robots.txt"}
    httpserver.expect_request("/robots.txt").respond_with_data("", status=301, headers=moved)
    httpserver.expect_request("/x").respond_with_data("ok")
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        assert fetcher.get(httpserver.url_for("/x")).text() == "ok"
        assert len(fetcher.journal) == 7


def test_a_site_that_asks_for_a_pause_before_its_robots_txt_is_left_alone(
    httpserver: HTTPServer,
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=429)
    httpserver.expect_request("/x").respond_with_data("ok")
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        assert refusal(fetcher, httpserver.url_for("/x")) == "robots"


def test_the_robot_says_its_name(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    def handler(request: Request) -> Response:
        return Response(request.headers["User-Agent"])

    httpserver.expect_request("/x").respond_with_handler(handler)
    said = fetcher.get(httpserver.url_for("/x")).text()
    assert said.startswith("CarrefourInnovationsSociales/")
    assert "/moissonnage/" in said


def test_a_crawl_delay_is_kept(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nCrawl-delay: 0.4\n")
    httpserver.expect_request("/x").respond_with_data("ok")
    with Fetcher(allow_hosts=[httpserver.host]) as fetcher:
        fetcher.get(httpserver.url_for("/x"))
        start = time.monotonic()
        fetcher.get(httpserver.url_for("/x"))
        assert time.monotonic() - start >= 0.35


def test_conditional_reading(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    def handler(request: Request) -> Response:
        if request.headers.get("If-None-Match") == '"v1"':
            return Response("", status=304)
        return Response("contenu", headers={"ETag": '"v1"'})

    httpserver.expect_request("/x").respond_with_handler(handler)
    url = httpserver.url_for("/x")
    assert fetcher.get(url, conditional=True).text() == "contenu"
    assert fetcher.journal[-1]["etag"] == '"v1"'
    fetcher.validators[url] = ('"v1"', "")
    with pytest.raises(NotModified):
        fetcher.get(url, conditional=True)
    assert fetcher.get(url).text() == "contenu"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw"])
def test_compressed_bodies(httpserver: HTTPServer, fetcher: Fetcher, encoding: str) -> None:
    text = "Épicerie solidaire, " * 5000
    packed = {
        "gzip": gzip.compress(text.encode()),
        "deflate": zlib.compress(text.encode()),
        "raw": zlib.compress(text.encode(), wbits=-15),
    }[encoding]
    name = "gzip" if encoding == "gzip" else "deflate"
    httpserver.expect_request("/x").respond_with_data(packed, headers={"Content-Encoding": name})
    assert fetcher.get(httpserver.url_for("/x")).text() == text
    assert fetcher.journal[-1]["bytes"] == len(packed)


def test_a_decompression_bomb_is_cut(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    bomb = gzip.compress(b"\0" * 30_000_000)
    httpserver.expect_request("/x").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    twice = {"Content-Encoding": "gzip, gzip"}
    httpserver.expect_request("/y").respond_with_data(gzip.compress(bomb), headers=twice)
    with Fetcher(allow_hosts=[httpserver.host], max_bytes=1_000_000) as fetcher:
        assert refusal(fetcher, httpserver.url_for("/x")) == "trop-gros"
        assert refusal(fetcher, httpserver.url_for("/y")) == "encodage"


def test_a_document_too_big_is_not_read(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/x").respond_with_data("x" * 2000)
    with Fetcher(allow_hosts=[httpserver.host], max_bytes=1000) as fetcher:
        assert refusal(fetcher, httpserver.url_for("/x")) == "trop-gros"
        assert fetcher.journal[-1]["bytes"] == 0


@pytest.fixture
def dripping() -> Iterator[int]:
    """A server that sends one byte of its headers every tenth of a second, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.recv(1000)
                while not stop.is_set():
                    try:
                        client.sendall(b"x")
                    except OSError:
                        break
                    time.sleep(0.1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    stop.set()
    listener.close()
    thread.join(2)


def test_a_dripping_server_is_left(dripping: int) -> None:
    start = time.monotonic()
    with Fetcher(allow_hosts=["127.0.0.1"], exchange_seconds=0.8) as fetcher:
        assert refusal(fetcher, f"http://127.0.0.1:{dripping}/") == "delai"
    assert time.monotonic() - start < 5


def test_an_unreachable_site_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Fetcher(allow_hosts=["127.0.0.1"]) as fetcher:
        assert refusal(fetcher, f"http://127.0.0.1:{port}/") == "injoignable"
        asked = len(fetcher.journal)
        assert refusal(fetcher, f"http://127.0.0.1:{port}/autre") == "injoignable"
        assert len(fetcher.journal) == asked


def test_the_journal_of_a_long_harvest_stays_short(fetcher: Fetcher) -> None:
    for number in range(1200):
        fetcher._note({"url": str(number)})
    assert len(fetcher.journal) == 500
    assert fetcher.journal[0]["url"] == "0"
    assert fetcher.journal[-1]["url"] == "1199"


FRENCH = "nom;ville\nÉpicerie où l’on s’entraide;Bréhan – Côtes-d’Armor\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "mac_roman", "cp850"]
)
def test_text_is_read_whatever_its_encoding(encoding: str) -> None:
    text = FRENCH if encoding != "cp850" else FRENCH.replace("’", "'").replace("–", "-")
    assert decode(text.encode(encoding)) == text


def test_the_declared_encoding_is_believed_when_it_fits() -> None:
    assert decode("Łódź".encode("iso-8859-2"), "iso-8859-2") == "Łódź"
    assert decode("été".encode(), "iso-8859-1") == "été"
    page = '<meta charset="windows-1250"><p>Łódź'
    assert decode(page.encode("cp1250")) == page
    assert decode(b"\xff\xfe\x00", "inconnu") is not None
