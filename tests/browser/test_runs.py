"""Following a harvest and looking after sources in a browser: live, accessible, on a telephone."""

import datetime
import json
import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from partners.models import RejectedRow, Run, RunState, Source, SourceRecord
from partners.models.run import no_counts
from tests.factories import RunFactory, SourceFactory, SourceRecordFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Callable[[Page], None]
LOG_IN = Callable[[object], None]
PAGES = 6
PER_PAGE = 20
MAPPING = [
    {"target": "external_id", "path": "id"},
    {"target": "title", "path": "titre"},
    {"target": "summary", "path": "resume"},
]


class SlowApi:
    """An API in pages that announces its total; each page but the first waits to be let go."""

    def __init__(self, server: HTTPServer) -> None:
        self.may_go_on = threading.Event()
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        server.expect_request("/projets").respond_with_handler(self.answer)
        self.url = server.url_for("/projets")

    def answer(self, request: Request) -> Response:
        page = int(request.args.get("page", 1))
        if page > 2:
            self.may_go_on.wait(20)
        first = (page - 1) * PER_PAGE
        rows = [
            {
                "id": n,
                "titre": f"Atelier de réparation numéro {n}" if n % 10 else "",
                "resume": "Des habitants réparent ensemble les objets du quotidien.",
            }
            for n in range(first, first + PER_PAGE)
            if page <= PAGES
        ]
        body = {"total": PAGES * PER_PAGE, "results": rows}
        return Response(json.dumps(body), content_type="application/json")


@pytest.fixture
def slow(roles: SimpleNamespace, worker: object, httpserver: HTTPServer) -> SimpleNamespace:
    """A source whose API is slow, a worker to read it and a moderator to watch."""
    api = SlowApi(httpserver)
    source = SourceFactory(
        partner=roles.partner,
        name="Projets",
        url=api.url,
        connector="json",
        options={"path": "results", "page_param": "page", "total": "total"},
        mapping=MAPPING,
    )
    return SimpleNamespace(api=api, source=source, moderator=roles.moderator)


def test_a_harvest_is_followed_live_to_its_end_and_what_to_do_next(
    live_server: LiveServer, page: Page, axe: AXE, log_in: LOG_IN, slow: SimpleNamespace
) -> None:
    log_in(slow.moderator)
    page.goto(f"{live_server.url}/gestion/sources/{slow.source.slug}/")
    page.get_by_role("button", name="Moissonner maintenant").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    # Lines of the journal arrive by themselves, without the page being asked again.
    expect(page.locator(".bo-event").first).to_be_visible(timeout=20_000)
    axe(page)
    slow.api.may_go_on.set()
    expect(page.get_by_role("heading", name="Ce qu’il reste à faire")).to_be_visible(timeout=30_000)
    axe(page)
    run = Run.objects.get()
    assert run.state == RunState.DONE_WITH_ERRORS
    assert (run.counts["seen"], run.counts["rejected"]) == (120, 12)
    page.get_by_role("button", name="Journal").click()
    expect(page.locator(".bo-event").last).to_be_visible()
    page.get_by_role("link", name="Voir les refus et leurs motifs").click()
    expect(page.get_by_role("heading", name="12 lignes refusées, par motif")).to_be_visible()
    axe(page)


def test_a_harvest_is_stopped_from_its_page(
    live_server: LiveServer, page: Page, log_in: LOG_IN, slow: SimpleNamespace
) -> None:
    log_in(slow.moderator)
    page.goto(f"{live_server.url}/gestion/sources/{slow.source.slug}/")
    page.get_by_role("button", name="Moissonner maintenant").click()
    page.get_by_role("button", name="Arrêter").click()
    expect(page.get_by_text("Arrêt demandé : le lot")).to_be_visible()
    slow.api.may_go_on.set()
    expect(page.get_by_role("button", name="Moissonner à nouveau")).to_be_visible(timeout=30_000)
    assert Run.objects.get().state == RunState.CANCELLED


