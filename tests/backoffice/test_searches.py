"""Searches as the team's work."""

import datetime
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from innovations.models import SearchCount, SearchDecision
from tests.backoffice.conftest import BACKEND

pytestmark = pytest.mark.django_db
PAGE = "/gestion/recherches/"


def asked(value: str, total: int, visitors: int = 6, ago: int = 1, kind: str = "texte") -> None:
    day = timezone.localdate() - datetime.timedelta(days=ago)
    SearchCount.objects.create(
        day=day, kind=kind, value=value, label=value, visitors=visitors, total=total
    )


@pytest.fixture
def officer(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.essaimage_officer, BACKEND)
    return client


def test_the_most_made_come_first_summed_over_days(officer: Client) -> None:
    asked("velo", 3, 6, ago=1)
    asked("velo", 2, 7, ago=2)
    asked("creche", 9, 8)

    page = officer.get(PAGE).content.decode()

    assert page.index(">velo<") < page.index(">creche<")
    assert ">13</td>" in page


def test_those_that_find_little_are_the_work(officer: Client) -> None:
    for value, total in (("rien", 0), ("peu", 4), ("assez", 5)):
        asked(value, total)

    little = officer.get(f"{PAGE}?resultat=peu&suite=aucune").content.decode()
    nothing = officer.get(f"{PAGE}?resultat=rien").content.decode()
    home = officer.get("/gestion/").content.decode()

    assert ">peu<" in little
    assert ">rien<" in little
    assert ">assez<" not in little
    assert ">peu<" not in nothing
    assert "2 recherches qui trouvent peu, à traiter" in re.sub(r"(?:\s|<[^>]+>)+", " ", home)


def test_settled_a_search_leaves_the_work_and_may_come_back(
    officer: Client, roles: SimpleNamespace
) -> None:
    asked("creche rurale", 0)
    where = f"{PAGE}creche-rurale/"
    work = f"{PAGE}?suite=aucune"

    officer.post(where, {"outcome": "synonyme", "note": "Halte-garderie."})
    assert ">creche rurale<" not in officer.get(work).content.decode()
    officer.post(where, {"outcome": "a-traiter", "note": ""})
    assert ">creche rurale<" in officer.get(work).content.decode()

    kept = officer.get(where).content.decode()
    assert "Synonyme à ajouter" in kept
    assert "Halte-garderie." in kept
    assert SearchDecision.objects.filter(author=roles.essaimage_officer).count() == 2


def test_nothing_is_decided_until_an_outcome_is_chosen(officer: Client) -> None:
    asked("creche", 0)

    page = officer.get(f"{PAGE}creche/").content.decode()
    officer.post(f"{PAGE}creche/", {"outcome": "", "note": ""})

    assert "Choisir une suite" in page
    assert not SearchDecision.objects.exists()


def test_a_search_leads_to_the_equivalence_that_it_lacks(moderator: Client) -> None:
    asked("beguinage", 0)
    SearchCount.objects.update(label="béguinage")

    page = moderator.get(f"{PAGE}beguinage/")
    where = re.search(r'href="(/gestion/equivalences/ajouter/\?[^"]+)"', page.content.decode())

    assert where
    assert ">\nbéguinage</textarea>" in moderator.get(where[1]).content.decode()


def test_a_wrong_outcome_is_refused_and_keeps_the_note(officer: Client) -> None:
    asked("creche", 0)

    page = officer.post(f"{PAGE}creche/", {"outcome": "autre", "note": "À garder"})

    assert "À garder" in page.content.decode()
    assert not SearchDecision.objects.exists()


def test_the_list_is_a_file_too(officer: Client) -> None:
    asked("creche", 0)
    asked("velo", 9)

    response = officer.get("/gestion/recherches.csv?resultat=rien")
    text = b"".join(response.streaming_content).decode("utf-8-sig")

    assert text.splitlines()[0].startswith("Recherche;Visiteurs;Fiches trouvées")
    assert "creche;6;0;" in text
    assert "velo" not in text


def test_weeks_places_and_filters_are_shown(officer: Client) -> None:
    asked("", 0, 40, kind="toutes")
    asked("Bretagne", 0, 12, kind="lieu")
    asked("Santé", 0, 11, kind="facette")
    page = officer.get(PAGE).content.decode()

    assert "Au fil des semaines" in page
    assert "Bretagne : 12 visiteurs" in page
    assert "Santé : 11 visiteurs" in page


def test_the_number_of_queries_does_not_grow(
    officer: Client, django_assert_max_num_queries: Any
) -> None:
    for first in (0, 40):
        for number in range(first, first + 10):
            asked(f"mot {number}", 0)
        with django_assert_max_num_queries(14):
            officer.get(PAGE)
