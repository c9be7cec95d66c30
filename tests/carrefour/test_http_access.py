"""Credentials go to their own origin, to nobody else, and show nowhere."""

import base64
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import stamina
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Access, AccessKind, Fetcher, FetchError
from carrefour.http.access import Scrubber, origin_of

SECRET = "très secret/9f8a+b"
PLAIN = "s3cret-9f8a7b6c"
HOSTS = ["127.0.0.1", "localhost"]


@pytest.fixture(autouse=True)
def quick_retries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture
def elsewhere() -> Iterator[HTTPServer]:
    with HTTPServer() as server:
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        yield server


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    return httpserver


def access(site: HTTPServer, kind: AccessKind, **more: Any) -> Access:
    given = {"secret": PLAIN, "name": "cle", **more}
    return Access(kind, origin_of(site.url_for("/")), **given)


def shown(fetcher: Fetcher, caplog: pytest.LogCaptureFixture) -> str:
    """All that a run keeps or logs of its requests (the site's own log is not ours)."""
    logged = [r.getMessage() for r in caplog.records if r.name != "werkzeug"]
    assert any("httpcore" in r.name for r in caplog.records)
    return f"{fetcher.journal} {logged} {fetcher.access!r}"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


SENT = [
    (AccessKind.HEADER, {"name": "X-Api-Key"}, lambda r: r.headers.get("X-Api-Key") == PLAIN),
    (AccessKind.QUERY, {"secret": SECRET}, lambda r: r.args.get("cle") == SECRET),
    (AccessKind.BEARER, {}, lambda r: r.headers.get("Authorization") == f"Bearer {PLAIN}"),
    (
        AccessKind.BASIC,
        {"name": "compte", "secret": SECRET},
        lambda r: r.headers.get("Authorization") == basic("compte", SECRET),
    ),
]


