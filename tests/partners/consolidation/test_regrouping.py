"""Merging, splitting, undoing: only source records move, and every address goes on leading."""

import pytest
from django.test import Client

from innovations.models import FieldEdit, Innovation, SearchRow, Status
from innovations.publishing import set_status
from partners import editing, moderation
from partners.consolidation import deciding
from partners.consolidation.regrouping import CannotRegroup, Why, merge, split, undo
from partners.models import Decision, Pair, PairState, Regrouping, SourceRecord, Verdict
from partners.publishing import publish_records, republish
from tests.factories import SourceFactory, SourceRecordFactory, UserFactory

pytestmark = pytest.mark.django_db


def told(title: str, *, summary: str = "Réparer ensemble.", **changed: object) -> SourceRecord:
    values = {"title": title, "summary": summary}
    record = SourceRecordFactory(values={**values, **changed.pop("values", {})}, **changed)
    publish_records([record])
    record.refresh_from_db()
    return record


@pytest.fixture
def atelier() -> SourceRecord:
    return told("Atelier de réparation")


@pytest.fixture
def cafe() -> SourceRecord:
    return told("Café bricole", summary="Un lieu où l’on répare ensemble. " * 20)


def pair_of(one: SourceRecord, other: SourceRecord) -> Pair:
    return Pair.objects.create(first=one, second=other, score=0.8, proposed=Verdict.SAME)


def state() -> dict[str, object]:
    """All that the public sees, by address."""
    names = ("title", "summary", "status", "origins", "alternatives", "merged_into")
    return {i.slug: tuple(getattr(i, n) for n in names) for i in Innovation.objects.all()} | {
        "rows": sorted(SearchRow.objects.values_list("pk", flat=True)),
        "records": sorted(SourceRecord.objects.values_list("pk", "innovation", "is_site")),
    }


def test_a_merged_record_cites_every_source_and_the_old_address_leads_to_it(
    atelier: SourceRecord, cafe: SourceRecord, client: Client
) -> None:
    merge(cafe.innovation, atelier.innovation)

    answer = client.get(cafe.innovation.get_absolute_url())
    assert (answer.status_code, answer["Location"]) == (301, atelier.innovation.get_absolute_url())
    page = client.get(answer["Location"]).content.decode()
    assert cafe.source.partner.name in page
    assert atelier.source.partner.name in page
    assert not SearchRow.objects.filter(innovation=cafe.innovation).exists()


def test_the_api_leads_from_the_old_record_to_the_new(
    atelier: SourceRecord, cafe: SourceRecord, client: Client
) -> None:
    merge(cafe.innovation, atelier.innovation)

    answer = client.get(f"/api/v1/innovations/{cafe.innovation.slug}/")
    assert (answer.status_code, answer["Location"]) == (
        301,
        f"/api/v1/innovations/{atelier.innovation.slug}/",
    )
    assert answer.json()["errors"][0]["code"] == "moved"


def test_undoing_a_merge_restores_everything(atelier: SourceRecord, cafe: SourceRecord) -> None:
    before = state()
    step = merge(cafe.innovation, atelier.innovation)
    assert state() != before

    undo(step)

    assert state() == before


