"""What changed is compared, and nothing else; what staff decided is never asked again."""

import json
import subprocess
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from partners import data_erasure, erasure
from partners.consolidation import comparing, deciding, narrowing
from partners.consolidation.comparing import Outcome, compare_all, compare_changed
from partners.models import (
    ComparedRecord,
    LinkagePass,
    Objection,
    ObjectionState,
    Pair,
    PairState,
    RecordState,
    RecordType,
    SourceRecord,
    Verdict,
    WordFrequency,
)
from partners.tasks import compare_records
from tests.conftest import wait_for
from tests.factories import SourceFactory, SourceRecordFactory, UserFactory
from tests.partners.consolidation.alike import record

pytestmark = pytest.mark.django_db


def compared(**options: Any) -> Outcome:
    return compare_changed(links=False, **options)


def retold(told: SourceRecord, **said: Any) -> None:
    """The partner changes its record."""
    values = {**told.values, **said}
    SourceRecord.objects.filter(pk=told.pk).update(values=values, changed_at=timezone.now())


@pytest.fixture
def pair() -> Pair:
    """Two records of one place, moved in its town: asked."""
    record("Zephyrine", "Rezé")
    record("Espace Zéphyrine", "Rezé", shift=0.02)
    compared()
    return Pair.objects.get()


def test_two_records_of_one_place_make_a_pair_that_explains_itself(pair: Pair) -> None:
    assert (pair.state, pair.proposed, pair.rule) == (PairState.WAITING, Verdict.SAME, "")
    assert 0.5 < pair.score < 1
    said = {line["field"]: line for line in pair.explanation}
    assert said["title"]["first"], said["title"]["second"] == ("Zephyrine", "Espace Zéphyrine")
    assert said["place"]["says"] == "Même commune, à 2,2 km."
    assert said["porteur"]["similarity"] is None
    assert all(set(line) == set(pair.explanation[0]) for line in pair.explanation)


