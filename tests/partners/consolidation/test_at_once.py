"""Staff decide while the machine compares and links: what they decide stands."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from innovations.models import Innovation
from partners.consolidation import deciding, explaining, linking
from partners.consolidation.comparing import compare_all, compare_changed
from partners.consolidation.regrouping import CannotRegroup, merge
from partners.models import LinkageRule, Pair, PairState, Regrouping, SourceRecord, Verdict
from tests.at_once import in_a_thread
from tests.factories import UserFactory
from tests.partners.consolidation.alike import record


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("compare", [compare_changed, compare_all])
def test_a_decision_taken_while_the_pair_is_compared_stands(
    compare: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = record("Zephyrine", "Rezé")
    record("Espace Zéphyrine", "Rezé", shift=0.02)
    compare_changed(links=False)
    pair, author = Pair.objects.get(), UserFactory()
    values = {**first.values, "title": "Zephyrine de Rezé"}
    SourceRecord.objects.filter(pk=first.pk).update(values=values, changed_at=timezone.now())
    others = []
    explain = explaining.explanation

    def explained(*given: Any) -> Any:
        decide = deciding.decide
        others.append(in_a_thread(lambda: decide(pair, Verdict.DISTINCT, author=author)))
        return explain(*given)

    monkeypatch.setattr(explaining, "explanation", explained)
    compare(links=False)
    for other in others:
        other.join(10)

    assert others
    pair.refresh_from_db()
    assert (pair.state, pair.verdict) == (PairState.DECIDED, Verdict.DISTINCT)


@pytest.mark.django_db
@pytest.mark.parametrize("verdict", [Verdict.DISTINCT, Verdict.UNCERTAIN])
def test_a_decision_taken_since_the_pairs_were_read_is_not_linked_over(verdict: Verdict) -> None:
    record("Zephyrine", "Rezé")
    record("Espace Zéphyrine", "Rezé")
    compare_changed(links=False)
    read = linking._clustering(linking._certain()).clusters()
    assert read

    deciding.decide(Pair.objects.get(), verdict, author=UserFactory())
    assert linking._link(read) == 0

    assert not Regrouping.objects.exists()
    pair = Pair.objects.get()
    assert (pair.state, pair.verdict) == (PairState.DECIDED, verdict)


@pytest.mark.django_db
def test_a_rule_switched_off_since_the_pairs_were_read_links_nothing() -> None:
    record("Zephyrine", "Rezé")
    record("Espace Zéphyrine", "Rezé")
    compare_changed(links=False)
    read = linking._clustering(linking._certain()).clusters()
    LinkageRule.objects.update(is_active=False)
    assert linking._link(read) == 0
    assert not Regrouping.objects.exists()


def later_in_the_table(innovation: Innovation) -> None:
    """Written again, the row lies after the others: only an order asked for comes first to it."""
    Innovation.objects.filter(pk=innovation.pk).update(summary="Écrite de nouveau.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_turned", [False, True])
def test_a_merge_locks_its_rows_in_one_order_whoever_is_the_origin(*, is_turned: bool) -> None:
    first, last = record("Zephyrine", "Rezé").innovation, record("Café", "Lormes").innovation
    assert first.pk < last.pk
    later_in_the_table(first)
    origin, target = (first, last) if is_turned else (last, first)
    with transaction.atomic():
        rows = Innovation.objects.select_for_update(nowait=True)
        rows.get(pk=first.pk)
        merging = in_a_thread(lambda: merge(origin, target))
        assert merging.is_alive()
        # It waits for the first of the two, and holds nothing that who has it may want next.
        rows.get(pk=last.pk)
    merging.join(10)
    origin.refresh_from_db()
    assert origin.merged_into == target


@pytest.mark.django_db(transaction=True)
def test_two_merges_of_the_same_two_records_never_wait_for_each_other() -> None:
    first, last = record("Zephyrine", "Rezé").innovation, record("Café", "Lormes").innovation
    later_in_the_table(first)
    refused: list[Exception] = []

    def other_way() -> None:
        try:
            merge(last, first)
        except CannotRegroup as error:
            refused.append(error)

    with transaction.atomic():
        merge(first, last)
        other = in_a_thread(other_way)
        assert other.is_alive()
    other.join(10)
    assert len(refused) == 1
    assert Regrouping.objects.count() == 1
    first.refresh_from_db()
    assert first.merged_into == last