@pytest.fixture
def world(roles: SimpleNamespace) -> SimpleNamespace:
    """A source that fails, one whose records vanished, one with refusals, one that does well."""
    failing, held, refused, fine = (
        SourceFactory(partner=roles.partner, name=name, mapping=MAPPING)
        for name in ("Flux", "Annuaire", "Tableau", "Fiches d’expérience")
    )
    now = timezone.now()
    for source in (failing, held, refused, fine):
        for day in range(9, 0, -1):
            at = now - datetime.timedelta(days=day)
            run = RunFactory(
                source=source, state=RunState.DONE, present=200 + day * (-1) ** day,
                finished_at=at, counts=no_counts() | {"seen": 210, "unchanged": 208, "rejected": 2},
            )  # fmt: skip
            Run.objects.filter(pk=run.pk).update(created_at=at)
    failed = RunFactory(source=failing, state=RunState.FAILED, message="Le site ne répond pas.")
    active = RunFactory(
        source=fine, state=RunState.RUNNING, expected=10_000, started_at=now, attempt=2,
        counts=no_counts() | {"seen": 2_600, "created": 2_600},
        events=[{"at": now.isoformat(), "level": "attention", "text": "Le site fait attendre."}],
    )  # fmt: skip
    missing = SourceRecordFactory(source=held, seen_at=now - datetime.timedelta(days=8))
    Source.objects.filter(pk=held.pk).update(
        held_back={"run": run.pk, "missing": 1, "total": 2, "since": now.isoformat()}
    )
    for n in range(3):
        RejectedRow.objects.create(
            source=refused, run=failed, fingerprint=f"r{n}", position=f"ligne {n}",
            raw=[{"Titre": "", "Lien": "https://exemple.fr/" + "x" * 200, "a": 1, "b": 2, "c": 3,
                  "d": 4}],
            errors=[{"field": "title", "code": "absent", "message": "La fiche n’a pas de titre."}],
        )  # fmt: skip
    return SimpleNamespace(
        **vars(roles), failing=failing, held=held, refused=refused, active=active, failed=failed,
        missing=missing,
    )  # fmt: skip


def addresses(world: SimpleNamespace) -> list[str]:
    return [
        "/gestion/",
        "/gestion/sante/",
        "/gestion/sante/?programmes=1",
        "/gestion/moissonnages/",
        f"/gestion/moissonnages/{world.active.pk}/",
        f"/gestion/moissonnages/{world.failed.pk}/",
        f"/gestion/moissonnages/{world.failed.pk}/refus/",
        f"/gestion/sources/{world.failing.slug}/",
        f"/gestion/sources/{world.held.slug}/",
        f"/gestion/sources/{world.held.slug}/retraits/",
        f"/gestion/sources/{world.refused.slug}/refus/?champ=title&motif=absent",
        f"/gestion/partenaires/{world.partner.slug}/refus/",
    ]


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible_silent_and_fits(
    width: int,
    live_server: LiveServer,
    page: Page,
    log_in: LOG_IN,
    axe: AXE,
    world: SimpleNamespace,
) -> None:
    said: list[str] = []
    page.on(
        "console",
        lambda message: (
            message.type in {"error", "warning"} and said.append(f"{page.url} {message.text}")
        ),
    )
    page.set_viewport_size({"width": width, "height": 844})
    log_in(world.moderator)
    for address in addresses(world):
        assert page.goto(live_server.url + address).status == 200, address
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
    assert said == []


def test_withdrawals_are_decided_in_three_clicks(
    live_server: LiveServer, page: Page, axe: AXE, log_in: LOG_IN, world: SimpleNamespace
) -> None:
    log_in(world.moderator)
    page.goto(f"{live_server.url}/gestion/sante/?besoin=retraits")
    page.get_by_role("link", name="Voir : Retraits à décider, Annuaire").click()
    page.get_by_role("button", name="Retirer ces fiches").click()
    axe(page)
    page.get_by_role("button", name="Retirer", exact=True).click()
    expect(page.get_by_text("1 fiche retirée.")).to_be_visible()
    assert not SourceRecord.objects.present().filter(pk=world.missing.pk).exists()


def test_the_state_of_the_programs_arrives_by_itself(
    live_server: LiveServer, page: Page, log_in: LOG_IN, worker: object, roles: SimpleNamespace
) -> None:
    SourceFactory()
    log_in(roles.moderator)
    page.goto(f"{live_server.url}/gestion/sante/")
    expect(page.get_by_text("1 programme en service")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Moissonnages : rien n’attend")).to_be_visible()


def test_one_asks_to_be_warned_and_stops_from_the_source(
    live_server: LiveServer, page: Page, log_in: LOG_IN, roles: SimpleNamespace
) -> None:
    source = SourceFactory(partner=roles.partner)
    log_in(roles.partner_member)
    page.goto(f"{live_server.url}/gestion/sources/{source.slug}/")
    page.get_by_role("button", name="Me prévenir par courriel").click()
    expect(page.get_by_text("Vous serez prévenu par courriel")).to_be_visible()
    page.get_by_role("button", name="Ne plus me prévenir").click()
    expect(page.get_by_role("button", name="Me prévenir par courriel")).to_be_visible()
