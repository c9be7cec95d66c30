"""The page of the rules that link without asking: read, switched off and on, undone."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from partners.consolidation import switching
from partners.consolidation.comparing import compare_changed
from partners.consolidation.rules import RULES
from partners.models import LinkagePass, LinkageRule, Pair, PairState, Regrouping
from tests.partners.consolidation.alike import record

pytestmark = pytest.mark.django_db
CODE = "meme-nom-meme-lieu"
RULES_PAGE = "backoffice:linkage_rules"


@pytest.fixture
def linked(db: None) -> Pair:
    """Two sources tell one place at one address: linked by rule."""
    record("Zephyrine", "Rezé")
    record("Espace Zéphyrine", "Rezé")
    compare_changed()
    return Pair.objects.get()


def post(client: Client, name: str, **data: str) -> str:
    where = reverse(f"backoffice:{name}", args=[CODE])
    return client.post(where, data, follow=True).content.decode()


def is_on() -> bool:
    return LinkageRule.objects.get(code=CODE).is_active


def test_each_rule_says_what_it_does_and_how_much(
    moderator: Client, linked: Pair, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        page = moderator.get(reverse(RULES_PAGE)).content.decode()
    assert all(rule.label in page and rule.description in page for rule in RULES)
    assert page.count("1 paire liée") == 1
    assert page.count(">Éteinte<") == 1


def test_a_rule_shows_what_it_merged(
    moderator: Client, linked: Pair, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        page = moderator.get(reverse("backoffice:linkage_rule", args=[CODE])).content.decode()
    assert "a reçu «" in page
    assert reverse("backoffice:pair", args=[linked.pk]) in page


def test_switched_off_it_keeps_what_it_linked(moderator: Client, linked: Pair) -> None:
    assert "Ce qu’elle a lié reste lié" in post(moderator, "linkage_rule_switch", appliquer="non")
    assert not is_on()
    assert Regrouping.objects.standing().count() == 1
    record("La Zéphyrine", "Rezé")
    compare_changed()
    assert Regrouping.objects.standing().count() == 1


def test_all_that_it_linked_is_undone(moderator: Client, linked: Pair) -> None:
    page = post(moderator, "linkage_rule_undo")
    assert "1 réunion défaite" in page.replace("\u202f", " ")
    assert not is_on()
    assert not Regrouping.objects.standing().exists()
    assert Pair.objects.get().state == PairState.WAITING


def test_the_journal_names_the_act_and_leads_to_the_rule(moderator: Client, linked: Pair) -> None:
    post(moderator, "linkage_rule_switch", appliquer="non")
    page = moderator.get(reverse("backoffice:journal")).content.decode()
    assert "Règle de rapprochement allumée ou éteinte" in page
    assert "Règle de rapprochement « Même nom au même endroit »" in page


def test_the_journal_says_who_had_it_all_undone(
    moderator: Client, linked: Pair, roles: SimpleNamespace
) -> None:
    post(moderator, "linkage_rule_undo")
    page = moderator.get(reverse("backoffice:journal")).content.decode()
    assert f"{roles.moderator} : Tout ce qu’une règle avait lié, défait" in page


def test_switched_on_again_everything_is_compared_again(moderator: Client, linked: Pair) -> None:
    post(moderator, "linkage_rule_undo")
    post(moderator, "linkage_rule_switch", appliquer="oui")
    post(moderator, "linkage_rule_switch", appliquer="oui")
    assert is_on()
    assert LinkagePass.objects.filter(is_full=True, finished_at=None).count() == 1
    compare_changed()
    assert Pair.objects.get().state == PairState.LINKED


def test_what_is_long_to_undo_is_left_to_the_workers(
    moderator: Client, linked: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    from partners.tasks import undo_linkage_rule

    monkeypatch.setattr(switching, "AT_ONCE", 0)
    sent: list[tuple[int, ...]] = []
    monkeypatch.setattr(undo_linkage_rule, "delay", lambda *given: sent.append(given))
    assert "en tâche de fond" in post(moderator, "linkage_rule_undo")
    assert not is_on()
    assert undo_linkage_rule(*sent[0]) == 1


def test_a_rule_that_is_not_known_is_not_found(moderator: Client) -> None:
    where = reverse("backoffice:linkage_rule", args=["autre"])
    assert moderator.get(where).status_code == 404
