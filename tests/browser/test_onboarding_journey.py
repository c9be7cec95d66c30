"""A source on board in a browser: from a pasted address to public records; the editor live."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from carrefour.demo.server import SamplesServer
from innovations.models import Innovation
from partners.models import Alert, Run, RunState, Source
from tests.factories import PartnerFactory

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
def said(page: Page) -> list[str]:
    """What the console complains of: nothing may be refused by the Content-Security-Policy."""
    found: list[str] = []
    page.on(
        "console",
        lambda message: (
            message.type in {"error", "warning"} and found.append(f"{page.url} {message.text}")
        ),
    )
    page.on("pageerror", lambda error: found.append(f"{page.url} {error}"))
    return found


def look(page: Page, name: str) -> None:
    """Keep a picture of the page, desktop and telephone, where CARREFOUR_SHOTS says: those of
    docs/images are « onboarding-2 » (gestion-source-reconnue) and « editeur »
    (gestion-correspondance).
    """
    if folder := os.environ.get("CARREFOUR_SHOTS"):
        for suffix, width, height in (("", 1280, 900), ("-mobile", 390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=Path(folder) / f"{name}{suffix}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})


def fits(page: Page) -> bool:
    """Whether nothing is wider than a telephone."""
    page.set_viewport_size({"width": 390, "height": 844})
    found = bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def check(page: Page, axe: AXE, name: str) -> None:
    axe(page)
    look(page, name)
    assert fits(page), page.url


def test_a_pasted_address_becomes_public_records(
    *,
    live_server: LiveServer,
    page: Page,
    axe: AXE,
    log_in: LOG_IN,
    said: list[str],
    roles: SimpleNamespace,
    worker: object,
    samples: SamplesServer,
) -> None:
    """Four steps, a preview that follows, a real worker, and the records on line."""
    partner = PartnerFactory(
        name="Réseaux (exemple)",
        website=f"{samples.url}/reseaux-exemple/",
        charter_signed_on="2026-01-15",
    )
    log_in(roles.administrator)
    page.goto(f"{live_server.url}/gestion/ajouter-une-source/")
    check(page, axe, "onboarding-1")
    page.get_by_label("Partenaire", exact=True).select_option(partner.slug)
    page.get_by_label("Adresse à moissonner").fill(f"{samples.url}/reseaux-exemple/projets.csv")
    page.get_by_role("button", name="Lire et continuer").click()

    expect(page.get_by_text("Étape 2 sur 4")).to_be_visible()
    expect(page.get_by_role("radio", name="Tableur")).to_be_checked()
    check(page, axe, "onboarding-2")
    page.get_by_role("button", name="Continuer").click()

    expect(page.get_by_text("Étape 3 sur 4")).to_be_visible()
    check(page, axe, "onboarding-3")
    page.locator("#champ-title > summary").click()
    check(page, axe, "onboarding-3-titre")
    page.get_by_role("button", name="Enregistrer et continuer").click()

    expect(page.get_by_text("Étape 4 sur 4")).to_be_visible()
    page.get_by_label("Nom de la source").fill("Projets accompagnés")
    page.get_by_label("Licence").select_option("etalab-2.0")
    check(page, axe, "onboarding-4")
    page.get_by_role("button", name="Moissonner maintenant").click()
    expect(page.get_by_role("heading", name="Moissonnage du")).to_be_visible()
    for _ in range(60):
        if Run.objects.get().finished_at:
            break
        page.wait_for_timeout(500)
    run = Run.objects.get()
    assert run.state in {RunState.DONE, RunState.DONE_WITH_ERRORS}, run.message
    assert run.counts["created"] == Innovation.objects.count() > 0
    source = Source.objects.get()
    assert (source.name, source.is_active) == ("Projets accompagnés", True)
    assert Alert.objects.get().user == roles.administrator
    assert said == []


def test_the_preview_follows_what_is_typed(
    *,
    live_server: LiveServer,
    page: Page,
    axe: AXE,
    log_in: LOG_IN,
    said: list[str],
    roles: SimpleNamespace,
    samples: SamplesServer,
) -> None:
    log_in(roles.moderator)
    page.goto(f"{live_server.url}/gestion/partenaires/{roles.partner.slug}/sources/ajouter/")
    page.get_by_label("Adresse à moissonner").fill(f"{samples.url}/reseaux-exemple/projets.csv")
    page.get_by_role("button", name="Lire et continuer").click()
    page.get_by_role("button", name="Continuer").click()
    preview = page.locator("#apercu")
    expect(preview.locator(".bo-record").first).to_be_visible()
    rules = Source.objects.get().mapping

    # A column changed: the preview and the card follow, nothing is saved, the focus stays.
    card = page.locator("#champ-title")
    card.locator("summary").click()
    column = card.get_by_label("Colonne du partenaire")
    column.focus()
    column.select_option("")
    expect(preview).to_contain_text("La correspondance ne dit pas où est le titre des fiches.")
    column.select_option(next(r["path"] for r in rules if r["target"] == "title"))
    expect(preview.locator(".bo-record").first).to_be_visible()
    expect(column).to_be_focused()

    # An operation added by its button: the card stays open, what is typed shows at once.
    card.get_by_label("Ce qu’on lui fait").select_option("prefix")
    card.get_by_role("button", name="Ajouter ce traitement à Titre").click()
    prefix = card.get_by_label("Texte à ajouter devant")
    expect(prefix).to_be_focused()
    prefix.press_sequentially("Projet : ")
    expect(preview.locator(".bo-record__title").first).to_contain_text("Projet : ")
    expect(card.locator(".bo-examples")).to_contain_text("Projet : ")
    check(page, axe, "editeur")
    with page.expect_response(lambda response: response.url.endswith("/correspondance/")):
        prefix.press("Enter")
    page.wait_for_timeout(300)
    expect(preview.locator(".bo-record__title").first).to_contain_text("Projet : ")
    assert Source.objects.get().mapping == rules

    # A failing network takes nothing away of what was typed.
    page.route("**/correspondance/**", lambda route: route.abort())
    prefix.fill("Projet : !")
    expect(page.get_by_text("La page n’a pas pu être mise à jour")).to_be_visible()
    expect(prefix).to_have_value("Projet : !")
    page.unroute("**/correspondance/**")
    prefix.fill("Projet : ")
    expect(page.get_by_text("La page n’a pas pu être mise à jour")).to_be_hidden()
    said.clear()

    # A faulty expression is told on its card.
    card.get_by_label("Ce qu’on lui fait").select_option("regex")
    card.get_by_role("button", name="Ajouter ce traitement à Titre").click()
    card.get_by_label("Expression régulière", exact=True).fill("(")
    expect(preview).to_contain_text("Une règle est à corriger")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_text("Expression régulière illisible.")).to_be_visible()
    check(page, axe, "editeur-faute")
    card.get_by_role("button", name="Retirer : Extraire par une expression régulière").click()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_text("Étape 4 sur 4")).to_be_visible()
    title = next(r for r in Source.objects.get().mapping if r["target"] == "title")
    assert title["transforms"] == [{"op": "prefix", "value": "Projet : "}]
    assert said == []


def test_the_pages_around_a_source_are_accessible(
    *,
    live_server: LiveServer,
    page: Page,
    axe: AXE,
    log_in: LOG_IN,
    said: list[str],
    roles: SimpleNamespace,
    samples: SamplesServer,
    tmp_path: Path,
) -> None:
    """Files, access, versions, set-up, and the first step with everything wrong."""
    log_in(roles.moderator)
    start = f"{live_server.url}/gestion/partenaires/{roles.partner.slug}/sources/ajouter/"
    page.goto(start)
    page.get_by_role("button", name="Lire et continuer").click()
    expect(
        page.get_by_text("Donnez l’adresse à moissonner, ou déposez un fichier.")
    ).to_be_visible()
    check(page, axe, "onboarding-1-faute")
    file = tmp_path / "projets 2026.csv"
    file.write_text("Titre du projet;Résumé;Commune\nAtelier;Réparer ensemble.;Lormes\n")
    page.get_by_text("déposer un fichier", exact=False).first.click()
    page.locator("#id_file").set_input_files(file)
    page.get_by_text("Cette source demande un accès").click()
    check(page, axe, "onboarding-1-ouverte")
    page.get_by_role("button", name="Lire et continuer").click()
    expect(page.get_by_text("Étape 2 sur 4")).to_be_visible()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_role("button", name="Mettre en ligne sans moissonner").click()
    expect(page.get_by_text("La source est en ligne")).to_be_visible()
    slug = Source.objects.get().slug
    for name, path in {
        "fichiers": "fichiers/",
        "acces": "acces/",
        "versions": "correspondance/versions/",
        "source-modifier": "modifier/",
        "correspondance": "correspondance/",
        "source": "",
    }.items():
        page.goto(f"{live_server.url}/gestion/sources/{slug}/{path}")
        check(page, axe, name)
    assert said == []


def test_without_javascript_the_four_steps_and_the_editor_work(
    *,
    live_server: LiveServer,
    browser: object,
    log_in: LOG_IN,
    page: Page,
    roles: SimpleNamespace,
    samples: SamplesServer,
) -> None:
    log_in(roles.moderator)
    cookies = page.context.cookies()
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    context.add_cookies(cookies)
    plain = context.new_page()
    plain.goto(f"{live_server.url}/gestion/partenaires/{roles.partner.slug}/sources/ajouter/")
    plain.get_by_label("Adresse à moissonner").fill(f"{samples.url}/reseaux-exemple/projets.csv")
    plain.get_by_role("button", name="Lire et continuer").click()
    plain.get_by_role("button", name="Continuer").click()
    plain.locator("#champ-title > summary").click()
    card = plain.locator("#champ-title")
    card.get_by_label("Ce qu’on lui fait").select_option("prefix")
    card.get_by_role("button", name="Ajouter ce traitement à Titre").click()
    card.get_by_label("Texte à ajouter devant").fill("Projet : ")
    card.get_by_label("Texte à ajouter devant").press("Enter")
    expect(plain.locator(".bo-record__title").first).to_contain_text("Projet : ")
    plain.get_by_role("button", name="Enregistrer et continuer").click()
    plain.get_by_role("button", name="Mettre en ligne sans moissonner").click()
    expect(plain.get_by_text("La source est en ligne")).to_be_visible()
    context.close()
    assert Source.objects.get().is_active
