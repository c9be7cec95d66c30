"""OAI-PMH repositories: pages, deletions, what changed, and the protocol's own errors."""

import datetime
from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from carrefour.http import Fetcher
from partners.connectors import SourceError, connect
from tests.partners.connectors.conftest import Read, sample

Answer = Callable[[dict[str, str]], str]
HEAD = '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'


def document(inside: str) -> str:
    return f"{HEAD}{inside}</OAI-PMH>"


def record(number: int) -> str:
    return (
        f"<record><header><identifier>oai:exemple.fr:{number}</identifier>"
        f"<datestamp>2024-01-0{number}</datestamp></header><metadata><dc>"
        f"<title>Projet {number}</title></dc></metadata></record>"
    )


def page(*numbers: int, token: str = "", size: int | None = None) -> str:
    said = "" if size is None else f' completeListSize="{size}"'
    following = f"<resumptionToken{said}>{token}</resumptionToken>"
    return document(f"<ListRecords>{''.join(record(n) for n in numbers)}{following}</ListRecords>")


def error(code: str, text: str = "") -> str:
    return document(f'<error code="{code}">{text}</error>')


class Repository:
    """A repository whose answers to ListRecords are given by the test."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[dict[str, str]] = []
        self.records: Answer = lambda asked: page(1)
        self.formats = ["oai_dc"]
        self.granularity = "YYYY-MM-DDThh:mm:ssZ"
        server.expect_request("/oai").respond_with_handler(self.answer)
        self.url = server.url_for("/oai")

    def answer(self, request: Request) -> Response:
        asked = dict(request.args)
        self.asked.append(asked)
        if asked["verb"] == "ListMetadataFormats":
            listed = "".join(
                f"<metadataFormat><metadataPrefix>{f}</metadataPrefix></metadataFormat>"
                for f in self.formats
            )
            body = document(f"<ListMetadataFormats>{listed}</ListMetadataFormats>")
        elif asked["verb"] == "Identify":
            body = document(f"<Identify><granularity>{self.granularity}</granularity></Identify>")
        else:
            body = self.records(asked)
        return Response(body, content_type="text/xml")

    @property
    def listings(self) -> list[dict[str, str]]:
        return [
            {k: v for k, v in a.items() if k != "verb"}
            for a in self.asked
            if a["verb"] == "ListRecords"
        ]


@pytest.fixture
def repository(httpserver: HTTPServer) -> Repository:
    return Repository(httpserver)


def test_dublin_core_comes_out_as_lists_under_plain_names(
    repository: Repository, read: Read
) -> None:
    repository.records = lambda asked: sample("oai-pmh.xml").decode()
    kept, deleted = read("oaipmh", f"{repository.url}?verb=Identify")
    assert kept.data["title"] == ["L’atelier de réparation"]
    assert kept.data["subject"] == ["Réemploi", "Lien social"]
    assert kept.data["setSpec"] == ["ateliers"]
    assert kept.external_id == "oai:exemple.fr:1"
    assert kept.url == "https://exemple.fr/ateliers/1"
    assert kept.licence == "cc-by-4.0"
    assert kept.date == "2024-01-02T09:30:00Z"
    assert kept.position == "notice 1"
    assert (deleted.is_deleted, deleted.external_id) == (True, "oai:exemple.fr:2")
    assert deleted.data == {}


def test_pages_are_followed_by_their_tokens_and_counted(repository: Repository, read: Read) -> None:
    pages = {"": page(1, 2, token="a", size=5), "a": page(3, 4, token="b"), "b": page(5)}
    repository.records = lambda asked: pages[asked.get("resumptionToken", "")]
    rows = read("oaipmh", repository.url, set="ateliers")
    assert [r.data["title"] for r in rows] == [[f"Projet {n}"] for n in range(1, 6)]
    assert repository.listings == [
        {"metadataPrefix": "oai_dc", "set": "ateliers"},
        {"resumptionToken": "a"},
        {"resumptionToken": "b"},
    ]
    assert read.connector.expected == 5  # type: ignore[attr-defined]
    assert read.connector.is_complete  # type: ignore[attr-defined]


def test_fewer_records_than_announced_is_an_incomplete_reading(
    repository: Repository, read: Read
) -> None:
    pages = {"": page(1, token="a", size=9), "a": page(2)}
    repository.records = lambda asked: pages[asked.get("resumptionToken", "")]
    assert len(read("oaipmh", repository.url)) == 2
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "annonce 9 fiches" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_the_richest_known_format_is_chosen(repository: Repository, read: Read) -> None:
    repository.formats = ["oai_dc", "marc21", "oai_qdc"]
    read("oaipmh", repository.url)
    assert repository.listings[0]["metadataPrefix"] == "oai_qdc"
    read("oaipmh", repository.url, prefix="marc21")
    assert repository.listings[1]["metadataPrefix"] == "marc21"


@pytest.mark.parametrize(
    ("granularity", "said"),
    [("YYYY-MM-DDThh:mm:ssZ", "2024-03-01T21:30:00Z"), ("YYYY-MM-DD", "2024-02-29")],
)
def test_what_changed_is_asked_with_a_margin_at_the_repositorys_granularity(
    repository: Repository, fetcher: Fetcher, granularity: str, said: str
) -> None:
    repository.granularity = granularity
    repository.records = lambda asked: error("noRecordsMatch")
    since = datetime.datetime(
        2024, 3, 2, 0, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=2))
    )
    connector = connect("oaipmh", repository.url, {}, fetcher)
    assert connector.can_read_since
    assert list(connector.rows(since=since)) == []
    assert repository.listings == [{"metadataPrefix": "oai_dc", "from": said}]
    assert connector.is_complete


def test_an_interrupted_reading_goes_on_from_its_page(
    repository: Repository, fetcher: Fetcher
) -> None:
    pages = {"": page(1, 2, token="a", size=4), "a": page(3, 4)}
    repository.records = lambda asked: pages[asked.get("resumptionToken", "")]
    first = connect("oaipmh", repository.url, {}, fetcher)
    rows = first.rows()
    assert [next(rows).position for _ in range(3)] == ["notice 1", "notice 2", "notice 3"]
    again = connect("oaipmh", repository.url, {}, fetcher)
    assert [r.position for r in again.rows(resume=first.cursor)] == ["notice 3", "notice 4"]
    assert again.is_complete


def test_an_expired_token_begins_again_and_says_so(
    repository: Repository, fetcher: Fetcher
) -> None:
    pages = {"": page(1, token="a"), "a": page(2), "vieux": error("badResumptionToken")}
    repository.records = lambda asked: pages[asked.get("resumptionToken", "")]
    connector = connect("oaipmh", repository.url, {}, fetcher)
    rows = list(connector.rows(resume={"token": "vieux", "read": 40}))
    assert [r.position for r in rows] == ["notice 1", "notice 2"]
    assert "reprise depuis le début" in connector.warnings[0]


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (lambda asked: error("cannotDisseminateFormat", "Unknown"), "format de métadonnées"),
        (lambda asked: error("badArgument", "bad set"), "bad set"),
        (lambda asked: page(1, token="x") if "resumptionToken" not in asked
         else error("badResumptionToken"), "jetons qu’il vient de donner"),
        (lambda asked: "<html><body>Accueil</body></html>", "pas un entrepôt"),
        (lambda asked: "Bonjour", "XML lisible"),
    ],
    ids=["format-refused", "argument-refused", "own-token-unknown", "page-instead", "no-xml"],
)  # fmt: skip
def test_what_the_repository_refuses_is_told_in_french(
    repository: Repository, read: Read, records: Answer, said: str
) -> None:
    repository.records = records
    with pytest.raises(SourceError, match=said):
        read("oaipmh", repository.url)


@pytest.mark.parametrize("fresh_tokens", [False, True])
def test_a_repository_that_gives_the_same_page_for_ever_is_left(
    repository: Repository, read: Read, fresh_tokens: bool
) -> None:
    repository.records = lambda asked: page(
        1, 2, token=f"t{len(repository.asked)}" if fresh_tokens else "t"
    )
    assert 2 <= len(read("oaipmh", repository.url)) <= 4
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "sans fin" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_a_damaged_page_is_read_as_far_as_possible_and_said_incomplete(
    repository: Repository, read: Read
) -> None:
    repository.records = lambda asked: page(1, 2).replace("Projet 2</title>", "Projet 2 & cie")
    rows = read("oaipmh", repository.url)
    assert rows[0].data["title"] == ["Projet 1"]
    assert not read.connector.is_complete  # type: ignore[attr-defined]
    assert "abîmée" in read.connector.warnings[0]  # type: ignore[attr-defined]


def test_control_characters_do_not_damage_a_page(repository: Repository, read: Read) -> None:
    repository.records = lambda asked: page(1).replace("Projet", "Pro\x0bjet")
    assert read("oaipmh", repository.url)[0].data["title"] == ["Projet 1"]
    assert read.connector.is_complete  # type: ignore[attr-defined]


def test_declared_entities_are_refused(repository: Repository, read: Read) -> None:
    bomb = '<!DOCTYPE OAI-PMH [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    repository.records = lambda asked: page(1).replace("?>", f"?>{bomb}", 1)
    with pytest.raises(SourceError, match="entités"):
        read("oaipmh", repository.url)