@pytest.mark.parametrize(("kind", "more", "is_let_in"), SENT, ids=[s[0] for s in SENT])
def test_the_secret_lets_us_in_and_shows_nowhere(
    site: HTTPServer, caplog: pytest.LogCaptureFixture, kind: AccessKind, more: Any, is_let_in: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    site.expect_request("/api").respond_with_handler(
        lambda r: Response("ouvert" if is_let_in(r) and r.args["page"] == "1" else "", 200)
    )
    site.expect_request("/ferme").respond_with_data("", status=401)
    with Fetcher(allow_hosts=HOSTS, access=access(site, kind, **more)) as fetcher:
        fetched = fetcher.get(site.url_for("/api"), params={"page": 1})
        assert fetched.text() == "ouvert"
        assert fetched.url == site.url_for("/api?page=1")
        assert fetcher.open(site.url_for("/api?page=1")).bytes() == b"ouvert"
        with pytest.raises(FetchError) as caught:
            fetcher.get(site.url_for("/ferme"))
        assert caught.value.code == "acces-refuse"
    everything = shown(fetcher, caplog) + caught.value.message + str(caught.value.__cause__)
    for spelling in (PLAIN, SECRET, "9f8a", basic("compte", SECRET)):
        assert spelling not in everything


@pytest.mark.parametrize(("kind", "more", "is_let_in"), SENT, ids=[s[0] for s in SENT])
def test_the_secret_goes_to_no_other_site(
    site: HTTPServer, elsewhere: HTTPServer, kind: AccessKind, more: Any, is_let_in: Any
) -> None:
    """Neither asked directly, nor after a redirect, nor for the robots.txt of the other site."""
    elsewhere.expect_request("/").respond_with_data("ailleurs")
    site.expect_request("/part").respond_with_data(
        "", status=302, headers={"Location": elsewhere.url_for("/")}
    )
    with Fetcher(allow_hosts=HOSTS, access=access(site, kind, **more)) as fetcher:
        assert fetcher.get(elsewhere.url_for("/")).text() == "ailleurs"
        assert fetcher.get(site.url_for("/part")).text() == "ailleurs"
    assert len(elsewhere.log) == 3
    for request, _ in elsewhere.log:
        assert not is_let_in(request)
        assert "Authorization" not in request.headers


def test_a_key_that_comes_back_in_links_is_hidden(site: HTTPServer) -> None:
    """An API that puts the key in its « next » address: followed, and kept nowhere."""

    def answer(request: Request) -> Response:
        assert request.args.getlist("cle") == [PLAIN]
        if request.args.get("page") == "2":
            return Response("fin")
        link = f"{site.url_for('/api')}?page=2&cle={PLAIN}"
        return Response(f'{{"next": "{link}"}}', headers={"Link": f"<{link}>; rel=next"})

    site.expect_request("/api").respond_with_handler(answer)
    with Fetcher(allow_hosts=HOSTS, access=access(site, AccessKind.QUERY)) as fetcher:
        first = fetcher.get(site.url_for("/api"))
        assert PLAIN not in first.text() + first.headers["link"]
        second = fetcher.get(first.json()["next"])
        assert (second.text(), second.url) == ("fin", site.url_for("/api?page=2"))
        with_key = f"{site.url_for('/api')}?page=2&cle={PLAIN}"
        assert fetcher.get(with_key).url == site.url_for("/api?page=2")
    assert PLAIN not in str(fetcher.journal)


@pytest.mark.parametrize(
    ("kind", "name", "echo"),
    [
        (AccessKind.HEADER, "X-Api-Key", PLAIN),
        (AccessKind.BEARER, "", PLAIN),
        (AccessKind.BASIC, "compte", basic("compte", PLAIN)),
    ],
)
def test_a_secret_that_a_site_repeats_in_its_answer_is_hidden(
    site: HTTPServer, kind: AccessKind, name: str, echo: str
) -> None:
    site.expect_request("/echo").respond_with_data(f"recu={echo};", headers={"X-Echo": echo})
    with Fetcher(allow_hosts=HOSTS, access=access(site, kind, name=name)) as fetcher:
        fetched = fetcher.get(site.url_for("/echo"))
    assert fetched.text().endswith("***;")
    assert echo not in f"{fetched.text()} {fetched.headers}"


@pytest.mark.parametrize("length", [1, 3, 7, 100])
def test_a_key_across_two_pieces_is_hidden_too(length: int) -> None:
    body = f"début {PLAIN} milieu {PLAIN}{PLAIN} fin s3cret".encode()
    written = bytearray()
    scrubber = Scrubber([PLAIN.encode()], written.extend)
    for start in range(0, len(body), length):
        scrubber.write(body[start : start + length])
    scrubber.finish()
    assert written.decode() == "début *** milieu ****** fin s3cret"


class Tokens:
    """An OAuth2 server: gives tokens, counts them, and forgets them on request."""

    def __init__(self, server: HTTPServer, lasts: int = 3600) -> None:
        self.given: list[str] = []
        self.asked: list[Request] = []
        self.valid: set[str] = set()
        self.lasts = lasts
        self.in_body = False
        server.expect_request("/jetons", method="POST").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        named = basic("client", PLAIN) == request.headers.get("Authorization")
        if self.in_body:
            named = request.form.get("client_secret") == PLAIN
        if not named or request.form["grant_type"] != "client_credentials":
            return Response('{"error": "invalid_client"}', 401)
        token = f"jeton-{len(self.given)}-{PLAIN[::-1]}"
        self.given.append(token)
        self.valid = {token}
        body = f'{{"access_token": "{token}", "token_type": "bearer", "expires_in": {self.lasts}}}'
        return Response(body, content_type="application/json")

    def guard(self, request: Request) -> Response:
        said = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return Response("ouvert") if said in self.valid else Response("", 401)


@pytest.fixture
def tokens(elsewhere: HTTPServer, site: HTTPServer) -> Tokens:
    tokens = Tokens(elsewhere)
    site.expect_request("/api").respond_with_handler(tokens.guard)
    return tokens


def oauth(site: HTTPServer, elsewhere: HTTPServer, **more: Any) -> Access:
    url = elsewhere.url_for("/jetons")
    return access(site, AccessKind.OAUTH2, name="client", token_url=url, **more)


def test_an_oauth2_token_is_kept_and_renewed_once_refused(
    site: HTTPServer, elsewhere: HTTPServer, tokens: Tokens, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = site.url_for("/api")
    with Fetcher(allow_hosts=HOSTS, access=oauth(site, elsewhere, scope="lire")) as fetcher:
        assert [fetcher.get(url).text() for _ in range(3)] == ["ouvert"] * 3
        assert len(tokens.given) == 1
        assert tokens.asked[0].form["scope"] == "lire"
        tokens.valid.clear()
        assert fetcher.get(url).text() == "ouvert"
        assert len(tokens.given) == 2
    assert not [t for t in [PLAIN, *tokens.given] if t in shown(fetcher, caplog)]


def test_a_token_at_its_end_is_renewed_before_it_is_refused(
    site: HTTPServer, elsewhere: HTTPServer, tokens: Tokens
) -> None:
    tokens.lasts = 5
    with Fetcher(allow_hosts=HOSTS, access=oauth(site, elsewhere)) as fetcher:
        for _ in range(2):
            fetcher.get(site.url_for("/api"))
    assert len(tokens.given) == 2
    assert [r.status_code for _, r in site.log if r.status_code == 401] == []


def test_a_token_server_that_wants_the_secret_in_the_body_gets_it(
    site: HTTPServer, elsewhere: HTTPServer, tokens: Tokens
) -> None:
    tokens.in_body = True
    with Fetcher(allow_hosts=HOSTS, access=oauth(site, elsewhere)) as fetcher:
        assert fetcher.get(site.url_for("/api")).text() == "ouvert"


def test_credentials_refused_by_the_token_server_are_told(
    site: HTTPServer, elsewhere: HTTPServer, tokens: Tokens
) -> None:
    wrong = oauth(site, elsewhere, secret="autre-secret-4242")
    with Fetcher(allow_hosts=HOSTS, access=wrong) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(site.url_for("/api"))
    assert caught.value.code == "acces-refuse"
    assert "jetons" in caught.value.message
    assert "4242" not in caught.value.message


def test_the_token_address_is_guarded_like_any_other(site: HTTPServer) -> None:
    inside = access(site, AccessKind.OAUTH2, token_url="http://169.254.169.254/jetons")
    host = f"{urlsplit(site.url_for('/')).netloc}"
    with Fetcher(allow_hosts=[host], access=inside) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(site.url_for("/api"))
    assert caught.value.code == "adresse-interdite"


WRONG = [
    (AccessKind.HEADER, "X-Cle", "deux\r\nHost: ailleurs"),
    (AccessKind.HEADER, "X Cle", PLAIN),
    (AccessKind.HEADER, "Host", PLAIN),
    (AccessKind.BEARER, "", "clé accentuée"),
    (AccessKind.BASIC, "", PLAIN),
    (AccessKind.OAUTH2, "client", PLAIN),
    (AccessKind.QUERY, "cle", ""),
]


@pytest.mark.parametrize(("kind", "name", "secret"), WRONG)
def test_what_cannot_be_sent_is_refused_without_being_repeated(
    kind: AccessKind, name: str, secret: str
) -> None:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        Access(kind, "https://exemple.fr:443", name, secret)
    assert not secret or secret not in str(caught.value)


def test_an_address_that_holds_a_password_is_refused_and_not_repeated(site: HTTPServer) -> None:
    url = site.url_for("/x").replace("http://", f"http://compte:{PLAIN}@")
    with Fetcher(allow_hosts=HOSTS) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(url)
    assert caught.value.code == "adresse-invalide"
    assert PLAIN not in caught.value.message + str(fetcher.journal)
