"""A project taken up five hundred times: its page stays light, and every replication is reached."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from essaimage.models import PublicActor, Replication, ReplicationStep
from innovations.models import Innovation
from tests.factories import InnovationFactory, ReplicationFactory, TerritoryFactory

pytestmark = pytest.mark.django_db
MANY = 500
HEAVIEST = 250_000  # bytes
PATH = "/innovations/atelier/essaimage/"
LINK = re.compile(r'href="/essaimage/reprises/(r-\d+)/"')


@pytest.fixture
def workshop() -> Innovation:
    """Of each four: one from the original, two in line after it, one stopped."""
    innovation = InnovationFactory(published=True, slug="atelier", started_year=2010)
    places = [TerritoryFactory() for _ in range(40)]
    rows = Replication.objects.bulk_create(
        Replication(
            code=f"r-{rank}", innovation=innovation, territory=places[rank % 40],
            state="abandonnee" if rank % 4 == 3 else "en-cours", forms=["reseaux", "proximite"],
            approach="essaimage", repreneur_name=f"Association des ateliers numéro {rank}",
            lessons="Le local d’abord, puis les habitants. " * 8,
        )
        for rank in range(MANY)
    )  # fmt: skip
    for rank, one in enumerate(rows):
        one.parent = rows[rank - 1] if rank % 4 in (1, 2) else None
    Replication.objects.bulk_update(rows, ["parent"])
    ReplicationStep.objects.bulk_create(
        ReplicationStep(replication=one, state=state, date=date, reason="Le bail s’est achevé.")
        for one in rows
        for state, date in (("en-cours", "2016"), ("abandonnee", "2019"))
        if state in ("en-cours", one.state)
    )
    PublicActor.objects.bulk_create(
        PublicActor(replication=one, name=f"Commune {rank}", roles=["facilitateur"])
        for one in rows
        for rank in range(2)
    )
    return innovation


def shown(client: Client, query: str = "") -> tuple[str, Any]:
    response = client.get(f"{PATH}{query}")
    assert response.status_code == 200
    return response.content.decode(), response.context["page"]


def test_the_page_stays_light_and_asks_no_more(client: Client, workshop: Innovation) -> None:
    client.get(PATH)
    for query in ("", "?arbre=4&page=7&arretees=3", "?annee=2017&page=10"):
        with CaptureQueriesContext(connection) as captured:
            page, _ = shown(client, query)

        assert len(page.encode()) < HEAVIEST
        assert len(captured) <= 15


def test_every_row_is_reached_by_links_alone(client: Client, workshop: Innovation) -> None:
    for part, rows in (
        ("titre-arbre", MANY), ("titre-tableau", MANY), ("titre-arretees", MANY // 4),
    ):  # fmt: skip
        found = rows_of(client, part)
        assert len(found) == len(set(found)) == rows


def rows_of(client: Client, part: str) -> list[str]:
    """The replications that a list names, from its first page to its last."""
    found: list[str] = []
    query = "?annee=2017"
    while query:
        page, _ = shown(client, query)
        [section] = re.findall(
            rf'<section[^>]*aria-labelledby="{part}".*?</section>', page, re.DOTALL
        )
        # What a branch goes on from is named again.
        section = re.sub(r"Suite de <a.*?</a>", "", section).replace("&amp;", "&")
        found += LINK.findall(section)
        following = re.search(r'--next[^>]*href="([^"#]*)#([^"]*)"', section)
        query = following[1].removeprefix(PATH) if following else ""
        # The year of the map stays in the address, and the link leads to the list.
        assert not following or ("annee=2017" in query and following[2] == part)
    return found


def test_the_lists_are_turned_each_on_its_own(client: Client, workshop: Innovation) -> None:
    page, asked = shown(client, "?arbre=2&page=3")

    assert (asked.tree_pages.page.number, asked.table_pages.page.number) == (2, 3)
    assert asked.stopped_pages.page.number == 1
    assert asked.replications[0].code == "r-100"
    assert f'href="{PATH}?arbre=2&amp;page=4#titre-tableau"' in page
    assert f'href="{PATH}?page=3#titre-arbre"' in page
    # Files hold all, whatever page is read.
    files = [asked.csv_file, asked.json_file, asked.map_csv]
    assert not any(name in file for file in files for name in ("arbre=", "page="))
    assert "Suite de" in page


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?page=99", "Il n’y a pas de page 99 du tableau : voici la dernière."),
        ("?arbre=0", "« 0 » n’est pas un numéro de page : voici la première."),
        ("?arretees=²", "« ² » n’est pas un numéro de page : voici la première."),
        ("?arretees=" + "9" * 40, "voici la dernière."),
        ("?page=1&page=2", "est donné plusieurs fois"),
    ],
)
def test_a_page_that_is_not_there_is_told(client: Client, query: str, told: str) -> None:
    ReplicationFactory(innovation__slug="atelier")
    page, _ = shown(client, query)

    assert told in page.replace("\xa0", " ")
