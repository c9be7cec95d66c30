"""The walk of the essaimage: found, assessed, taken up twice, an obstacle lifted once for all.

In a real browser, with a real mail server; every gesture is made on the pages, by a visitor
without an account and by the chargé d’essaimage.
"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from essaimage import asking
from essaimage.models import Replication, ReplicationState
from tests.browser.essaimage_walk import FIRST, HOW, PORTEUR, SECOND, Walk
from tests.essaimage.conftest import Postman
from tests.factories import InnovationFactory, OrganisationFactory, TerritoryFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "Ressourcerie du bourg"


@pytest.fixture
def walk(
    page: Page, browser: Browser, live_server: object, postman: Postman, roles: SimpleNamespace,
    log_in: Callable[[object], None],
) -> Walk:  # fmt: skip
    """A record that nobody took up, in a directory of two départements."""
    for code, departement, commune in (
        ("22278", "Côtes-d’Armor", "Saint-Brieuc"),
        ("69123", "Rhône", "Lyon"),
    ):
        within = TerritoryFactory(kind="departement", code=code[:2], name=departement)
        TerritoryFactory(code=code, name=commune, departement=within)
    InnovationFactory(
        published=True,
        title=TITLE,
        organisation=OrganisationFactory(name="Association d’exemple"),
    )
    InnovationFactory(published=True, title="Jardin sur le toit")
    log_in(roles.essaimage_officer)
    return Walk(
        visitor=browser.new_context(locale="fr-FR").new_page(),
        staff=page,
        site=str(live_server),
        mailed=postman.link,
        title=TITLE,
        places=("Saint-Brieuc (22)", "Lyon (69)"),
        today=timezone.localdate(),
    )


def national(walk: Walk) -> list[str]:
    """Innovations spread, replications begun, running, apart."""
    walk.visitor.goto(f"{walk.site}/essaimage/")
    return walk.visitor.locator(".carrefour-figures strong").all_text_contents()


def on_the_map(page: Page) -> dict[str, str]:
    """How many sites run in each département that has any, the last year."""
    rows = page.locator("tr", has=page.locator("td[data-sites]"))
    return {
        row.locator("th").text_content() or "": row.locator("td").first.text_content() or ""
        for row in rows.all()
    }


def running_by_year(page: Page) -> list[str]:
    """The curve's numbers, the latest year first; the project where it was born is one of them."""
    table = page.locator("section", has=page.locator("#titre-courbe")).locator("tbody tr")
    return [row.locator("td").first.text_content() or "" for row in table.all()]


def test_from_a_search_to_two_replications_and_an_obstacle_lifted(
    walk: Walk, postman: Postman
) -> None:
    errors: list[str] = []
    for seen in (walk.visitor, walk.staff):
        seen.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page = walk.visitor

    # Found, read, assessed.
    record = walk.find("ressourcerie")
    spread = f"{walk.site}{record}essaimage/"
    page.goto(spread)
    expect(page.get_by_text("Aucune reprise n’a encore commencé")).to_be_visible()
    expect(page.locator(".carrefour-tree__node")).to_have_count(0)
    assert national(walk) == ["0", "0", "0", "0"]
    walk.read_the_kit(record)
    walk.assess(record)

    # Declared, published, confirmed by the porteur.
    follow = walk.declare_the_first(record)
    assert national(walk) == ["0", "0", "0", "0"]
    walk.publish()
    assert national(walk) == ["0", "0", "0", "1"]
    first = Replication.objects.get()
    page.goto(f"{walk.site}{first.get_absolute_url()}")
    expect(page.get_by_text("la structure porteuse ne s’est pas prononcée")).to_be_visible()
    walk.confirm_as_porteur()
    page.goto(f"{walk.site}{first.get_absolute_url()}")
    expect(page.get_by_text("confirmée par la structure porteuse le")).to_be_visible()
    page.goto(spread)
    expect(page.locator(".carrefour-tree__node")).to_have_count(2)
    assert on_the_map(page) == {"Côtes-d’Armor (22)": "0"}
    assert running_by_year(page)[0] == "1"

    # It begins; an obstacle is met, then lifted.
    follow = walk.move(follow, "En cours", 14, "L’atelier ouvre trois jours par semaine.")
    assert national(walk) == ["1", "1", "1", "0"]
    walk.meet_an_obstacle(first.get_absolute_url())
    page.goto(f"{walk.site}{record}")
    obstacles = page.get_by_role("region", name="Obstacles administratifs")
    expect(obstacles).not_to_contain_text("Déjà levé à")
    walk.lift_the_obstacle()
    page.goto(f"{walk.site}{record}")
    expect(obstacles).to_contain_text(f"Déjà levé à Saint-Brieuc : {HOW}")

    # Another takes it from the first, and sees what was lifted.
    walk.declare_the_second(first.get_absolute_url())
    walk.publish()
    second = Replication.objects.exclude(pk=first.pk).get()
    assert second.parent == first
    page.goto(f"{walk.site}{second.get_absolute_url()}")
    expect(obstacles).to_contain_text(f"Déjà levé à Saint-Brieuc : {HOW}")

    # The first one lasts, and says what it gives.
    walk.move(follow, "Pérennisée", 2, "La commune signe une convention de trois ans.")
    waits = page.get_by_text("Son motif est en cours de relecture.")
    page.goto(f"{walk.site}{first.get_absolute_url()}")
    expect(waits).to_have_count(2)
    walk.read_the_texts()
    page.goto(f"{walk.site}{first.get_absolute_url()}")
    expect(waits).to_have_count(0)
    expect(page.get_by_text("L’atelier ouvre trois jours par semaine.")).to_be_visible()
    asking.plan()
    walk.tell_results()
    page.goto(f"{walk.site}{first.get_absolute_url()}")
    expect(page.get_by_role("heading", name="Cela a-t-il marché de nouveau")).to_be_visible()
    steps = first.steps.order_by("pk").values_list("state", "author")
    assert [state for state, _ in steps] == [
        ReplicationState.ENVISAGEE,
        ReplicationState.EN_PREPARATION,
        ReplicationState.EN_COURS,
        ReplicationState.PERENNISEE,
    ]
    assert {author for _, author in steps} == {"Commune d’exemple"}

    # All of it has grown: figures, tree, map, curve.
    assert national(walk) == ["1", "2", "2", "0"]
    page.goto(spread)
    expect(page.locator(".carrefour-tree__node")).to_have_count(3)
    expect(page.locator(".carrefour-tree ul ul .carrefour-tree__node")).to_have_count(1)
    assert on_the_map(page) == {"Côtes-d’Armor (22)": "1", "Rhône (69)": "1"}
    assert running_by_year(page)[0] == "3"
    assert {to for rcpts, _, _ in postman.mails for to in rcpts} == {FIRST, SECOND, PORTEUR}
    assert errors == []
