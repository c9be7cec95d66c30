"""Quality in a real browser: accessible on all screens, worked through with the keyboard."""

import datetime
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from innovations.links import list_links
from innovations.models import Innovation, Link, LinkState
from partners import quality_history
from partners.models import Flag
from partners.publishing import publish_records
from partners.screening import checking
from tests.factories import PartnerFactory, SourceFactory, SourceRecordFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEED = "Réparer coûte souvent plus cher que racheter, et les objets s’entassent dans les caves."
TEXTS = [
    "Des habitants réparent ensemble les objets du quotidien. Camille répond au 06 39 98 12 34.",
    "Un jardin partagé au pied des immeubles ; écrire à camille.exemple@gmail.com pour venir.",
    "À venir",
    "Une épicerie tenue par ses clients, ouverte à tous, au cœur du bourg et pour la […]",
]


@pytest.fixture
def world(roles: SimpleNamespace) -> SimpleNamespace:
    """Two partners measured for some weeks; personal data, poor texts and dead links."""
    sources = [
        SourceFactory(partner=roles.partner, name="Fiches du réseau"),
        SourceFactory(partner=PartnerFactory(name="Réseau des ateliers")),
    ]
    today = timezone.localdate()
    for week in range(8, -1, -1):
        records = [
            SourceRecordFactory(
                source=source,
                values={
                    "title": f"Atelier de réparation n° {week}",
                    "summary": TEXTS[week] if week < len(TEXTS) else TEXTS[0][:57],
                    "website": f"https://atelier-{week}.example.org/",
                    "reproduction": {"need": NEED} if week % 2 else {},
                    "year": 2010 + week,
                },
            )
            for source in sources
        ]
        publish_records(records)
        quality_history.take(today - datetime.timedelta(weeks=week))
    for source in sources:
        checking.check_texts(source.pk)
    list_links()
    since = timezone.now() - datetime.timedelta(days=9)
    dead = Link.objects.filter(url__startswith="https://atelier-7")
    dead.update(
        state=LinkState.DEAD, failing_since=since, failures=3, message="Le site est injoignable"
    )
    Link.objects.filter(url__startswith="https://atelier-5").update(
        state=LinkState.MOVED, moved_to="https://nouveau.example.org/atelier", checked_at=since
    )
    return roles


STAFF = ["quality", "quality_records", "flags", "links"]
PARTNER = ["completeness", "partner_flags", "partner_links"]


@pytest.fixture
def visit(page: Page, live_server: object, log_in: Callable[[object], None]) -> Callable[..., Page]:
    def opened(user: object, name: str, *arguments: object) -> Page:
        log_in(user)
        page.goto(live_server.url + reverse(f"backoffice:{name}", args=arguments))  # type: ignore[attr-defined]
        expect(page.locator("h1")).to_be_visible()
        return page

    return opened


@pytest.mark.parametrize("name", [*STAFF, *PARTNER])
def test_the_pages_are_accessible_on_all_screens(
    name: str,
    world: SimpleNamespace,
    visit: Callable[..., Page],
    axe: Callable[[Page], None],
) -> None:
    user = world.moderator if name in STAFF else world.partner_member
    page = visit(user, name, *([] if name in STAFF else [world.partner.slug]))
    axe(page)
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_flag_is_decided_with_the_keyboard(
    world: SimpleNamespace, visit: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = visit(world.moderator, "flags")
    before = Flag.objects.personal().to_decide().count()
    box = page.get_by_role("checkbox").first
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    page.get_by_role("button", name="C’est public, laisser").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 donnée(s) laissée(s)")).to_be_visible()
    assert Flag.objects.personal().to_decide().count() == before - 1
    axe(page)


def test_the_record_shows_all_of_it(
    world: SimpleNamespace, visit: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    flagged = Flag.objects.personal().select_related("record").first()
    assert flagged is not None
    page = visit(world.moderator, "innovation", flagged.record.innovation_id)
    page.get_by_text("Critère par critère").click()
    axe(page)


def test_the_public_page_tells_how_complete_it_is(
    world: SimpleNamespace, page: Page, live_server: object, axe: Callable[[Page], None]
) -> None:
    dead = Innovation.objects.filter(website="https://atelier-7.example.org/").first()
    assert dead is not None
    page.goto(live_server.url + dead.get_absolute_url())  # type: ignore[attr-defined]
    expect(page.get_by_text("Complétude de la fiche")).to_be_visible()
    expect(page.get_by_text("Lien signalé comme inaccessible depuis")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Comment est calculée la complétude").click()
    axe(page)
