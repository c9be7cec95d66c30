"""Each way in which an address cannot be read, told in plain French with what to do."""

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from partners import reaching
from partners.models import Source

pytestmark = pytest.mark.django_db
JARGON = re.compile(
    r"JMESPath|JSON|HTTP\b|XML|YAML|SSL|TLS|robots\.txt|CARREFOUR_|[Ee]rror|[Ee]xception|"
    r"Traceback|\b[1-5]\d\d\b"
)
HOME = "<html><head><title>Bienvenue</title></head><body><p>Bonjour à tous.</p></body></html>"

ANSWERS: dict[str, tuple[Response, str, str]] = {
    # path: (answer, what happened, what to do)
    "disparue": (Response("", 404), "Cette page n’existe pas", "Ouvrez l’adresse"),
    "retiree": (Response("", 410), "Cette page n’existe pas", "Ouvrez l’adresse"),
    "refusee": (Response("", 403), "Le site refuse", "demandez au partenaire d’autoriser"),
    "protegee": (
        Response("", 401, {"WWW-Authenticate": "Basic"}),
        "Cette source est protégée.",
        "une clé, un jeton ou un mot de passe",
    ),
    "en-panne": (Response("", 500), "en panne ou surchargé", "prévenez le partenaire"),
    "etrange": (Response("", 418), "que nous ne savons pas lire", "Vérifiez l’adresse"),
    "sans-fiche": (
        Response(HOME, content_type="text/html"),
        "Aucune liste de fiches n’y a été reconnue",
        "demandez-lui un fichier",
    ),
    "vide": (Response(b""), "le document est vide", "Vérifiez l’adresse"),
    "coupee": (
        Response('[{"titre": "Atelier", "resume": ', content_type="application/json"),
        "Aucune liste de fiches n’y a été reconnue",
        "demandez-lui un fichier",
    ),
    "tourne": (Response("", 302, {"Location": "/tourne"}), "renvoie sans fin", "copiez l’adresse"),
    "document": (Response(b"%PDF-1.7 ..."), "C’est un PDF", "enregistrez le tableau en CSV"),
}


@pytest.fixture
def told(moderator: Client, roles: SimpleNamespace) -> Callable[..., str]:
    """What the first step answers to an address or a file: the errors of their fields."""

    def try_out(**data: Any) -> str:
        given = {"partner": roles.partner.slug, "connector": "", **data}
        response = moderator.post(reverse("backoffice:onboarding"), given)
        assert response.status_code == 200, response.headers
        assert not Source.objects.exists()
        errors = response.context["form"].errors
        return " ".join(m for name in ("url", "file") for m in errors.get(name, []))

    return try_out


@pytest.mark.parametrize("path", ANSWERS)
def test_an_answer_that_cannot_be_used_is_told_plainly(
    httpserver: HTTPServer, told: Callable[..., str], path: str
) -> None:
    answer, what, to_do = ANSWERS[path]
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request(f"/{path}").respond_with_response(answer)
    url = httpserver.url_for(f"/{path}")
    said = told(url=url)
    assert what in said
    assert to_do in said
    assert not JARGON.search(said.replace(url, "")), said


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("bonjour", "Cette adresse est mal écrite."),
        ("https://site-qui-n-existe-pas.invalid/", "Aucun site ne répond à cette adresse."),
        ("http://127.0.0.1:9/", "Aucun site ne répond à cette adresse."),
        ("http://192.168.1.10/fiches", "Cette adresse est interne ou réservée"),
    ],
)
def test_a_wrong_address_is_told_plainly(told: Callable[..., str], url: str, said: str) -> None:
    assert said in (heard := told(url=url))
    assert not JARGON.search(heard.replace(url, "")), heard


def test_a_site_that_keeps_programs_away_is_told_plainly(
    httpserver: HTTPServer, told: Callable[..., str]
) -> None:
    rules = "User-agent: *\nDisallow: /\n"
    httpserver.expect_request("/robots.txt").respond_with_data(rules)
    said = told(url=httpserver.url_for("/fiches"))
    assert "Le site demande aux programmes de ne pas lire cette adresse" in said
    assert not JARGON.search(said)


def test_a_site_too_slow_is_told_plainly(
    httpserver: HTTPServer, told: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(request: Request) -> Response:
        time.sleep(1.5)
        return Response("")

    monkeypatch.setattr(reaching, "SECONDS", 0.4)
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/lente").respond_with_handler(slow)
    said = told(url=httpserver.url_for("/lente"))
    assert "Le site n’a pas répondu à temps. Réessayez dans quelques minutes" in said
    assert not JARGON.search(said)


@pytest.fixture
def unsafe_site(tmp_path: Path) -> Iterator[str]:
    """An HTTPS site whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=2)).not_valid_after(now - timedelta(days=1))
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (tmp_path / "site.pem").write_bytes(pem + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "site.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_error = lambda *given: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}/fiches"
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("short_pauses")
def test_a_connection_that_is_not_safe_is_told_plainly(
    told: Callable[..., str], unsafe_site: str
) -> None:
    said = told(url=unsafe_site)
    assert "La connexion sécurisée à ce site n’est pas sûre" in said
    assert "Prévenez le partenaire" in said
    assert not JARGON.search(said.replace(unsafe_site, ""))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("vide.csv", b"", "vide"),
        ("blanc.csv", b" \n\n", "Ce fichier est vide."),
        ("abime.zip", b"PK\x03\x04 rien", "Aucune liste de fiches"),
        ("photo.png", b"\x89PNG\r\n\x1a\n", "C’est une image"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_plainly(
    told: Callable[..., str], name: str, content: bytes, said: str
) -> None:
    heard = told(file=SimpleUploadedFile(name, content))
    assert said in heard
    assert heard


@pytest.mark.parametrize(
    "connector", ["json", "xml", "feed", "oaipmh", "wordpress", "spreadsheet", "markdown", "html"]
)
def test_a_connector_chosen_by_hand_says_plainly_why_it_does_not_fit(
    moderator: Client,
    roles: SimpleNamespace,
    httpserver: HTTPServer,
    connector: str,
) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/page").respond_with_data(HOME, content_type="text/html")
    given = {"partner": roles.partner.slug, "url": httpserver.url_for("/page")}
    first = moderator.post(reverse("backoffice:onboarding"), given | {"connector": connector})
    where = first.url if first.status_code == 302 else ""
    assert where
    data = {"action": "continuer", "connector": connector}
    page = moderator.post(where, data, follow=True)
    said = " ".join(str(m) for m in page.context["messages"])
    assert re.search("onnez|érifiez|révenez|uvrez|ites|olonne", said), said
    assert not re.search(r"HTTP\b|Error|Exception|\(\d{3}\)", said), said
