"""The back-office in a browser: accessible pages, and a partner on board from end to end."""

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from carrefour.demo.server import SamplesServer
from innovations.models import BulkAction, Innovation, Status
from partners.models import (
    Objection,
    ObjectionState,
    RejectedRow,
    Run,
    RunState,
    Source,
    VocabularyEntry,
)
from tests.browser.fitting import WIDTHS, fits
from tests.factories import (
    CitationFactory,
    InnovationFactory,
    RunFactory,
    SourceFactory,
    SourceRecordFactory,
    TermFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Callable[[Page], None]
LOG_IN = Callable[[object], None]


@pytest.fixture
def samples() -> Iterator[SamplesServer]:
    """The sample partner sites, over real HTTP."""
    server = SamplesServer(0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def world(roles: SimpleNamespace) -> SimpleNamespace:
    """One of everything that the pages show."""
    mapping = [
        {"target": "title", "path": "Titre du projet"},
        {"target": "themes", "path": "Thèmes", "transforms": [{"op": "split"}]},
        {"target": "licence", "default": "etalab-2.0"},
    ]
    source = SourceFactory(partner=roles.partner, name="Fiches d’expérience", mapping=mapping)
    run = RunFactory(
        source=source,
        state=RunState.DONE_WITH_ERRORS,
        requested_by=roles.moderator,
        counts={
            "seen": 4,
            "created": 3,
            "updated": 0,
            "unchanged": 0,
            "withdrawn": 0,
            "rejected": 1,
        },
        warnings=["Une adresse est commune à plusieurs fiches."],
        requests=[{"url": source.url, "status": 200, "bytes": 5120, "ms": 84}],
    )
    failed = RunFactory(
        source=SourceFactory(name="Flux"), state=RunState.FAILED, message="Le site ne répond pas."
    )
    record = SourceRecordFactory(
        source=source,
        raw=[{"Titre du projet": "Atelier de réparation", "Thèmes": "Récup ; Lien social"}],
        values={
            "title": "Atelier de réparation",
            "porteur": {"name": "Association d’exemple"},
            "words": {"theme": ["Récup", "Lien social"]},
        },
        problems=[{"field": "place", "code": "x", "message": "Un lieu : lieu non reconnu."}],
    )
    innovation = InnovationFactory(status=Status.IN_REVIEW, title="Atelier de réparation")
    CitationFactory(innovation=innovation, record=record)
    source.records.update(innovation=innovation)
    RejectedRow.objects.create(
        source=source,
        run=run,
        fingerprint="f",
        position="ligne 12",
        raw=[{"Titre du projet": "", "Thèmes": "Récup"}],
        errors=[{"field": "title", "code": "x", "message": "La fiche n’a pas de titre."}],
    )
    TermFactory(code="lien-social", label="Lien social")
    VocabularyEntry.objects.create(
        source=source, vocabulary="theme", value="Récup", key="recup", occurrences=2
    )
    asked = {"innovation": innovation, "state": ObjectionState.CONFIRMED}
    return SimpleNamespace(
        **vars(roles),
        source=source,
        run=run,
        failed=failed,
        record=record,
        innovation=innovation,
        release=BulkAction.objects.create(kind="publication", label="Publiées"),
        whole=Objection.objects.create(scope="fiche", **asked),
        datum=Objection.objects.create(scope="donnee", datum="Association d’exemple", **asked),
        settled=Objection.objects.create(
            scope="fiche", state=ObjectionState.REFUSED, answer="Non."
        ),
    )


def addresses(world: SimpleNamespace) -> list[str]:
    source, partner = world.source.slug, world.partner.slug
    return [
        "/gestion/",
        "/gestion/partenaires/",
        "/gestion/partenaires/ajouter/",
        f"/gestion/partenaires/{partner}/",
        f"/gestion/partenaires/{partner}/modifier/",
        f"/gestion/partenaires/{partner}/sources/ajouter/",
        f"/gestion/sources/{source}/",
        f"/gestion/sources/{source}/modifier/",
        f"/gestion/sources/{source}/correspondance/",
        f"/gestion/sources/{source}/correspondance/versions/",
        f"/gestion/sources/{source}/acces/",
        f"/gestion/sources/{source}/fichiers/",
        "/gestion/ajouter-une-source/",
        f"/gestion/sources/{source}/fiches/",
        f"/gestion/sources/{source}/refus/",
        "/gestion/moissonnages/",
        f"/gestion/moissonnages/{world.run.pk}/",
        f"/gestion/moissonnages/{world.failed.pk}/",
        f"/gestion/fiches/{world.record.pk}/",
        f"/gestion/moissonnages/{world.run.pk}/refus/",
        "/gestion/sante/",
        "/gestion/relecture/",
        f"/gestion/relecture/?source={source}",
        f"/gestion/relecture/sources/{source}/",
        f"/gestion/relecture/publications/{world.release.pk}/annuler/",
        f"/gestion/innovations/{world.innovation.pk}/",
        "/gestion/vocabulaire/",
        "/gestion/oppositions/",
        "/gestion/oppositions/ajouter/",
        f"/gestion/oppositions/{world.whole.pk}/",
        f"/gestion/oppositions/{world.datum.pk}/",
        f"/gestion/oppositions/{world.settled.pk}/",
        "/mot-de-passe/",
    ]


def test_every_page_is_accessible_and_silent(
    live_server: LiveServer, page: Page, log_in: LOG_IN, axe: AXE, world: SimpleNamespace
) -> None:
    """axe-core finds nothing, and nothing is refused by the Content-Security-Policy."""
    said: list[str] = []
    page.on(
        "console",
        lambda message: (
            message.type in {"error", "warning"} and said.append(f"{page.url} {message.text}")
        ),
    )
    page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))
    log_in(world.moderator)
    for address in addresses(world):
        assert page.goto(live_server.url + address).status == 200, address
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
    assert said == []


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_and_their_tables_fit_the_screen(
    live_server: LiveServer, page: Page, log_in: LOG_IN, world: SimpleNamespace, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    log_in(world.moderator)
    for address in addresses(world):
        page.goto(live_server.url + address)
        assert fits(page), address
        for box in page.locator(".fr-table__container").all():
            assert box.get_attribute("tabindex") == "0"
            assert page.locator(f"#{box.get_attribute('aria-labelledby')}").text_content()


def test_public_forms_are_accessible(
    live_server: LiveServer, page: Page, axe: AXE, roles: SimpleNamespace
) -> None:
    innovation = InnovationFactory(published=True)
    for address in (
        "/connexion/",
        "/mot-de-passe/oublie/",
        "/mot-de-passe/oublie/envoye/",
        f"/opposition/?fiche={innovation.slug}",
        "/opposition/",
        "/opposition/envoyee/",
        "/opposition/confirmee/",
    ):
        assert page.goto(live_server.url + address).status == 200, address
        axe(page)
    page.goto(f"{live_server.url}/opposition/")
    page.get_by_role("button", name="Envoyer la demande").click()
    axe(page)


def test_a_partner_on_board_from_log_in_to_public_records(
    live_server: LiveServer,
    page: Page,
    axe: AXE,
    roles: SimpleNamespace,
    worker: object,
    samples: SamplesServer,
) -> None:
    """Log in, add an admitted partner and a source, harvest with a real worker, read the result."""
    page.goto(f"{live_server.url}/gestion/")
    page.get_by_label("Adresse électronique").fill("administrateur@example.org")
    page.get_by_label("Mot de passe").fill("mot-de-passe-de-test")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", name="Tableau de bord")).to_be_visible()

    page.get_by_role("link", name="Partenaires et sources").click()
    page.get_by_role("link", name="Ajouter un partenaire").click()
    page.get_by_label("Nom de la plateforme").fill("Réseaux (exemple)")
    page.get_by_label("Nature").select_option("associatif")
    page.get_by_label("Site web").fill(f"{samples.url}/reseaux-exemple/")
    # Who signed the charter answers for its projects: they are public without review.
    page.get_by_label("Charte signée le").fill("2026-01-15")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Partenaire ajouté.")).to_be_visible()
    page.get_by_role("link", name="Enregistrer l’admission").click()
    page.get_by_label("Décision du collectif").fill("Réunion du 12 janvier 2026")
    page.get_by_role("button", name="Enregistrer l’admission").click()
    expect(page.get_by_text("Étape 3 sur 5")).to_be_visible()

    page.get_by_role("link", name="Ajouter une source").click()
    page.get_by_label("Adresse à moissonner").fill(f"{samples.url}/reseaux-exemple/projets.csv")
    page.get_by_role("button", name="Lire et continuer").click()
    assert Source.objects.get().connector == "spreadsheet"
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Nom de la source").fill("Projets accompagnés")
    page.get_by_label("Licence").select_option("etalab-2.0")
    page.get_by_role("button", name="Moissonner maintenant").click()
    expect(page.get_by_role("heading", name="Moissonnage du")).to_be_visible()
    # The fragment asks for itself until the run is over; then the whole page comes back.
    expect(page.get_by_role("button", name="Moissonner à nouveau")).to_be_visible(timeout=30_000)
    axe(page)
    run = Run.objects.get()
    assert run.state in {RunState.DONE, RunState.DONE_WITH_ERRORS}
    assert run.requested_by == roles.administrator
    assert run.counts["created"] == Innovation.objects.count() > 0
    public = Innovation.objects.published().first()
    assert public is not None
    page.goto(live_server.url + public.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_contain_text(public.title)


def test_without_javascript_a_harvest_can_be_launched_and_read(
    live_server: LiveServer,
    browser: object,
    roles: SimpleNamespace,
    worker: object,
    samples: SamplesServer,
) -> None:
    SourceFactory(
        name="Projets",
        url=f"{samples.url}/reseaux-exemple/projets.csv",
        mapping=[{"target": "title", "path": "Nom du projet"}],
    )
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"{live_server.url}/connexion/?next=/gestion/sources/{Source.objects.get().slug}/")
    page.get_by_label("Adresse électronique").fill("administrateur@example.org")
    page.get_by_label("Mot de passe").fill("mot-de-passe-de-test")
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("button", name="Moissonner maintenant").click()
    for _ in range(30):
        if page.get_by_role("button", name="Moissonner à nouveau").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    assert page.get_by_role("button", name="Moissonner à nouveau").count() == 1
    context.close()


def test_a_datum_is_removed_from_the_form_to_the_page(
    live_server: LiveServer, page: Page, log_in: LOG_IN, roles: SimpleNamespace, mailoutbox: list
) -> None:
    innovation = InnovationFactory(
        published=True, description="<p>Contact : Camille Exemple-Durand.</p>"
    )
    page.goto(f"{live_server.url}/opposition/?fiche={innovation.slug}")
    page.get_by_text("Une donnée de la fiche").click()
    page.get_by_label("Donnée à retirer").fill("Camille Exemple-Durand")
    page.get_by_label("Votre adresse électronique").fill("camille@example.org")
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_role("heading", name="Vérifiez votre messagerie")).to_be_visible()
    link = next(line for line in mailoutbox[0].body.splitlines() if "/opposition/" in line)
    page.goto(live_server.url + link.removeprefix("http://testserver"))
    page.get_by_role("button", name="Confirmer ma demande").click()
    expect(page.get_by_role("heading", name="Demande enregistrée")).to_be_visible()

    log_in(roles.moderator)
    page.goto(f"{live_server.url}/gestion/oppositions/")
    page.get_by_role("link", name="Demande", exact=False).last.click()
    expect(page.get_by_role("cell", name="innovations", exact=True)).to_be_visible()
    page.get_by_text("J’ai relu ce qui sera retiré").click()
    page.get_by_role("button", name="Retirer définitivement").click()
    expect(page.get_by_text("Demande appliquée.")).to_be_visible()
    page.goto(live_server.url + innovation.get_absolute_url())
    expect(page.get_by_text("[donnée retirée]")).to_be_visible()
    assert "Camille" not in page.content()


def test_the_admin_runs_under_the_content_security_policy(
    live_server: LiveServer, page: Page, log_in: LOG_IN, world: SimpleNamespace
) -> None:
    said: list[str] = []
    page.on(
        "console",
        lambda message: message.type == "error" and said.append(f"{page.url} {message.text}"),
    )
    log_in(world.administrator)
    for address in (
        "/admin/",
        "/admin/partners/source/",
        f"/admin/partners/source/{world.source.pk}/change/",
        "/admin/partners/membership/add/",
        "/admin/accounts/user/add/",
        f"/admin/innovations/innovation/{world.innovation.pk}/change/",
    ):
        assert page.goto(live_server.url + address).status == 200, address
    assert said == []
