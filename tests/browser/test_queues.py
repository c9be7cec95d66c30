"""Both queues worked through with the keyboard alone, in a real browser."""

from collections.abc import Callable
from itertools import cycle, islice
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from innovations.models import FieldEdit, Innovation, Status
from partners import editing
from partners.consolidation.regrouping import Why, merge
from partners.models import Pair, PairState, Remark, SourceRecord, Verdict
from partners.publishing import publish_records, republish
from tests.browser.fitting import WIDTHS, fits
from tests.factories import SourceFactory, SourceRecordFactory, TerritoryFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Callable[[Page], None]
LOG_IN = Callable[[object], None]
HOUSES = [
    ("Maison France services", "Lormes"),
    ("Espace France services", "Saint-Germain-des-Prés-sur-l’Aubetin"),
    ("France services itinérante", "communauté de communes Cœur de Nièvre"),
    ("Maison de services au public – France services", "Le Mans"),
    ("France services", "Rezé"),
]


def told(title: str, town: str = "44109", **changed: object) -> SourceRecord:
    site = {"kind": "commune", "code": town, "label": "", "confidence": 1.0}
    values = {
        "title": title,
        "summary": f"{title} : des habitants y réparent ensemble les objets du quotidien.",
        "porteur": {"name": "Association du bourg", "legal_form": "association"},
        "year": 2016,
    }
    values |= changed.pop("values", {})
    record = SourceRecordFactory(values=values, sites=[site], **changed)
    publish_records([record])
    record.refresh_from_db()
    return record


def reason(field: str, label: str, similarity: float | None, says: str) -> dict[str, object]:
    return {"field": field, "label": label, "similarity": similarity, "says": says}


@pytest.fixture
def world(roles: SimpleNamespace) -> SimpleNamespace:
    """Three pairs to decide, three records to review, a difference and a remark."""
    for code, name in {"44109": "Nantes", "58145": "Lormes"}.items():
        TerritoryFactory(code=code, name=name)
    hub = told("Atelier de réparation du bourg")
    same = told("L’atelier de réparation du bourg", values={"year": 2017})
    site = told("Atelier de réparation du bourg", town="58145")
    garden, orchard = told("Jardin partagé"), told("Verger partagé", town="58145")
    why = [
        reason("title", "titre", 0.97, "les mêmes mots à un près"),
        reason("organisation", "structure porteuse", 1.0, "Association du bourg"),
        reason("places", "lieux", 0.3, "communes différentes"),
        reason("website", "site web", None, "aucune des deux n’en a"),
    ]
    pairs = [
        Pair.objects.create(
            first=one, second=other, score=score, proposed=Verdict.SAME, explanation=why
        )
        for one, other, score in ((hub, same, 0.97), (hub, site, 0.9), (garden, orchard, 0.6))
    ]
    reviewed = SourceFactory(partner=roles.partner, publishes_directly=False)
    waiting = [told(f"Projet à relire {n}", source=reviewed) for n in range(3)]
    SourceRecord.objects.filter(pk=waiting[0].pk).update(problems=[{"message": "Lieu incertain."}])
    editing.write(garden.innovation, {"title": "Le jardin de tous"}, author=roles.moderator)
    SourceRecord.objects.filter(pk=garden.pk).update(
        values={**garden.values, "title": "Jardin partagé des Lilas"}
    )
    republish([garden.innovation_id])
    return SimpleNamespace(
        **vars(roles), pairs=pairs, waiting=waiting, hub=hub, same=same, garden=garden
    )


