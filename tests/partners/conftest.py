"""A partner's web site to harvest, and the sample sites of the demonstration."""

import csv
import io
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.demo.server import SamplesServer
from innovations import taxonomy
from partners.models import Source
from tests.factories import SourceFactory, TerritoryFactory

MAPPING = [
    {"target": "external_id", "path": "id"},
    {"target": "title", "path": "titre"},
    {"target": "description", "path": "texte"},
    {"target": "porteur_name", "path": "porteur"},
    {"target": "themes", "path": "theme"},
    {"target": "place", "path": "ville"},
    {"target": "url", "path": "page"},
]
COMMUNES = {"44109": "Nantes", "58145": "Lormes", "59017": "Armentières", "38185": "Grenoble"}


@pytest.fixture
def communes(db: None) -> dict[str, Any]:
    return {code: TerritoryFactory(code=code, name=name) for code, name in COMMUNES.items()}


@pytest.fixture
def terms(db: None) -> None:
    taxonomy.load()


def row(number: int, **changed: Any) -> dict[str, Any]:
    """One row of a partner's table."""
    return {
        "id": f"p{number}",
        "titre": f"Atelier de réparation numéro {number}",
        "texte": "Des habitants réparent ensemble les objets du quotidien.",
        "porteur": f"Association {number}",
        "theme": "Lien social",
        "ville": "Nantes",
        "page": f"https://plateforme.example.org/p{number}",
        **changed,
    }


class Site:
    """A CSV file at an address, whose rows the test changes."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.rows: list[dict[str, Any]] = []
        self.status = 200
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        server.expect_request("/fiches.csv").respond_with_handler(self.answer)

    @property
    def url(self) -> str:
        return self.server.url_for("/fiches.csv")

    def answer(self, request: Request) -> Response:
        response = Response(as_csv(self.rows), self.status, content_type="text/csv; charset=utf-8")
        if self.status != 200:
            return response
        response.add_etag()
        return response.make_conditional(request)


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    output = io.StringIO()
    writer = csv.DictWriter(output, rows[0].keys() if rows else ["id", "titre"], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return output.getvalue()


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    return Site(httpserver)


@pytest.fixture
def source(site: Site, communes: dict[str, Any], terms: None) -> Source:
    return SourceFactory(url=site.url, mapping=MAPPING, slug="fiches")


@pytest.fixture
def json_source(httpserver: HTTPServer, db: None) -> Callable[..., Source]:
    """A source whose JSON document is given by the test."""

    def make(document: Any, **options: Any) -> Source:
        httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
        httpserver.expect_request("/api").respond_with_json(document)
        return SourceFactory(
            connector="json", url=httpserver.url_for("/api"), mapping=MAPPING, options=options
        )

    return make


@pytest.fixture
def samples() -> Iterator[SamplesServer]:
    """The sample sites of the demonstration, served for real."""
    server = SamplesServer(0)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)
