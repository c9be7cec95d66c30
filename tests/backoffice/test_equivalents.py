"""Expressions that a search takes for one another, kept by staff."""

import pytest
from django.test import Client
from django.urls import reverse

from innovations.models import Equivalent
from tests.backoffice.test_queries import queries
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> Equivalent:
    return Equivalent.objects.create(expressions=["CCAS", "centre communal d’action sociale"])


def test_the_list_costs_the_same_for_few_and_many(moderator: Client, group: Equivalent) -> None:
    where = reverse("backoffice:equivalents")
    moderator.get(where)
    few = queries(moderator, where)
    for n in range(20):
        Equivalent.objects.create(expressions=[f"sigle{n}", f"ce qu’il abrège {n}"])

    assert queries(moderator, where) == few <= 12


def test_trying_a_word_says_what_it_finds_with_and_without(
    moderator: Client, group: Equivalent
) -> None:
    InnovationFactory(published=True, title="Le CCAS")
    InnovationFactory(published=True, title="Un centre communal d’action sociale")

    page = moderator.get(reverse("backoffice:equivalents"), {"essai": "ccas"}).content.decode()

    assert "<strong>2 fiches</strong>" in page
    assert "avec les équivalences, 1 sans" in page
    assert "centre communal d’action sociale" in page


def test_a_group_is_added_changed_and_put_out_of_use(moderator: Client) -> None:
    add = reverse("backoffice:equivalent_add")
    moderator.post(add, {"expressions": "AMAP\nassociation paysanne\n", "note": "Essai"})
    made = Equivalent.objects.get()
    assert made.expressions == ["AMAP", "association paysanne"]

    where = reverse("backoffice:equivalent", args=[made.pk])
    moderator.post(where, {"expressions": "AMAP\npaniers paysans", "note": ""})
    moderator.post(reverse("backoffice:equivalent_activation", args=[made.pk]), {"actif": "non"})
    made.refresh_from_db()
    assert made.keys == ["amap", "panier paysan"]
    assert not made.is_active
    page = moderator.get(where).content.decode()
    assert "Hors service" in page
    assert "association paysanne" in page


def test_what_is_wrong_is_told_and_nothing_is_lost(moderator: Client, group: Equivalent) -> None:
    add = reverse("backoffice:equivalent_add")

    page = moderator.post(add, {"expressions": "CCAS\naction sociale"}).content.decode()
    alone = moderator.post(add, {"expressions": "AMAP"}).content.decode()
    long = moderator.post(add, {"expressions": "AMAP\n" + "a" * 121}).content.decode()

    assert "est déjà dans le groupe" in page
    assert "action sociale</textarea>" in page
    assert "au moins deux expressions" in alone
    assert "dépasse 120" in long
    assert Equivalent.objects.count() == 1


def test_a_former_value_is_put_back(moderator: Client, group: Equivalent) -> None:
    where = reverse("backoffice:equivalent", args=[group.pk])
    moderator.post(where, {"expressions": "CCAS\nCIAS"})
    first = group.events.order_by("pgh_id").first()

    moderator.post(
        reverse("backoffice:history_restore", args=["equivalence", group.pk]),
        {"evenement": first.pgh_id, "champ": "expressions"},
    )

    group.refresh_from_db()
    assert group.expressions == ["CCAS", "centre communal d’action sociale"]
    journal = moderator.get(reverse("backoffice:journal")).content.decode()
    assert "CCAS = centre communal d’action sociale" in journal
