"""Files of real partners, tried where they are at hand; none of them is in the repository.

Collected only when CARREFOUR_REAL_DATA names the folder that holds them, or when it stands beside
the checkout as shared/data. ``real_files.toml`` says what is right for each.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from carrefour.demo.folder import platform_of
from carrefour.demo.server import SamplesServer
from carrefour.http import Fetcher
from innovations import taxonomy
from innovations.models import Citation, Innovation, Status
from partners.connectors import connect
from partners.harvest import harvest
from partners.mapping.proposal import propose
from partners.models import Source, SourceRecord, VocabularyEntry
from partners.trial import try_address
from tests.factories import PartnerFactory, SourceFactory
from tests.partners.emulator import Emulator
from tests.partners.real_rows import sources
from tests.partners.truth import Verdict, expected_connector, judge

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDER = Path(os.environ.get("CARREFOUR_REAL_DATA") or BESIDE)
FFE = "cis-carrefour-innovations-sociales/france_s_engage_v0.csv"
THIRD_PLACES = "tiers-lieux-cget-ping/tiers_lieux_pdl_ping_211106a.csv"
# Each record of these is a page to read.
PAGE_BY_PAGE = {"html", "jsonld"}


pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[SamplesServer]:
    server = SamplesServer(0, FOLDER)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def proposed(server: SamplesServer, name: str) -> Source:
    """A source for the file with the mapping that is proposed for it."""
    taxonomy.load()
    url = f"{server.url}/donnees/{name}"
    with Fetcher() as fetcher:
        rows = list(connect("spreadsheet", url, {}, fetcher).rows())
    website = platform_of(rows)[1]
    partner = PartnerFactory(**({"website": website} if website else {}))
    return SourceFactory(partner=partner, url=url, mapping=propose(rows).mapping)


def collected(test: object) -> object | None:
    return test if (FOLDER / FFE).is_file() else None


@collected
def test_every_file_under_every_shape_is_recognised_and_mapped(
    terms: None,
) -> None:
    wrong_connector, unread, short = [], [], []
    halves = {False: Verdict(), True: Verdict()}
    with Emulator(FOLDER) as emulator:
        for source in sources():
            for shape in source.shapes:
                named = f"{source.file} ({shape})"
                limit = None if shape not in PAGE_BY_PAGE else 20
                report = try_address(emulator.serve(source, shape), limit=limit)
                if report.connector != expected_connector(source, shape):
                    wrong_connector.append(f"{named} : {report.connector}")
                if report.problem:
                    unread.append(f"{named} : {report.problem}")
                if report.counts["seen"] < min(source.records, limit or 1000):
                    short.append(f"{named} : {report.counts['seen']} sur {source.records}")
                verdict = judge(source, shape, report.mapping)
                halves[source.held].add(named, verdict)
    assert {"connecteur": wrong_connector, "illisible": unread, "incomplet": short} == {
        "connecteur": [],
        "illisible": [],
        "incomplet": [],
    }
    for verdict in halves.values():
        assert verdict.right >= 0.9 * verdict.asked, verdict.missed
        assert len(verdict.invented) <= 0.1 * verdict.proposed, verdict.invented
        assert len(verdict.sure_and_wrong) <= 0.05 * verdict.proposed, verdict.sure_and_wrong


@collected
def test_one_record_per_project_of_la_france_s_engage(server: SamplesServer) -> None:
    source = proposed(server, FFE)
    first = harvest(source)
    assert (first.counts["seen"], first.counts["created"]) == (303, 150)
    assert SourceRecord.objects.filter(raw__1__isnull=False).count() == 22
    assert max(len(r.raw) for r in SourceRecord.objects.all()) == 25
    assert Innovation.objects.filter(status=Status.PUBLISHED).count() >= 149
    links = set(Citation.objects.values_list("url", "is_record_page"))
    assert links == {(source.partner.website, False)}
    recognised = VocabularyEntry.objects.filter(is_automatic=True).count()
    assert recognised >= 0.9 * VocabularyEntry.objects.count()
    sites = [s for r in SourceRecord.objects.all() for s in r.sites]
    assert {s["code"][:3] for s in sites} & {"971", "972", "973", "974", "976"}
    assert any("contraires" in s["note"] for s in sites)
    second = harvest(source)
    assert (second.counts["created"], second.counts["updated"]) == (0, 0)


@collected
def test_the_third_places_of_pays_de_la_loire(server: SamplesServer) -> None:
    source = proposed(server, THIRD_PLACES)
    first = harvest(source)
    assert (first.counts["seen"], first.counts["created"], first.counts["rejected"]) == (
        124,
        124,
        0,
    )
    sites = [s for r in SourceRecord.objects.all() for s in r.sites]
    assert sum(s["confidence"] >= 0.9 for s in sites) >= 0.95 * len(sites)
    second = harvest(source)
    assert (second.counts["created"], second.counts["updated"]) == (0, 0)
    source.record_type = "acteur"
    source.save()
    harvest(source)
    assert not Innovation.objects.published().exists()
    assert SourceRecord.objects.count() == 124
