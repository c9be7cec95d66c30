"""The partner space, the second factor and the pictures, in a real browser, checked by axe."""

from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.urls import reverse
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from carrefour.images import converted
from innovations.models import Picture, PictureState
from partners import invitations
from partners.models import Partner
from tests.browser.fitting import WIDTHS, fits
from tests.factories import (
    CitationFactory,
    InnovationFactory,
    SourceFactory,
    SourceRecordFactory,
    UserFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def drawing(width: int, height: int) -> bytes:
    picture = Image.new("RGB", (width, height), (0, 0, 145))
    ImageDraw.Draw(picture).ellipse((width // 4, height // 4, width // 2, height // 2), "white")
    output = BytesIO()
    picture.save(output, "PNG")
    return output.getvalue()


@pytest.fixture
def space(roles: SimpleNamespace) -> Partner:
    """A partner with a logo, records more or less complete, a colleague and an invitation."""
    partner = roles.partner
    (logo,) = converted(drawing(800, 300), [(480, 240)], 40)
    Partner.objects.filter(pk=partner.pk).update(logo=logo.content, logo_digest=logo.digest)
    source = SourceFactory(partner=partner)
    for number in range(3):
        values = {"title": f"Atelier {number}", "summary": "Des habitants réparent."}
        SourceRecordFactory(source=source, values=values, sites=[{"label": "Lormes"}])
    SourceRecordFactory(source=source, state="a-completer", values={"title": "Jardin"}, url="")
    invitations.invite(partner, "collegue@example.org", roles.partner_member)
    partner.refresh_from_db()
    return partner


@pytest.fixture
def visit(
    page: Page, live_server: object, log_in: Callable[[object], None], roles: SimpleNamespace
) -> Callable[[str], Page]:
    """Open an address as a member of the partner."""
    log_in(roles.partner_member)

    def visit(address: str) -> Page:
        page.goto(live_server.url + address)  # type: ignore[attr-defined]
        return page

    return visit


@pytest.mark.parametrize("name", ["partner", "presentation", "charter", "people", "completeness"])
def test_the_pages_of_a_partner_are_accessible(
    visit: Callable[[str], Page], axe: Callable[[Page], None], space: Partner, name: str
) -> None:
    page = visit(reverse(f"backoffice:{name}", args=[space.slug]))
    expect(page.locator("h1")).to_be_visible()
    axe(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert fits(page), width


def test_an_invited_person_joins(
    page: Page,
    live_server: object,
    axe: Callable[[Page], None],
    roles: SimpleNamespace,
    space: Partner,
    mailoutbox: list,
) -> None:
    invitations.invite(space, "nouveau@example.org", roles.partner_member)
    link = next(line for line in mailoutbox[-1].body.splitlines() if "/gestion/invitation/" in line)
    page.goto(live_server.url + link.partition("testserver")[2])  # type: ignore[attr-defined]
    axe(page)
    page.get_by_label("Votre nom").fill("Chargé de veille")
    page.get_by_label("Mot de passe", exact=False).first.fill("une-phrase-assez-longue-42")
    page.get_by_label("Mot de passe, encore une fois").fill("une-phrase-assez-longue-42")
    page.get_by_role("button", name="Créer le compte").click()
    expect(page.locator("h1")).to_contain_text(space.name)
    axe(page)


def test_enrolling_is_accessible(
    page: Page,
    live_server: object,
    log_in: Callable[[object], None],
    axe: Callable[[Page], None],
) -> None:
    log_in(UserFactory(display_name="Modérateur"))
    page.goto(live_server.url + reverse("accounts:enrol"))  # type: ignore[attr-defined]
    expect(page.locator(".carrefour-qr svg")).to_be_visible()
    axe(page)
    page.locator("#id_code").fill("000000")
    page.get_by_role("button", name="Inscrire").click()
    expect(page.get_by_text("Ce code n’est pas le bon")).to_be_visible()


@pytest.fixture
def pictured(db: None) -> Picture:
    full, thumbnail = converted(drawing(1600, 1000), [(960, 1440), (320, 480)], 80)
    record = SourceRecordFactory()
    innovation = InnovationFactory(published=True, title="Atelier illustré", cited=record)
    InnovationFactory(published=True, title="Atelier sans image")
    CitationFactory(innovation=InnovationFactory(published=True), record=record)
    return Picture.objects.create(
        innovation=innovation,
        source_record=record.pk,
        source_url="https://plateforme.exemple.fr/p.png",
        partner_name=record.source.partner.name,
        licence="etalab-2.0",
        state=PictureState.COPIED,
        content=full.content,
        width=full.width,
        height=full.height,
        digest=full.digest,
        thumbnail=thumbnail.content,
        thumbnail_width=thumbnail.width,
        thumbnail_height=thumbnail.height,
    )


@pytest.mark.parametrize("where", ["record", "search"])
def test_a_picture_is_shown_and_comes_from_here(
    page: Page, live_server: object, axe: Callable[[Page], None], pictured: Picture, where: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = pictured.innovation.get_absolute_url() if where == "record" else "/recherche/"
    page.goto(live_server.url + address)  # type: ignore[attr-defined]
    picture = page.locator("img[src*='.webp']").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth") in {960, 320}
    assert not [url for url in asked if not url.startswith((live_server.url, "data:"))]  # type: ignore[attr-defined]
    axe(page)