def test_the_duplicates_queue_is_worked_through_with_the_keyboard(
    live_server: LiveServer, page: Page, log_in: LOG_IN, axe: AXE, world: SimpleNamespace
) -> None:
    first, second, third = world.pairs
    log_in(world.moderator)
    page.goto(f"{live_server.url}/gestion/rapprochements/")
    axe(page)
    start = page.get_by_role("link", name="Décider, un par un")
    start.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    axe(page)

    # What one writes is not taken for a decision.
    page.get_by_label("Motif").focus()
    page.keyboard.type("Même porteur, madame")
    page.keyboard.press("Tab")
    page.keyboard.press("m")
    expect(page.get_by_text("Annuler cette décision")).to_be_visible()
    first.refresh_from_db()
    assert (first.verdict, first.reason) == (Verdict.SAME, "Même porteur, madame")

    # The next pair has the focus; a mistake is undone at once, and decided again.
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("d")
    page.wait_for_url(f"**/{third.pk}/?fait={second.pk}")
    page.keyboard.press("z")
    page.wait_for_url(f"**/rapprochements/{second.pk}/*")
    expect(page.get_by_text("La décision est annulée")).to_be_visible()
    page.keyboard.press("b")
    page.wait_for_url(f"**/{third.pk}/?fait={second.pk}")

    page.wait_for_function("() => document.documentElement.hasAttribute('data-fr-js')")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_text("Une touche, une décision.")).to_be_visible()
    page.wait_for_timeout(400)
    axe(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("p")
    expect(page.get_by_text("Aucun rapprochement ne répond à ces filtres.")).to_be_visible()
    axe(page)

    states = [Pair.objects.get(pk=pair.pk) for pair in world.pairs]
    assert [(p.state, p.verdict) for p in states] == [
        (PairState.DECIDED, Verdict.SAME),
        (PairState.DECIDED, Verdict.SITE),
        (PairState.LATER, ""),
    ]
    assert Innovation.objects.filter(status=Status.MERGED).count() == 2


def test_the_moderation_queue_is_worked_through_with_the_keyboard(
    live_server: LiveServer, page: Page, log_in: LOG_IN, axe: AXE, world: SimpleNamespace
) -> None:
    oldest, middle, newest = world.waiting
    log_in(world.moderator)
    page.goto(f"{live_server.url}/gestion/relecture/commencer/")
    expect(page.get_by_role("heading", name=str(newest))).to_be_focused()
    axe(page)
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name=str(middle))).to_be_focused()
    page.keyboard.press("r")
    expect(page.get_by_text("le partenaire doit savoir pourquoi")).to_be_visible()
    axe(page)
    page.keyboard.press("3")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name=str(oldest))).to_be_focused()
    page.keyboard.press("d")
    expect(page.get_by_text("Décision précédente : dépubliée")).to_be_visible()
    page.keyboard.press("z")

    def status(record: SourceRecord) -> str:
        return Innovation.objects.get(pk=record.innovation_id).status

    expect(page.get_by_text("Geste défait")).to_be_visible()
    assert [status(r) for r in (newest, middle, oldest)] == [
        Status.PUBLISHED,
        Status.SENT_BACK,
        Status.IN_REVIEW,
    ]


def looks_right(page: Page, axe: AXE) -> None:
    for width in reversed(WIDTHS):
        page.set_viewport_size({"width": width, "height": 844})
        axe(page)
        assert fits(page), width
    page.set_viewport_size({"width": 1280, "height": 844})


@pytest.fixture
def houses(roles: SimpleNamespace) -> list[SourceRecord]:
    """Thirty « France services » of as many towns, told by two platforms, each paired to the
    first."""
    sources = [SourceFactory(publishes_directly=True) for _ in range(2)]
    towns = list(islice(cycle(HOUSES), 30))
    made = [
        SourceRecordFactory(
            source=sources[rank % 3 == 0],
            values={"title": f"{name} de {town}", "summary": "Des démarches au plus près."},
            sites=[{"kind": "commune", "code": f"{rank:05}", "label": town, "confidence": 1.0}],
        )
        for rank, (name, town) in enumerate(towns, start=1)
    ]
    publish_records(made)
    first, *others = SourceRecord.objects.order_by("pk")
    Pair.objects.bulk_create(
        Pair(first=first, second=r, score=0.5, proposed=Verdict.SITE, network="france-services")
        for r in others
    )
    return [first, *others]


