"""A public record's pages: who says what, merging, splitting, undoing; differences to answer."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from innovations import bulk
from innovations.models import BulkAction, FieldEdit, Innovation
from partners import answering, editing, priorities, tasks
from partners.consolidation import gestures
from partners.consolidation.regrouping import Why, merge
from partners.models import Pair, Recomposition, Regrouping, Remark, SourceRecord, Verdict
from partners.publishing import publish_records, republish
from tests.factories import SourceFactory, SourceRecordFactory, UserFactory
from tests.rows import counting_rows

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def told(title: str, **changed: object) -> SourceRecord:
    record = SourceRecordFactory(values={"title": title, "summary": "Réparer."}, **changed)
    publish_records([record])
    record.refresh_from_db()
    return record


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


@pytest.fixture
def atelier(db: None) -> SourceRecord:
    return told("Atelier de réparation")


@pytest.fixture
def cafe(db: None) -> SourceRecord:
    return told("Café bricole")


def test_another_record_is_found_by_its_title_or_address_then_merged(
    moderator: Client, atelier: SourceRecord, cafe: SourceRecord
) -> None:
    where = reverse("backoffice:innovation_join", args=[atelier.innovation_id])
    for words in ("cafe BRICOLE", f"https://x.fr{cafe.innovation.get_absolute_url()}"):
        assert "Comparer" in text(moderator.get(where, {"q": words}))
    assert "Aucune autre fiche" in text(moderator.get(where, {"q": "atelier de réparation"}))

    confirm = reverse(
        "backoffice:innovation_join_with", args=[atelier.innovation_id, cafe.innovation_id]
    )
    assert "La fiche réunie" in text(moderator.get(confirm))
    assert Regrouping.objects.count() == 0
    moderator.post(confirm, {"lieu": "autre", "motif": "Un lieu."})
    step = Regrouping.objects.get()
    assert (step.reason, step.verdict) == ("Un lieu.", Verdict.SITE)
    cafe.refresh_from_db()
    assert cafe.is_site
    assert cafe.innovation_id == atelier.innovation_id


def test_records_are_split_after_a_preview_and_the_gesture_is_undone(
    moderator: Client, atelier: SourceRecord, cafe: SourceRecord
) -> None:
    merge(cafe.innovation, atelier.innovation)
    split = reverse("backoffice:innovation_split", args=[atelier.innovation_id])
    page = text(moderator.post(split, {"fiche": [cafe.pk]}))
    assert "Ce qui part" in page
    cafe.refresh_from_db()
    assert cafe.innovation_id == atelier.innovation_id
    moderator.post(split, {"fiche": [cafe.pk], "confirme": "oui", "motif": "Deux projets."})
    cafe.refresh_from_db()
    assert cafe.innovation_id != atelier.innovation_id
    assert Pair.objects.get().verdict == Verdict.DISTINCT

    gestures.join(  # nobody can merge them by mistake any more
        told("Autre").innovation, cafe.innovation, why=Why(UserFactory())
    )
    page = text(
        moderator.post(
            reverse(
                "backoffice:innovation_join_with", args=[atelier.innovation_id, cafe.innovation_id]
            ),
            follow=True,
        )
    )
    assert "rouvrez d’abord cette décision" in page


def test_a_merge_by_a_rule_that_staff_undo_is_distinct_for_good(
    moderator: Client, atelier: SourceRecord, cafe: SourceRecord
) -> None:
    pair = Pair.objects.create(first=atelier, second=cafe, score=0.99, proposed=Verdict.SAME)
    step = merge(cafe.innovation, atelier.innovation, why=Why(rule="meme-page", pair=pair))
    Pair.objects.filter(pk=pair.pk).update(state="liee-par-regle", verdict=Verdict.SAME)
    page = text(
        moderator.get(reverse("backoffice:innovation_sources", args=[atelier.innovation_id]))
    )
    assert "par la règle « meme-page »" in page
    moderator.post(reverse("backoffice:regrouping_undo", args=[step.pk]))
    pair.refresh_from_db()
    assert (pair.state, pair.verdict) == ("decidee", Verdict.DISTINCT)


def test_splitting_all_or_nothing_is_told(moderator: Client, atelier: SourceRecord) -> None:
    split = reverse("backoffice:innovation_split", args=[atelier.innovation_id])
    for chosen in ([], [atelier.pk]):
        page = text(moderator.post(split, {"fiche": chosen}, follow=True))
        assert "laissez-en au moins une" in page


def test_the_sources_page_costs_the_same_for_10_and_300_sources(moderator: Client) -> None:
    source = SourceFactory()
    first = told("Atelier", source=source)

    def add(number: int) -> None:
        rank = SourceRecord.objects.count()
        SourceRecord.objects.bulk_create(
            SourceRecordFactory.build(
                source=source,
                external_id=f"q{rank + n}",
                values={"title": f"Atelier {n}"},
                innovation=first.innovation,
            )
            for n in range(number)
        )
        republish([first.innovation_id])

    add(9)
    where = reverse("backoffice:innovation_sources", args=[first.innovation_id])
    moderator.get(where)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries, counting_rows() as rows:
            assert moderator.get(where).status_code == 200
        costs.append((len(queries), rows.count))
        add(290)
    (few, _), (many, fetched) = costs
    assert many <= few <= 12
    assert fetched < 150


def test_differences_are_taken_or_left_one_by_one_and_together(
    moderator: Client, roles: SimpleNamespace
) -> None:
    records = [told(f"Atelier {n}") for n in range(3)]
    for record in records:
        editing.write(record.innovation, {"title": "Notre titre"}, author=roles.moderator)
        values = {**record.values, "title": f"Grand atelier {record.pk}"}
        SourceRecord.objects.filter(pk=record.pk).update(values=values)
    republish([r.innovation_id for r in records])
    first, second, third = FieldEdit.objects.differing().order_by("pk")
    page = text(moderator.get(reverse("backoffice:differences")))
    assert "3 différences en attente" in page
    assert "Notre titre" in page

    settle = reverse("backoffice:differences_settle")
    moderator.post(settle, {"action": f"garder-{first.pk}"})
    moderator.post(settle, {"action": "prendre-choisies", "difference": [second.pk, third.pk]})

    titles = [Innovation.objects.get(pk=r.innovation_id).title for r in records]
    assert titles == ["Notre titre", *(f"Grand atelier {r.pk}" for r in records[1:])]
    assert not FieldEdit.objects.differing().exists()
    bulk.undo(BulkAction.objects.order_by("-pk").first(), author=roles.moderator)
    assert Innovation.objects.filter(title="Notre titre").count() == 3
    assert FieldEdit.objects.differing().count() == 2


def test_a_field_written_again_is_left_alone_by_undoing(roles: SimpleNamespace) -> None:
    record = told("Atelier")
    [edit] = editing.write(record.innovation, {"title": "Un"}, author=roles.moderator)
    values = {**record.values, "title": "Grand atelier"}
    SourceRecord.objects.filter(pk=record.pk).update(values=values)
    republish([record.innovation_id])
    action = answering.answer([edit.pk], takes=True, author=roles.moderator)
    editing.write(record.innovation, {"title": "Deux"}, author=roles.moderator)
    assert bulk.undo(action, author=roles.moderator).restored == 0
    assert Innovation.objects.get(pk=record.innovation_id).title == "Deux"


def test_a_member_sees_whose_records_its_own_is_merged_with_and_may_object(
    roles: SimpleNamespace, client: Client, atelier: SourceRecord
) -> None:
    mine = told("Repair café", source=SourceFactory(partner=roles.partner))
    merge(mine.innovation, atelier.innovation)
    client.force_login(roles.partner_member, BACKEND)
    page = text(client.get(reverse("backoffice:record", args=[mine.pk])))
    assert atelier.source.partner.name in page
    assert reverse("backoffice:record", args=[atelier.pk]) not in page
    where = reverse("backoffice:remark_add", args=[mine.pk])
    assert client.post(where, {"text": " "}).status_code == 200
    client.post(where, {"text": "Ce sont deux associations."})
    assert Remark.objects.get().text == "Ce sont deux associations."
    other = reverse("backoffice:remark_add", args=[atelier.pk])
    assert client.post(other, {"text": "x"}).status_code == 404


def test_priorities_are_previewed_saved_and_applied(
    moderator: Client, roles: SimpleNamespace
) -> None:
    first, second = told("Atelier"), told("Café")
    merge(second.innovation, first.innovation)
    shown = Innovation.objects.get(pk=first.innovation_id).title
    loser = first if shown == "Café" else second
    where = reverse("backoffice:source_priorities", args=[loser.source.slug])
    page = text(moderator.post(where, {"priority": "0", "champ-title": "10", "action": "voir"}))
    assert f"<del>{shown}</del>" in page
    loser.source.refresh_from_db()
    assert loser.source.field_priorities == {}

    asked = priorities.set_priorities(loser.source, 0, {"title": 10}, author=roles.moderator)
    tasks.recompose_source(asked.pk)
    assert Innovation.objects.get(pk=first.innovation_id).title == loser.values["title"]
    done = Recomposition.objects.get()
    assert (done.done, done.total, done.percent) == (1, 1, 100)
    assert "Dernière recomposition : 1 fiche" in text(moderator.get(where))


@pytest.mark.parametrize("name", ["differences", "remarks"])
def test_what_waits_costs_the_same_for_30_and_300(
    name: str, moderator: Client, roles: SimpleNamespace
) -> None:
    source = SourceFactory()

    def add(number: int) -> None:
        rank = SourceRecord.objects.count()
        records = [
            SourceRecordFactory.build(
                source=source, external_id=f"r{rank + n}", values={"title": f"Atelier {n}"}
            )
            for n in range(number)
        ]
        SourceRecord.objects.bulk_create(records)
        publish_records(records)
        Remark.objects.bulk_create(Remark(record=r, text="Non.") for r in records)
        FieldEdit.objects.bulk_create(
            FieldEdit(
                innovation_id=record.innovation_id,
                field="title",
                value="Le nôtre",
                difference={"value": "Le leur"},
                differs_since=timezone.now(),
                author=roles.moderator,
            )
            for record in records
        )

    add(30)
    where = reverse(f"backoffice:{name}")
    moderator.get(where)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries, counting_rows() as rows:
            assert moderator.get(where).status_code == 200
        costs.append((len(queries), rows.count))
        add(270)
    (few, _), (many, fetched) = costs
    assert many <= few <= 12
    assert fetched < 150


def test_a_difference_that_changed_since_it_was_read_is_left(
    moderator: Client, roles: SimpleNamespace
) -> None:
    record = told("Atelier")
    [edit] = editing.write(record.innovation, {"title": "Notre titre"}, author=roles.moderator)

    def said(title: str) -> None:
        values = {**record.values, "title": title}
        SourceRecord.objects.filter(pk=record.pk).update(values=values)
        republish([record.innovation_id])

    said("Grand atelier")
    edit.refresh_from_db()
    mark = f"{edit.pk}.{edit.mark}"
    assert mark in text(moderator.get(reverse("backoffice:differences")))
    said("Atelier unique")

    settle = reverse("backoffice:differences_settle")
    for verb in ("garder", "prendre"):
        answer = moderator.post(settle, {"action": f"{verb}-{mark}"}, follow=True)
        assert "une des valeurs a changé depuis" in text(answer)
    edit.refresh_from_db()
    assert edit.difference == {"value": "Atelier unique"}
    moderator.post(settle, {"action": f"prendre-{edit.pk}.{edit.mark}"})
    assert Innovation.objects.get(pk=record.innovation_id).title == "Atelier unique"