def test_what_staff_had_unpublished_is_so_again_once_the_merge_is_undone(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    set_status([cafe.innovation_id], Status.UNPUBLISHED)
    step = merge(cafe.innovation, atelier.innovation)

    undo(step)

    cafe.innovation.refresh_from_db()
    assert cafe.innovation.status == Status.UNPUBLISHED


def test_merges_in_chain_lead_to_the_last_and_each_can_be_undone(
    atelier: SourceRecord, cafe: SourceRecord, client: Client
) -> None:
    third = told("Repair café")
    before = state()
    first_step = merge(cafe.innovation, atelier.innovation)
    between = state()
    second_step = merge(atelier.innovation, third.innovation)

    assert client.get(cafe.innovation.get_absolute_url())["Location"] == (
        third.innovation.get_absolute_url()
    )
    with pytest.raises(CannotRegroup, match="déplacées depuis"):
        undo(first_step)
    undo(second_step)
    assert state() == between
    undo(first_step)
    assert state() == before


def test_a_site_gives_its_place_and_none_of_its_words(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    SourceRecord.objects.filter(pk=cafe.pk).update(
        sites=[{"label": "Lormes", "longitude": 3.8, "latitude": 47.2, "confidence": 1.0}]
    )
    merge(cafe.innovation, atelier.innovation, verdict=Verdict.SITE)

    kept = Innovation.objects.get(pk=atelier.innovation_id)
    assert (kept.title, kept.summary) == ("Atelier de réparation", "Réparer ensemble.")
    assert kept.alternatives == {}
    assert [place.label for place in kept.locations.all()] == ["Lormes"]


def test_a_split_makes_a_record_of_its_own_which_can_be_undone(
    atelier: SourceRecord,
) -> None:
    other = told("Ressourcerie")
    merge(other.innovation, atelier.innovation)
    third = told("Recyclerie")
    merge(third.innovation, atelier.innovation)
    together = state()

    step = split(atelier.innovation, [atelier.pk])

    atelier.refresh_from_db()
    assert atelier.innovation_id == step.target_id
    assert step.target.status == Status.PUBLISHED
    undo(step)
    again = state()
    assert {k: v for k, v in again.items() if k in together} == together
    assert Innovation.objects.get(pk=step.target_id).merged_into_id == step.origin_id


def test_splitting_what_a_merge_brought_gives_it_its_address_back(
    atelier: SourceRecord, cafe: SourceRecord, client: Client
) -> None:
    before = state()
    merge(cafe.innovation, atelier.innovation)

    split(atelier.innovation, [cafe.pk])

    assert state() == before
    assert client.get(cafe.innovation.get_absolute_url()).status_code == 200


def test_a_split_takes_some_of_the_records_and_not_all(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    with pytest.raises(CannotRegroup, match="laisse au moins"):
        split(atelier.innovation, [atelier.pk])
    with pytest.raises(CannotRegroup, match="n’appartiennent plus"):
        split(atelier.innovation, [cafe.pk])
    with pytest.raises(CannotRegroup, match="qu’une"):
        merge(atelier.innovation, atelier.innovation)


def test_a_harvest_leaves_merged_records_together(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    stale = SourceRecord.objects.get(pk=cafe.pk)
    merge(cafe.innovation, atelier.innovation)
    stale.values = {**stale.values, "summary": "Nouveau récit. " * 30}
    SourceRecord.objects.filter(pk=cafe.pk).update(values=stale.values)

    publish_records([stale])

    kept = Innovation.objects.get(pk=atelier.innovation_id)
    assert kept.summary == stale.values["summary"]
    assert stale.innovation_id == kept.pk


def test_the_edits_of_both_hold_in_the_merged_record_and_come_back_with_the_split(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    author = UserFactory()
    editing.write(cafe.innovation, {"title": "Café", "started_year": 2012}, author=author)
    editing.write(atelier.innovation, {"title": "Atelier"}, author=author)
    before = state()
    step = merge(cafe.innovation, atelier.innovation)

    kept = Innovation.objects.get(pk=atelier.innovation_id)
    assert (kept.title, kept.started_year) == ("Atelier", 2012)
    undo(step)
    assert state() == before


def test_a_newer_value_of_the_partner_waits_beside_the_staffs(atelier: SourceRecord) -> None:
    author = UserFactory()
    [edit] = editing.write(atelier.innovation, {"title": "Notre titre"}, author=author)
    edit.refresh_from_db()
    assert (edit.partner_value, edit.difference) == ({"value": "Atelier de réparation"}, None)

    SourceRecord.objects.filter(pk=atelier.pk).update(
        values={**atelier.values, "title": "Grand atelier"}
    )
    republish([atelier.innovation_id])

    edit.refresh_from_db()
    assert Innovation.objects.get(pk=atelier.innovation_id).title == "Notre titre"
    assert edit.difference == {"value": "Grand atelier"}
    assert edit in FieldEdit.objects.differing()
    editing.keep_ours(edit, author=author)
    republish([atelier.innovation_id])
    assert not FieldEdit.objects.differing().exists()
    editing.take_partners_value(edit, author=author)
    assert Innovation.objects.get(pk=atelier.innovation_id).title == "Grand atelier"


def test_what_cannot_be_written_is_told_field_by_field_and_nothing_is(
    atelier: SourceRecord,
) -> None:
    with pytest.raises(editing.CannotEdit) as caught:
        editing.write(
            atelier.innovation, {"title": "Bon titre", "started_year": 12}, author=UserFactory()
        )
    assert list(caught.value.messages) == ["started_year"]
    assert not FieldEdit.objects.exists()


@pytest.mark.parametrize("verdict", [Verdict.SAME, Verdict.SITE])
def test_a_decision_merges_and_reopening_it_separates(
    atelier: SourceRecord, cafe: SourceRecord, verdict: Verdict
) -> None:
    author = UserFactory()
    before = state()
    pair = deciding.decide(pair_of(atelier, cafe), verdict, author=author, reason="Vu ensemble.")

    atelier.refresh_from_db()
    cafe.refresh_from_db()
    assert atelier.innovation_id == cafe.innovation_id
    assert cafe.is_site is (verdict == Verdict.SITE)
    deciding.reopen(pair, author=author)
    assert state() == before


def test_said_distinct_what_a_rule_had_linked_is_apart_again(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    pair = pair_of(atelier, cafe)
    before = state()
    merge(cafe.innovation, atelier.innovation, why=Why(rule="score", pair=pair))
    Pair.objects.filter(pk=pair.pk).update(state=PairState.LINKED, verdict=Verdict.SAME)

    deciding.decide(pair, Verdict.DISTINCT, author=UserFactory())

    assert state() == before
    atelier.refresh_from_db()
    cafe.refresh_from_db()
    assert deciding.forbids(atelier.innovation, cafe.innovation)


def test_the_priority_of_a_source_for_one_field_wins_for_that_field_only(
    atelier: SourceRecord,
) -> None:
    source = SourceFactory(field_priorities={"title": 5})
    other = told("Un autre titre", source=source)
    merge(other.innovation, atelier.innovation)

    kept = Innovation.objects.get(pk=atelier.innovation_id)
    assert (kept.title, kept.summary) == ("Un autre titre", "Réparer ensemble.")
    assert kept.alternatives["title"] == [{"record": atelier.pk, "value": "Atelier de réparation"}]


def test_what_a_merge_brought_gets_its_address_back_when_the_rest_is_split_off(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    before = state()
    merge(cafe.innovation, atelier.innovation)
    split(atelier.innovation, [atelier.pk])
    assert state() == before


def test_undoing_never_leaves_a_page_without_records_nor_fills_a_merged_one(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    third = told("Repair café")
    first = merge(cafe.innovation, atelier.innovation)
    merge(third.innovation, atelier.innovation)
    parted = split(atelier.innovation, [atelier.pk])
    undo(Regrouping.objects.get(origin=third.innovation))
    with pytest.raises(CannotRegroup, match="déplacées depuis"):
        undo(first)
    other = told("Recyclerie")
    merge(Innovation.objects.get(pk=atelier.innovation_id), other.innovation)
    with pytest.raises(CannotRegroup, match="déplacées depuis"):
        undo(parted)


def test_what_staff_hid_stays_hidden_on_both_sides_of_a_split(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    third = told("Repair café")
    for record in (cafe, third):
        merge(record.innovation, atelier.innovation)
    set_status([atelier.innovation_id], Status.UNPUBLISHED)
    step = split(atelier.innovation, [atelier.pk])
    assert {step.origin.status, Innovation.objects.get(pk=step.target_id).status} == {
        Status.UNPUBLISHED
    }


def test_staff_said_distinct_so_no_merge_brings_them_together(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    pair = deciding.decide(pair_of(atelier, cafe), Verdict.DISTINCT, author=UserFactory())
    with pytest.raises(CannotRegroup, match="sont distinctes"):
        merge(cafe.innovation, atelier.innovation)
    deciding.reopen(pair, author=UserFactory())
    merge(cafe.innovation, atelier.innovation)


@pytest.mark.parametrize("by_splitting", [False, True])
def test_what_staff_hid_while_both_were_one_stays_hidden_once_they_part(
    atelier: SourceRecord, cafe: SourceRecord, *, by_splitting: bool
) -> None:
    step = merge(cafe.innovation, atelier.innovation)
    set_status([atelier.innovation_id], Status.UNPUBLISHED)
    if by_splitting:
        split(atelier.innovation, [cafe.pk])
    else:
        undo(step)
    rows = Innovation.objects.filter(pk__in=[step.origin_id, step.target_id])
    assert set(rows.values_list("status", flat=True)) == {Status.UNPUBLISHED}


def test_what_staff_read_and_published_since_stays_public_once_the_merge_is_undone(
    atelier: SourceRecord, cafe: SourceRecord
) -> None:
    set_status([atelier.innovation_id, cafe.innovation_id], Status.IN_REVIEW)
    for record in (atelier, cafe):
        record.source.publishes_directly = False
        record.source.save()
        record.innovation.refresh_from_db()
    step = merge(cafe.innovation, atelier.innovation)
    moderation.decide([atelier.innovation_id], Decision.PUBLISH, author=None)
    undo(step)
    atelier.innovation.refresh_from_db()
    cafe.innovation.refresh_from_db()
    assert (atelier.innovation.status, cafe.innovation.status) == (
        Status.PUBLISHED,
        Status.IN_REVIEW,
    )
