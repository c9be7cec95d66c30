"""The worst that sources do, over real HTTP: no crash, no hang, nothing lost, each with its reason.

Every case harvests an honest source first, lets it go bad, and harvests again.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest

from innovations.models import Innovation, Status
from partners.harvest import harvest
from partners.models import RejectedRow, Run, RunState, Source, SourceRecord
from partners.reports import Report
from tests.factories import SourceFactory
from tests.partners import hostile
from tests.partners.conftest import MAPPING, as_csv, row
from tests.partners.hostile import Answer, HostileServer, Visit, document

Rows = Sequence[Mapping[str, Any]]
HONEST = [row(n) for n in range(1, 5)]
TAGS = ("id", "titre", "texte", "ville", "page")
# No harvest of a bad source lasts longer, whatever the source does.
LONGEST = 12.0
BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{BOMB}]>'
DISCLOSURE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "{secret}">]>'


def as_json(rows: Rows) -> str:
    return json.dumps(list(rows))


def as_xml(rows: Rows, start: str = "", value: str = "") -> str:
    items = "".join(
        "<projet>" + "".join(f"<{t}>{value or r[t]}</{t}>" for t in TAGS) + "</projet>"
        for r in rows
    )
    return f"{start}<projets>{items}</projets>"


def as_feed(rows: Rows, start: str = "", value: str = "") -> str:
    items = "".join(
        f"<item><guid>{r['id']}</guid><title>{value or r['titre']}</title><link>{r['page']}</link>"
        f"<description>{r['texte']}</description></item>"
        for r in rows
    )
    return f'{start}<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'


def as_oai(rows: Rows, start: str = "", value: str = "", token: str = "") -> str:
    records = "".join(
        f"<record><header><identifier>{r['id']}</identifier></header><metadata><dc>"
        f"<title>{value or r['titre']}</title><description>{r['texte']}</description>"
        f"<coverage>{r['ville']}</coverage></dc></metadata></record>"
        for r in rows
    )
    return (
        f'{start}<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{records}'
        f"<resumptionToken>{token}</resumptionToken></ListRecords></OAI-PMH>"
    )


def as_archive(rows: Rows, **other: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for r in rows:
            text = f"---\n{json.dumps(dict(r))}\n---\n"
            archive.writestr(f"fiches/{r['id']}.md", text)
        for name, content in other.items():
            archive.writestr(f"fiches/{name}.md", content)
    return output.getvalue()


def as_page(rows: Rows) -> str:
    blocks = "".join(
        f"<article><h2><a href='{r['page']}'>{r['titre']}</a></h2><p>{r['texte']}</p>"
        f"<i>{r['ville']}</i></article>"
        for r in rows
    )
    return f"<html><body>{blocks}<a class=suite href='?encore'>Suite</a></body></html>"


@dataclass(frozen=True)
class Kind:
    """How a kind of source writes rows, and how they are mapped."""

    connector: str
    write: Callable[..., str | bytes]
    mapping: list[dict[str, Any]] = field(default_factory=lambda: MAPPING)
    options: dict[str, Any] = field(default_factory=dict)


def named(**paths: str) -> list[dict[str, Any]]:
    return [{"target": target, "path": path} for target, path in paths.items()]


CSV = Kind("spreadsheet", as_csv)
JSON = Kind("json", as_json)
PAGED = Kind("json", as_json, options={"page_param": "page"})
XML = Kind("xml", as_xml)
FEED = Kind(
    "feed", as_feed, named(external_id="id", title="title", description="content", url="link")
)
OAI = Kind("oaipmh", as_oai, named(title="title", description="description", place="coverage"))
FILES = Kind("markdown", as_archive)
PAGE = Kind(
    "html",
    as_page,
    named(external_id="lien", title="titre", description="texte", place="ville", url="lien"),
    {
        "items": "article",
        "link": "",
        "next": ".suite",
        "fields": {"titre": "h2", "texte": "p", "ville": "i", "lien": "a@href"},
    },
)


@dataclass(frozen=True)
class Case:
    """What goes wrong, and the words that people read about it."""

    told: str
    kind: Kind
    answer: Answer
    said: str


def pages(*answers: str) -> Answer:
    """One document per page number; the last one for ever after."""

    def answer(visit: Visit) -> None:
        number = int(parse_qs(visit.query).get("page", ["1"])[0])
        document(answers[min(number, len(answers)) - 1])(visit)

    return answer


def html_error(code: int = 200) -> Answer:
    page = "<!doctype html><html><body><h1>Site en maintenance</h1></body></html>"
    return document(page, Content_Type="text/html") if code == 200 else hostile.status(code)


def zip_bomb() -> bytes:
    return as_archive(HONEST, bombe=b"0" * 30_000_000)


def csv_zip_bomb() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("fiches.csv", b"id;titre\n" + b"0" * 50_000_000)
    return output.getvalue()


YAML_BOMB = "l0: &l0 [a]\n" + "".join(
    f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
ENTITIES = "déclare des entités"
TOO_BIG = "dépasse"
LATE = "n’a pas répondu à temps"
CUT = "interrompue avant la fin"
FORBIDDEN = "refusée par sécurité"

# Each of these makes the run fail: nothing is changed, and the reason is told.
FAILING = [
    Case("an XML bomb", XML, document(as_xml(HONEST, BILLION_LAUGHS, "&l9;")), ENTITIES),
    Case("an XML bomb in OAI-PMH", OAI, document(as_oai(HONEST, BILLION_LAUGHS, "&l9;")), ENTITIES),
    Case("a feed that is an XML bomb", FEED, document(as_feed(HONEST, BILLION_LAUGHS, "&l9;")),
         ENTITIES),
    Case("a list nested without end", PAGE,
         document(as_page(HONEST).replace("</body>", "<div>" * 100_000)), "s’imbriquent sans fin"),
    Case("JSON that is cut in the middle", JSON, document(as_json(HONEST)[:200]), "JSON"),
    Case("JSON nested without end", JSON, document("[" * 200_000), "JSON"),
    Case("an error page for JSON", JSON, html_error(), "JSON"),
    Case("an error page for a table", CSV, html_error(), "page web"),
    Case("an error page for a feed", FEED, html_error(), "flux"),
    Case("an error page for XML", XML, html_error(), ""),
    Case("an error page for OAI-PMH", OAI, html_error(), "XML lisible"),
    Case("an error page for an archive", FILES, html_error(), "page web"),
    Case("an error page for a list of pages", PAGE, html_error(), "ne trouve aucune fiche"),
    Case("an empty body for JSON", JSON, document(""), "JSON"),
    Case("an empty body for a table", CSV, document(""), "vide"),
    Case("an empty list", JSON, document("[]"), "aucune fiche"),
    Case("an empty table", CSV, document("id;titre\n"), "aucune fiche"),
    Case("a list of other things", JSON, document('{"erreur": "quota"}'), "Aucune liste"),
    Case("an endless table", CSV, hostile.endless(b"id;titre\n1;"), TOO_BIG),
    Case("an endless JSON", JSON, hostile.endless(b'[{"id": "'), TOO_BIG),
    Case("an endless page", PAGE, hostile.endless(b"<html><body>"), TOO_BIG),
    Case("a size announced beyond the limit", CSV, hostile.announced(10**12), TOO_BIG),
    Case("a body that drips", CSV, hostile.dripping_body(b"id;titre\n"), LATE),
    Case("headers that drip", JSON, hostile.dripping_headers, LATE),
    Case("a server that says nothing", JSON, hostile.silent, LATE),
    Case("endless headers", JSON, hostile.endless_headers, "injoignable"),
    Case("a server that hangs up", JSON, hostile.hanging_up, ""),
    Case("a body shorter than announced", CSV, hostile.truncated(as_csv(HONEST)), CUT),
    Case("a JSON body shorter than announced", JSON, hostile.truncated(as_json(HONEST)), CUT),
    Case("chunks without end mark", CSV, hostile.cut_chunk(as_csv(HONEST)), CUT),
    Case("a gzip bomb", JSON, hostile.gzip_bomb(300), TOO_BIG),
    Case("a gzip bomb for a table", CSV, hostile.gzip_bomb(300), TOO_BIG),
    Case("a body that is not the gzip it says", JSON, hostile.gzip_noise, "illisible"),
    Case("a zip bomb of Markdown", FILES, document(zip_bomb()), "trop grosse"),
    Case("a zip bomb of a table", CSV, document(csv_zip_bomb()), "démesurée"),
    Case("an archive that is cut", FILES, document(as_archive(HONEST)[:-60]), "archive"),
    Case("redirections in a loop", JSON, hostile.loop, "redirections"),
    Case("a redirection to a cloud's metadata", JSON,
         hostile.redirect("http://169.254.169.254/latest/meta-data/"), FORBIDDEN),
    Case("a redirection to a private network", CSV, hostile.redirect("http://10.0.0.1/"),
         FORBIDDEN),
    Case("a redirection to another writing of this machine", JSON,
         hostile.redirect("http://2130706433/"), FORBIDDEN),
    Case("a redirection to this machine's IPv6", JSON, hostile.redirect("http://[::1]/"),
         FORBIDDEN),
    Case("a redirection to a file", XML, hostile.redirect("file:///etc/passwd"),
         "pas une adresse http"),
    Case("429 for ever", JSON, hostile.status(429, Retry_After=0), "patienter"),
    Case("429 until tomorrow", JSON, hostile.status(429, Retry_After=86_400), "patienter"),
    Case("503 for ever", CSV, hostile.status(503, Retry_After=0), "panne ou surchargé"),
    Case("503 with an unreadable pause", OAI, hostile.status(503, Retry_After="bientôt"[:5]),
         "panne ou surchargé"),
    Case("access refused", JSON, hostile.status(403), "refuse l’accès"),
    Case("gone", JSON, hostile.status(410), "n’existe pas"),
]  # fmt: skip


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile.serving() as server:
        yield server


@pytest.fixture
def limits(settings: Any) -> None:
    """The limits of production, at a scale that a test can wait for."""
    settings.HARVEST_MAX_BYTES = 5_000_000
    settings.HARVEST_MAX_STREAM_BYTES = 20_000_000
    settings.HARVEST_EXCHANGE_SECONDS = 2.0
    settings.HARVEST_READ_SECONDS = 1.0
    settings.HARVEST_RETRY_SECONDS = 2.0
    settings.HARVEST_LONGEST_PAUSE = 1.0


@pytest.fixture
def honest(
    server: HostileServer, communes: Any, terms: None, limits: None
) -> Callable[[Kind], Source]:
    """A source of that kind, harvested once while it was honest: four records, published."""

    def make(kind: Kind, rows: Rows = HONEST) -> Source:
        server.answers["/source"] = document(kind.write(rows))
        source = SourceFactory(
            connector=kind.connector,
            url=f"{server.root}/source",
            mapping=kind.mapping,
            options=kind.options,
            withdraw_after_days=0,
        )
        report = harvest(source)
        assert report.state == RunState.DONE, report.problem
        assert report.counts["created"] == len(rows)
        server.asked.clear()
        return source

    return make


def again(source: Source) -> Report:
    """Harvest a second time, within the time that no source may exceed."""
    start = time.monotonic()
    report = harvest(source)
    assert time.monotonic() - start < LONGEST
    return report


def assert_nothing_lost(source: Source, rows: Rows = HONEST) -> None:
    records = SourceRecord.objects.filter(source=source)
    assert records.present().count() == len(rows)
    assert not records.filter(missing_since__isnull=False).exists()
    shown = Innovation.objects.filter(status__in=[Status.PUBLISHED, Status.TO_COMPLETE])
    assert shown.count() == len(rows)
    assert sorted(shown.values_list("title", flat=True)) == sorted(r["titre"] for r in rows)


@pytest.mark.parametrize("case", FAILING, ids=lambda case: case.told)
def test_a_source_that_goes_bad_is_told_and_loses_nothing(
    honest: Callable[..., Source], server: HostileServer, case: Case
) -> None:
    source = honest(case.kind)
    server.answers["/source"] = case.answer
    report = again(source)
    assert (report.state, report.exit_status) == (RunState.FAILED, 2)
    assert case.said in report.problem
    assert Run.objects.first().message == report.problem
    assert_nothing_lost(source)
    assert server.asked["/source"] <= 8


def two_encodings() -> bytes:
    first, second = as_csv(HONEST[:2]).encode(), as_csv(HONEST[2:]).encode("cp1252")
    return first + second.partition(b"\n")[2]


# These can be read in part, or nearly well: what is read is kept, the rest is told.
BEARABLE = [
    Case("XML that is cut in the middle", XML, document(as_xml(HONEST)[:-200]), "mal formé"),
    Case("a feed that is cut in the middle", FEED, document(as_feed(HONEST)[:-20]), ""),
    Case("XML of another encoding than it says", XML,
         document(as_xml(HONEST, '<?xml version="1.0" encoding="utf-8"?>').encode("cp1252")), ""),
    Case("a table whose bytes are of two encodings", CSV, document(two_encodings()), ""),
    Case("a table with NULs, rows too short and too long", CSV,
         document(as_csv(HONEST).replace("Lien social", "Lien\0 social") + ";;;\n\0\0\n;\np9\n"),
         "pas de titre"),
    Case("numbers that are none", JSON,
         document(as_json(HONEST).replace('"id"', '"n": NaN, "i": 1e999, "id"')), ""),
    Case("half of a surrogate pair", JSON,
         document(as_json(HONEST).replace("Nantes", "Nantes\\ud800")), ""),
    Case("an alias bomb in one file", FILES,
         document(as_archive(HONEST, bombe=f"---\n{YAML_BOMB}---\n".encode())), "démesuré"),
    Case("names that climb out of the archive", FILES,
         document(as_archive(HONEST, **{"../../../etc/passwd": b"---\ntitre: x\n---\n"})), ""),
    Case("the same page for ever", PAGED, document(as_json(HONEST)), "page déjà lue"),
    Case("a page that links to itself", PAGE, document(as_page(HONEST)), ""),
    Case("the same token for ever", OAI, document(as_oai(HONEST, token="suite")), "sans fin"),
    Case("the same records twice", JSON, document(as_json([*HONEST, *HONEST])), ""),
]  # fmt: skip


@pytest.mark.parametrize("case", BEARABLE, ids=lambda case: case.told)
def test_what_can_be_read_of_a_bad_source_is_kept(
    honest: Callable[..., Source], server: HostileServer, case: Case
) -> None:
    source = honest(case.kind)
    server.answers["/source"] = case.answer
    report = again(source)
    assert case.said in said_by(report)
    assert_nothing_lost(source)


def said_by(report: Report) -> str:
    refused = [e["message"] for r in report.rejected for e in r["errors"]]
    return " ".join([report.problem, *report.warnings, *refused, str(report.rejected)])


@pytest.mark.parametrize("kind", [XML, OAI, FEED], ids=lambda kind: kind.connector)
def test_an_external_entity_reads_no_file_and_asks_no_address(
    honest: Callable[..., Source], server: HostileServer, kind: Kind
) -> None:
    for secret in ("file:///etc/passwd", f"{server.root}/secret"):
        source = honest(kind)
        start = DISCLOSURE.replace("{secret}", secret)
        server.answers["/source"] = document(kind.write(HONEST, start, "&f;"))
        assert ENTITIES in again(source).problem
        assert not server.asked["/secret"]
        assert not SourceRecord.objects.filter(raw__icontains="root:").exists()
        assert_nothing_lost(source)
        source.records.all().delete()
        Innovation.objects.all().delete()


def test_robots_txt_that_comes_to_forbid_is_obeyed(
    honest: Callable[..., Source], server: HostileServer
) -> None:
    source = honest(JSON)
    server.answers["/robots.txt"] = document("User-agent: *\nDisallow: /source\n")
    assert "robots" in again(source).problem
    assert not server.asked["/source"]
    assert_nothing_lost(source)


def test_a_total_higher_than_what_is_given_withdraws_nothing(
    honest: Callable[..., Source], server: HostileServer
) -> None:
    source = honest(JSON)
    source.options = {"path": "fiches", "total": "total"}
    source.save()
    answer = json.dumps({"total": 400, "fiches": HONEST[:2]})
    server.answers["/source"] = document(answer)
    report = again(source)
    assert report.state == RunState.DONE
    assert "annonce 400 fiches et n’en donne que 2" in said_by(report)
    assert_nothing_lost(source)


def test_most_records_gone_at_once_are_kept_until_staff_decide(
    honest: Callable[..., Source], server: HostileServer
) -> None:
    source = honest(JSON)
    server.answers["/source"] = document(as_json(HONEST[:1]))
    report = again(source)
    assert report.counts["withdrawn"] == 0
    assert "3 fiches sur 4" in said_by(report)
    source.refresh_from_db()
    assert source.held_back["missing"] == 3
    assert SourceRecord.objects.present().count() == 4
    assert Innovation.objects.published().count() == 4


@pytest.mark.parametrize("kind", [CSV, JSON, XML, FILES], ids=lambda kind: kind.connector)
def test_records_that_shrink_to_nothing_keep_their_last_good_version(
    honest: Callable[..., Source], server: HostileServer, kind: Kind
) -> None:
    source = honest(kind)
    hollow = [{**r, "titre": "", "texte": "", "ville": "", "page": ""} for r in HONEST]
    server.answers["/source"] = document(kind.write(hollow))
    report = again(source)
    assert report.state == RunState.DONE_WITH_ERRORS
    assert report.counts["rejected"] == len(HONEST)
    assert "n’a pas de titre" in said_by(report)
    assert RejectedRow.objects.filter(source=source).count() == len(HONEST)
    assert_nothing_lost(source)


@pytest.mark.parametrize("kind", [CSV, JSON, XML], ids=lambda kind: kind.connector)
def test_an_identifier_given_to_two_projects_is_refused_and_told(
    honest: Callable[..., Source], server: HostileServer, kind: Kind
) -> None:
    source = honest(kind)
    intruder = row(2, titre="Épicerie solidaire et itinérante", texte="Une tournée par semaine.")
    server.answers["/source"] = document(kind.write([*HONEST, intruder]))
    report = again(source)
    assert report.state == RunState.DONE_WITH_ERRORS
    assert "déjà celui d’une autre fiche" in said_by(report)
    assert_nothing_lost(source)


@pytest.mark.parametrize("kind", [CSV, JSON], ids=lambda kind: kind.connector)
def test_identifiers_that_change_case_make_no_other_record(
    honest: Callable[..., Source], server: HostileServer, kind: Kind
) -> None:
    source = honest(kind)
    before = set(Innovation.objects.values_list("pk", "slug"))
    shouted = [{**r, "id": str(r["id"]).upper()} for r in HONEST]
    server.answers["/source"] = document(kind.write(shouted))
    again(source)
    assert set(Innovation.objects.published().values_list("pk", "slug")) == before
    assert_nothing_lost(source)


@pytest.mark.parametrize("count", [4, 40])
def test_an_unclosed_quotation_mark_hides_no_record(
    honest: Callable[..., Source], server: HostileServer, count: int
) -> None:
    rows = [row(n) for n in range(1, count + 1)]
    source = honest(CSV, rows)
    table = as_csv(rows).replace("p2;Atelier", 'p2;"Atelier')
    server.answers["/source"] = document(table)
    report = again(source)
    assert "guillemet" in said_by(report)
    assert SourceRecord.objects.present().count() == len(rows)
    assert Innovation.objects.published().count() == len(rows)


def test_a_source_that_comes_back_is_read_again(
    honest: Callable[..., Source], server: HostileServer
) -> None:
    source = honest(JSON)
    server.answers["/source"] = hostile.hanging_up
    assert again(source).state == RunState.FAILED
    server.answers["/source"] = document(as_json([*HONEST, row(5)]))
    report = again(source)
    assert (report.state, report.counts["created"]) == (RunState.DONE, 1)
    assert_nothing_lost(source, [*HONEST, row(5)])
