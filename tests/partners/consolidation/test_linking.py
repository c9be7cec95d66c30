"""Certain pairs are linked by rule: by batches, undone at once, never across a staff decision."""

from typing import Any

import pghistory
import pytest
from django.apps import apps

from innovations.models import FieldEdit, Innovation, Status
from partners.consolidation import clusters, deciding, linking, regrouping
from partners.consolidation.comparing import compare_all, compare_changed
from partners.consolidation.rules import OFF_AT_FIRST, RULES
from partners.models import LinkageRule, Pair, PairState, Regrouping, SourceRecord, Verdict
from tests.factories import UserFactory
from tests.partners.consolidation.alike import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins() -> list[SourceRecord]:
    """Two sources tell one place at one address."""
    return [record("Zephyrine", "Rezé"), record("Espace Zéphyrine", "Rezé")]


def innovations() -> list[int]:
    """The number of records of each innovation that has any, the most first."""
    counts: dict[int, int] = {}
    for pk in SourceRecord.objects.values_list("innovation", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    return sorted(counts.values(), reverse=True)


def standing() -> dict[str, Any]:
    records = SourceRecord.objects.order_by("pk").values_list("pk", "innovation", "is_site")
    return {
        "records": list(records),
        "public": list(Innovation.objects.order_by("pk").values_list("title", "status")),
    }


def test_every_rule_is_loaded_once_with_its_sentence() -> None:
    linking.load_rules()
    LinkageRule.objects.filter(code="meme-page").update(is_active=False, label="Autre")
    linking.load_rules()
    assert LinkageRule.objects.count() == len(RULES)
    page = LinkageRule.objects.get(code="meme-page")
    assert (page.is_active, page.label) == (False, "Même page web")
    assert not LinkageRule.objects.filter(code__in=OFF_AT_FIRST, is_active=True).exists()
    assert all(rule.description.endswith(".") for rule in LinkageRule.objects.all())


def test_a_certain_pair_is_linked_and_says_by_which_rule(twins: list[SourceRecord]) -> None:
    assert compare_changed().linked == 1
    pair = Pair.objects.get()
    assert (pair.state, pair.verdict, pair.rule) == (
        PairState.LINKED, Verdict.SAME, "meme-nom-meme-lieu",
    )  # fmt: skip
    step = Regrouping.objects.get()
    assert (step.rule, step.pair, step.author) == (pair.rule, pair, None)
    assert innovations() == [2]
    assert compare_changed().linked == compare_all().linked == 0


def test_one_project_in_several_towns_is_one_innovation_and_its_sites() -> None:
    for town in ("Rennes", "Le Mans", "Lormes"):
        record("Le Fil de Garance", town, porteur="Garance")
    compare_changed()
    assert innovations() == [3]
    assert sorted(SourceRecord.objects.values_list("is_site", flat=True)) == [False, True, True]
    kept = Innovation.objects.exclude(status=Status.MERGED).get()
    assert kept.locations.count() == 3


def test_a_rule_switched_off_undoes_all_that_it_linked(twins: list[SourceRecord]) -> None:
    before = standing()
    compare_changed()
    assert standing() != before
    rule = LinkageRule.objects.get(code="meme-nom-meme-lieu")

    assert linking.undo_rule(rule, author=UserFactory()) == 1

    assert standing() == before
    pair = Pair.objects.get()
    assert (pair.state, pair.verdict, pair.rule) == (PairState.WAITING, "", "")
    compare_all()
    assert standing() == before


def test_a_rule_switched_on_again_links_again(twins: list[SourceRecord]) -> None:
    compare_changed()
    rule = LinkageRule.objects.get(code="meme-nom-meme-lieu")
    linking.undo_rule(rule)
    linking.switch_on(rule)
    compare_all()
    assert innovations() == [2]


def test_what_other_rules_linked_is_linked_again_when_one_is_switched_off(
    twins: list[SourceRecord],
) -> None:
    web = "https://www.zephyrine.exemple.fr/"
    record("Zephyrine", "Rezé", shift=0.01, website=web)
    record("La Zephyrine", "Rezé", shift=0.012, website=web)
    record("Zephyrine", "Rezé", shift=0.0105, website=web)
    compare_changed()
    steps = Regrouping.objects.standing()
    assert steps.filter(rule="meme-site-meme-commune").exists()
    linking.undo_rule(LinkageRule.objects.get(code="meme-nom-meme-lieu"))
    assert set(Regrouping.objects.standing().values_list("rule", flat=True)) == {
        "meme-site-meme-commune"
    }
    assert innovations() == [3, 1, 1]


def test_a_staff_decision_stands_whatever_the_rules_say(twins: list[SourceRecord]) -> None:
    compare_changed(links=False)
    deciding.decide(Pair.objects.get(), Verdict.DISTINCT, author=UserFactory())
    compare_all()
    assert innovations() == [1, 1]


def test_chains_do_not_go_around_a_staff_decision(twins: list[SourceRecord]) -> None:
    compare_changed(links=False)
    deciding.decide(Pair.objects.get(), Verdict.UNCERTAIN, author=UserFactory())
    record("La Zéphyrine", "Rezé")
    compare_changed()
    assert innovations() == [2, 1]
    asked = Pair.objects.waiting().get()
    assert asked.reason == clusters.FORBIDDEN


def test_what_staff_undid_is_not_linked_again(twins: list[SourceRecord]) -> None:
    compare_changed()
    author = UserFactory()
    deciding.reopen(Pair.objects.get(), author=author)
    compare_all()
    assert innovations() == [1, 1]
    assert Pair.objects.get().state == PairState.WAITING


def test_what_staff_split_is_not_linked_again() -> None:
    made = [record("Zephyrine", "Rezé"), record("Espace Zéphyrine", "Rezé")]
    compare_changed()
    made[1].refresh_from_db()
    regrouping.split(made[1].innovation, [made[1].pk], why=regrouping.Why(UserFactory()))
    Pair.objects.update(state=PairState.WAITING, verdict="")
    compare_all()
    assert innovations() == [1, 1]


def test_two_public_records_that_staff_wrote_otherwise_are_asked(
    twins: list[SourceRecord],
) -> None:
    for told, title in zip(twins, ("Zéphyrine la grande", "Zéphyrine la neuve"), strict=True):
        FieldEdit.objects.create(innovation=told.innovation, field="title", value=title)
    compare_changed()
    assert innovations() == [1, 1]
    assert Pair.objects.waiting().get().reason == clusters.CONTRARY


def test_a_postponed_pair_is_not_linked(twins: list[SourceRecord]) -> None:
    compare_changed(links=False)
    deciding.postpone(Pair.objects.get(), author=UserFactory())
    compare_all()
    assert innovations() == [1, 1]


def test_composing_is_done_once_for_a_batch(
    twins: list[SourceRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in ("Garance", "Ancolie"):
        for _ in range(3):
            record(title, "Lormes")
    composed: list[list[int]] = []
    republish = linking.republish
    monkeypatch.setattr(linking, "republish", lambda ids: composed.append(ids) or republish(ids))
    compare_changed()
    assert [len(ids) for ids in composed] == [3]
    assert innovations() == [3, 3, 2]


def test_the_history_says_that_a_rule_was_switched_off_whatever_links_again(
    twins: list[SourceRecord],
) -> None:
    compare_changed()
    step = Regrouping.objects.get()
    rule, other = LinkageRule.objects.get(code=step.rule), RULES[0]
    assert other.code != rule.code
    record("Zephyrine", "Lormes", website="https://ailleurs.example.org/")
    LinkageRule.objects.filter(code=other.code).update(is_active=True)
    third = record("Zephyrine", "Lormes", website="https://ailleurs.example.org/")
    Pair.objects.create(
        first=twins[0], second=third, rule=other.code, proposed=Verdict.SAME, score=0.9
    )

    # As in a page: one context for all that the request writes.
    with pghistory.context(user=None):
        linking.undo_rule(rule)

    assert Regrouping.objects.filter(rule=other.code).exists()
    events = apps.get_model("partners", "RegroupingEvent").objects.filter(pgh_obj_id=step.pk)
    told = {e.pgh_context.metadata.get("motif") for e in events if e.undone_at}
    assert told == {linking.SWITCHED_OFF.format(rule.label)}