def test_only_what_changed_is_compared(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    refreshed = []
    refresh = narrowing.refresh
    monkeypatch.setattr(narrowing, "refresh", lambda ids: refreshed.extend(ids) or refresh(ids))
    assert compared().records == 0
    third = record("Garance", "Lormes")
    assert compared().records == 1
    retold(pair.second, title="Zéphyrine")
    assert compared().records == 1
    assert refreshed == [third.pk, pair.second_id]


def test_what_comes_later_finds_what_is_there_already(pair: Pair) -> None:
    third = record("Zephyrine", "Rezé", shift=0.03)
    outcome = compared()
    assert (outcome.records, outcome.new) == (1, 2)
    assert set(Pair.objects.about([third.pk]).values_list("second", flat=True)) == {third.pk}


def test_comparing_everything_says_the_same_as_one_after_the_other(pair: Pair) -> None:
    for title, town in [("Garance", "Lormes"), ("FabLab Garance", "Lormes"), ("Ancolie", "Rennes")]:
        record(title, town)
        compared()
    columns = ("first", "second", "proposed", "rule")
    said = sorted(Pair.objects.values_list(*columns))
    counts = dict(WordFrequency.objects.values_list("key", "count"))

    outcome = compare_all(links=False)

    assert (outcome.records, outcome.new) == (5, 0)
    assert sorted(Pair.objects.values_list(*columns)) == said
    assert {k: n for k, n in counts.items() if n} == dict(
        WordFrequency.objects.values_list("key", "count")
    )


def test_a_pair_no_longer_alike_leaves_the_queue_and_comes_back(pair: Pair) -> None:
    retold(pair.second, title="Ancolie")
    assert compared().faded == 1
    pair.refresh_from_db()
    assert (pair.state, pair.proposed) == (PairState.FADED, Verdict.DISTINCT)

    retold(pair.second, title="Zéphyrine")
    compared()
    pair.refresh_from_db()
    assert (pair.state, pair.proposed) == (PairState.WAITING, Verdict.SAME)


def test_a_decided_pair_is_never_touched(pair: Pair) -> None:
    deciding.decide(pair, Verdict.DISTINCT, author=UserFactory())
    before = Pair.objects.filter(pk=pair.pk).values().get()
    retold(pair.second, title="Zephyrine")
    compared()
    compare_all()
    assert Pair.objects.filter(pk=pair.pk).values().get() == before


def test_a_postponed_pair_stays_out_of_the_queue(pair: Pair) -> None:
    deciding.postpone(pair, author=UserFactory())
    retold(pair.second, title="Zephyrine")
    compared()
    pair.refresh_from_db()
    assert pair.state == PairState.LATER


def test_a_linked_pair_no_longer_alike_stays_linked_and_is_told(pair: Pair) -> None:
    Pair.objects.update(state=PairState.LINKED, verdict=Verdict.SAME, rule="meme-page")
    retold(pair.second, title="Ancolie")
    compared()
    pair.refresh_from_db()
    assert (pair.state, pair.verdict) == (PairState.LINKED, Verdict.SAME)
    assert list(Pair.objects.estranged()) == [pair]


def test_withdrawn_records_are_left_out_and_come_back(pair: Pair) -> None:
    gone = SourceRecord.objects.filter(pk=pair.second_id)
    gone.update(state=RecordState.WITHDRAWN)
    compared()
    pair.refresh_from_db()
    assert pair.state == PairState.FADED
    assert not ComparedRecord.objects.filter(pk=pair.second_id).exists()

    gone.update(state=RecordState.COMPLETE, changed_at=timezone.now())
    compared()
    pair.refresh_from_db()
    assert pair.state == PairState.WAITING


def test_records_of_no_innovation_are_not_compared() -> None:
    SourceRecordFactory(record_type=RecordType.ACTOR)
    assert compared() == Outcome()


def test_an_erased_record_takes_its_pairs_and_their_history_away(pair: Pair) -> None:
    history = apps.get_model("partners", "PairEvent")
    assert history.objects.filter(pgh_obj_id=pair.pk).exists()
    erasure.erase(erasure.target_of_records([pair.second_id]))
    assert not Pair.objects.exists()
    assert not history.objects.exists()
    assert list(ComparedRecord.objects.values_list("pk", flat=True)) == [pair.first_id]


def test_a_removed_datum_leaves_what_is_compared_and_what_is_explained() -> None:
    told = record("Chez Barnabé Quillefeu", "Rezé")
    record("Maison Barnabé Quillefeu", "Rezé", shift=0.02)
    compared()
    assert "Quillefeu" in str(Pair.objects.get().explanation)
    datum = {"scope": "donnee", "datum": "Barnabé Quillefeu"}
    objection = Objection.objects.create(state=ObjectionState.CONFIRMED, **datum)

    data_erasure.redact_everywhere(["Barnabé Quillefeu"], objection)

    assert "Quillefeu" not in str(Pair.objects.get().explanation)
    assert not ComparedRecord.objects.exists()
    compared()
    assert "quillefeu" not in ComparedRecord.objects.get(pk=told.pk).title


def test_it_stops_when_its_time_is_over_and_goes_on_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "BATCH", 1)
    for number in range(3):
        record(f"Zephyrine {number}", "Rezé")
    told = []
    assert compared(seconds=-1).remains
    outcome = compared(progress=lambda done, total: told.append((done, total)))
    assert (outcome.records, outcome.remains, told) == (3, False, [(1, 3), (2, 3), (3, 3)])


def test_a_full_pass_that_was_broken_off_is_done_again(pair: Pair) -> None:
    broken = LinkagePass.objects.create(is_full=True)
    Pair.objects.all().delete()
    outcome = compared()
    assert (outcome.is_full, outcome.new) == (True, 1)
    assert not LinkagePass.objects.filter(pk=broken.pk).exists()
    assert not compared().is_full


def test_many_changes_are_compared_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MANY", 1)
    for _ in range(2):
        record("Zephyrine", "Rezé")
    assert compared().is_full


def test_queries_do_not_grow_with_the_records(django_assert_max_num_queries: Any) -> None:
    source = SourceFactory(publishes_directly=True)
    for number in range(4):
        record("Zephyrine", "Rezé", source=source, shift=number / 100)
    with django_assert_max_num_queries(45) as few:
        compared()
    for number in range(12):
        record("Garance", "Lormes", source=source, shift=number / 100)
    with django_assert_max_num_queries(45) as many:
        assert compared().new > 12
    assert len(many) <= len(few)


def test_the_command_tells_what_it_did() -> None:
    record("Zephyrine", "Rezé")
    record("Zéphyrine", "Rezé")
    out, err = StringIO(), StringIO()
    call_command("link_records", "--all", "--json", stdout=out, stderr=err)
    said = json.loads(out.getvalue())
    assert (said["records"], said["new"], said["linked"]) == (2, 1, 1)
    call_command("link_records", stdout=out, stderr=err)
    assert "fiches comparées" in out.getvalue()


def test_a_real_worker_compares(worker: subprocess.Popen, transactional_db: None) -> None:
    record("Zephyrine", "Rezé")
    record("Espace Zéphyrine", "Rezé", shift=0.02)
    compare_records.delay()
    wait_for(Pair.objects.exists, 30)
    assert worker.poll() is None