def test_a_network_is_decided_with_the_keyboard(
    live_server: LiveServer, page: Page, log_in: LOG_IN, axe: AXE, roles: SimpleNamespace,
    houses: list[SourceRecord],
) -> None:  # fmt: skip
    log_in(roles.moderator)
    page.goto(f"{live_server.url}/gestion/rapprochements/reseaux/")
    looks_right(page, axe)
    page.get_by_role("link", name="France services").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="30 lieux d’un même réseau")).to_be_focused()
    looks_right(page, axe)

    # What takes the focus is not behind the bar of decisions.
    bar = page.locator(".bo-decide")
    for place in page.get_by_role("checkbox").all()[8:]:
        place.focus()
        where, above = place.bounding_box(), bar.bounding_box()
        assert where
        assert above
        assert where["y"] + where["height"] <= above["y"]

    # A place that is none is unticked; what one writes is not taken for a decision.
    last = page.get_by_role("checkbox").last
    last.focus()
    page.keyboard.press("Space")
    expect(last).not_to_be_checked()
    page.get_by_label("Motif").focus()
    page.keyboard.type("Le même label, partout")
    page.wait_for_load_state("load")
    page.keyboard.press("Tab")
    page.keyboard.press("l")
    # Twenty-eight records join another one in turn, then leave it.
    told = page.get_by_role("status").get_by_text("29 lieux")
    expect(told).to_be_visible(timeout=30_000)
    looks_right(page, axe)
    assert Innovation.objects.filter(status=Status.MERGED).count() == 28

    page.wait_for_load_state("load")
    page.keyboard.press("z")
    expect(page.get_by_text("ces lieux attendent de nouveau")).to_be_visible(timeout=30_000)
    assert not Innovation.objects.filter(status=Status.MERGED).exists()
    page.get_by_role("link", name="France services").click()
    expect(page.get_by_role("heading", name="30 lieux d’un même réseau")).to_be_focused()
    # The keys are heard once the scripts are there.
    page.wait_for_load_state("load")
    page.keyboard.press("d")
    told = page.get_by_role("status").get_by_text("distinctes, 30 lieux")
    expect(told).to_be_visible(timeout=30_000)
    assert Pair.objects.settled().filter(verdict=Verdict.DISTINCT).count() == 29


def test_keys_switched_off_decide_nothing(
    live_server: LiveServer, page: Page, log_in: LOG_IN, world: SimpleNamespace
) -> None:
    log_in(world.moderator)
    page.goto(f"{live_server.url}/gestion/rapprochements/{world.pairs[0].pk}/")
    page.get_by_role("button", name="Au clavier").click()
    page.get_by_role("button", name="Désactiver les touches").click()
    expect(page.get_by_role("button", name="désactivé")).to_be_visible()
    page.keyboard.press("m")
    page.wait_for_timeout(300)
    assert not Pair.objects.settled().exists()


def test_the_other_pages_are_accessible(
    live_server: LiveServer, page: Page, log_in: LOG_IN, axe: AXE, world: SimpleNamespace
) -> None:
    merge(world.same.innovation, world.hub.innovation, why=Why(rule="meme-page"))
    Remark.objects.create(record=world.same, text="Ce n’est pas la même.")
    log_in(world.moderator)
    hub, garden = world.hub.innovation_id, world.garden.innovation_id
    assert FieldEdit.objects.differing().exists()
    for path in (
        f"innovations/{hub}/",
        f"innovations/{hub}/sources/",
        f"innovations/{hub}/reunir/?q=jardin",
        f"innovations/{hub}/reunir/{garden}/",
        "differences/",
        "gestes/",
        "remarques/",
        "rapprochements/",
        "rapprochements/regles/",
        "rapprochements/regles/meme-page/",
        f"sources/{world.hub.source.slug}/priorites/",
    ):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(f"{live_server.url}/gestion/{path}")
            axe(page)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, path
    page.goto(live_server.url + world.hub.innovation.get_absolute_url())
    page.get_by_text("D’où vient cette information ?").first.click()
    axe(page)


def test_the_queue_is_decided_without_any_script(
    live_server: LiveServer, browser: object, world: SimpleNamespace
) -> None:
    client = Client()
    client.force_login(world.moderator, backend="django.contrib.auth.backends.ModelBackend")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": live_server.url,
            }
        ]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/gestion/rapprochements/{world.pairs[0].pk}/")
    page.get_by_role("button", name="Distinctes").click()
    page.get_by_role("button", name="Annuler cette décision").click()
    expect(page.get_by_text("La décision est annulée")).to_be_visible()
    context.close()
