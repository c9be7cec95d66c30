"""Following replications, answering on results, reading the dashboard: in a real browser, seen by
axe, at 375 px, with the keyboard, without JavaScript."""

import datetime
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from carrefour.accounts.models import User
from essaimage import asking, dates
from essaimage.models import FollowUp
from tests.browser.fitting import fits
from tests.factories import (
    FactsFactory,
    FollowingFactory,
    FollowUpFactory,
    InnovationFactory,
    ObstacleFactory,
    PartyFactory,
    ReplicationFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Check = Callable[[Page], None]
LogIn = Callable[[object], None]
PHONE = {"width": 375, "height": 800}
WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def world(transactional_db: None) -> SimpleNamespace:
    """A replication begun three months and a day ago, whose declarer is to be asked."""
    began = dates.months_after(timezone.localdate(), -3) - datetime.timedelta(1)
    innovation = InnovationFactory(published=True, title="Ressourcerie du bourg")
    replication = ReplicationFactory(
        innovation=innovation,
        code="ressourcerie-treguier",
        territory=TerritoryFactory(name="Tréguier"),
        state="en-cours",
        journal={"en-cours": began.isoformat()},
    )
    party = PartyFactory(replication=replication, confirms=True)
    ObstacleFactory(replication=replication)
    return SimpleNamespace(innovation=innovation, replication=replication, party=party)


def mailed(live_server: Any, part: str) -> str:
    """The address on the live server that the letter gives."""
    path = re.findall(rf"https?://[^/\s]+(/\S*{part}\S*)", mail.outbox[-1].body)[-1]
    return f"{live_server.url}{path}"


def both_sizes(page: Page, axe: Check) -> None:
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        axe(page)
        assert fits(page), page.url


def test_a_side_answers_and_the_page_shows_it(
    page: Page, live_server: Any, axe: Check, world: SimpleNamespace
) -> None:
    asking.plan()
    assert asking.ask(FollowUp.objects.get(months=3).pk)
    page.goto(mailed(live_server, "resultats"))
    both_sizes(page, axe)
    page.get_by_role("radio", name="L’effet est constaté en partie").check(force=True)
    page.get_by_label("Quelle est la solidité de ce constat").select_option("forte")
    page.get_by_role("checkbox", name="Des témoignages").check(force=True)
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_role("alert")).to_contain_text("Une solidité forte repose")
    both_sizes(page, axe)
    page.get_by_role("checkbox", name="Une évaluation par un tiers").check(force=True)
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_role("heading", name="C’est enregistré, merci")).to_be_visible()
    axe(page)
    facts = world.replication.facts.get()
    facts.publication = "publiee"
    facts.save()
    FactsFactory(
        replication=world.replication, months=0, effect="trop-tot", strength="", reasons=[]
    )
    page.get_by_role("link", name="Voir la page de la reprise").click()
    expect(page.get_by_role("heading", name="Cela a-t-il marché de nouveau")).to_be_visible()
    expect(page.get_by_role("img", name="Effets constatés au fil des mois")).to_be_visible()
    both_sizes(page, axe)
    page.goto(f"{live_server.url}{world.innovation.get_absolute_url()}")
    expect(page.get_by_text("1 constate l’effet en partie")).to_be_visible()


def test_the_mails_are_stopped_with_the_keyboard(
    page: Page, live_server: Any, axe: Check, world: SimpleNamespace
) -> None:
    asking.plan()
    asking.ask(FollowUp.objects.get(months=3).pk)
    page.goto(mailed(live_server, "arreter"))
    both_sizes(page, axe)
    page.get_by_role("button", name="Arrêter ces courriels").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="C’est arrêté")).to_be_visible()
    axe(page)


def test_a_replication_is_followed_from_its_page(
    page: Page, live_server: Any, axe: Check, log_in: LogIn, world: SimpleNamespace
) -> None:
    log_in(UserFactory(email="accompagnateur@example.org"))
    page.goto(f"{live_server.url}/mes-reprises/")
    both_sizes(page, axe)
    page.goto(f"{live_server.url}{world.replication.get_absolute_url()}")
    page.get_by_role("link", name="Suivre cette reprise").click()
    both_sizes(page, axe)
    page.get_by_role("button", name="Suivre").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Prochaine action").fill("Appeler la mairie")
    page.get_by_label("Pour le").fill("2024-01-31")
    page.get_by_label("Vos notes").fill("Le local est trouvé.")
    both_sizes(page, axe)
    page.get_by_role("button", name="Enregistrer").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("En retard")).to_be_visible()
    expect(page.get_by_text("Le local est trouvé.")).to_be_visible()
    both_sizes(page, axe)
    with page.expect_download() as told:
        page.get_by_role("link", name="Ma liste (CSV)").click()
    assert told.value.suggested_filename == "mes-reprises-suivies.csv"

    other = ReplicationFactory(state="en-preparation", journal={"en-preparation": "2015-03"})
    ObstacleFactory(replication=other, authority="Conseil municipal")
    FollowingFactory(user=User.objects.get(), replication=other)
    page.reload()
    expect(page.get_by_role("heading", name="En un coup d’œil")).to_be_visible()
    both_sizes(page, axe)


def test_the_list_needs_no_javascript(
    browser: Browser, live_server: Any, world: SimpleNamespace
) -> None:
    from django.conf import settings
    from django.test import Client

    following = FollowingFactory(replication=world.replication, note="Une note.")
    client = Client()
    client.force_login(following.user, backend="django.contrib.auth.backends.ModelBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/mes-reprises/")
    page.get_by_role("link", name="Noter, prévoir, retirer").click()
    page.get_by_label("Prochaine action").fill("Écrire au réseau")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Écrire au réseau")).to_be_visible()
    page.get_by_role("link", name="Noter, prévoir, retirer").click()
    page.get_by_role("button", name="Retirer de ma liste").click()
    expect(page.get_by_text("Vous ne suivez aucune reprise")).to_be_visible()
    context.close()


def test_the_officer_reads_the_board_asks_and_publishes(
    page: Page, live_server: Any, axe: Check, log_in: LogIn, world: SimpleNamespace, roles: Any
) -> None:
    other = PartyFactory(replication=world.replication, porteur=True)
    old = ReplicationFactory(state="envisagee", journal={"envisagee": "2019"})
    FollowUpFactory(party=PartyFactory(replication=old, contests=True), months=3)
    waiting = FactsFactory(
        replication=world.replication, told_by="repreneur", publication="a-relire"
    )
    log_in(roles.essaimage_officer)
    page.goto(f"{live_server.url}/gestion/essaimage/")
    both_sizes(page, axe)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.get_by_role("button", name="Demander un avis").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Courriel envoyé à {other.name}")).to_be_visible()
    assert mail.outbox[-1].to == [other.email]
    page.get_by_role("link", name="Résultats en trois faits").first.click()
    both_sizes(page, axe)
    page.goto(f"{live_server.url}/gestion/essaimage/resultats/{waiting.pk}/")
    both_sizes(page, axe)
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_text(re.compile(r"\u00a0: publiés\."))).to_be_visible()
    add = f"/gestion/essaimage/resultats/ajouter/?reprise={world.replication.code}"
    page.goto(f"{live_server.url}{add}")
    both_sizes(page, axe)
    page.goto(f"{live_server.url}/gestion/essaimage/accompagnateurs/inviter/")
    both_sizes(page, axe)
