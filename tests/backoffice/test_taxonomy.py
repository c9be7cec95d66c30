"""The taxonomy in the back-office: seen by the team, changed by who moderates."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from innovations.models import Term, TermChange
from tests.backoffice.conftest import BACKEND
from tests.backoffice.test_queries import queries
from tests.factories import InnovationFactory, TermFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def food() -> Term:
    return TermFactory(code="alimentation", label="Alimentation")


def test_the_tree_costs_the_same_for_few_and_many_terms(moderator: Client, food: Term) -> None:
    where = reverse("backoffice:taxonomy")
    InnovationFactory(published=True, terms=[food])
    moderator.get(where)
    few = queries(moderator, where)
    for n in range(10):
        TermFactory(code=f"sous-{n}", parent=food)
    assert queries(moderator, where) == few <= 16


def test_a_merge_shows_first_what_it_would_change(moderator: Client, food: Term) -> None:
    other = TermFactory(code="epicerie", label="Épicerie")
    InnovationFactory(published=True, terms=[other])
    where = reverse("backoffice:term_merge", args=[other.pk])
    page = moderator.get(where, {"cible": food.pk}).content.decode()
    assert "<strong>1</strong> fiche publiée" in page
    assert not TermChange.objects.exists()
    moderator.post(where, {"cible": food.pk})
    other.refresh_from_db()
    assert other.merged_into == food
    undo = reverse("backoffice:term_merge_undo", args=[TermChange.objects.get().pk])
    assert "redevient un terme à part" in moderator.get(undo).content.decode()
    moderator.post(undo)
    other.refresh_from_db()
    assert other.is_active
    assert moderator.post(undo).status_code == 302


def test_a_term_is_added_reworded_moved_and_ordered(moderator: Client, food: Term) -> None:
    moderator.post(
        reverse("backoffice:term_add"),
        {"vocabulary": "theme", "label": "Épicerie sociale", "synonyms": "épicerie\nsolidaire"},
    )
    made = Term.objects.get(code="epicerie-sociale")
    assert made.synonyms.count() == 2
    where = reverse("backoffice:term", args=[made.pk])
    moderator.post(where, {"label": "Épicerie", "synonyms": "solidaire"})
    moderator.post(reverse("backoffice:term_move", args=[made.pk]), {"parent": food.pk})
    made.refresh_from_db()
    assert (made.label, made.code, made.parent) == ("Épicerie", "epicerie-sociale", food)
    page = moderator.get(where).content.decode()
    assert "Épicerie sociale" in page


def test_a_code_already_taken_is_told_beside_what_was_written(
    moderator: Client, food: Term
) -> None:
    data = {"vocabulary": "theme", "label": "Alimentation", "description": "Bien manger"}
    page = moderator.post(reverse("backoffice:term_add"), data).content.decode()
    assert "existe déjà" in page
    assert "Bien manger" in page


def test_who_only_reads_changes_nothing(roles: SimpleNamespace, client: Client, food: Term) -> None:
    client.force_login(roles.statistician, BACKEND)
    where = reverse("backoffice:term", args=[food.pk])
    assert "Enregistrer" not in client.get(where).content.decode()
    assert client.post(where, {"label": "Autre"}).status_code == 403
    food.refresh_from_db()
    assert food.label == "Alimentation"
