"""What becomes of a batch: what the database knows of it, what is written, what is told."""

import datetime
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from innovations.models import Innovation, Organisation, SearchRow, Status
from partners.connectors import RawRow
from partners.identity import Group, Identifier, told_by_case
from partners.mapping.rules import parse
from partners.models import RejectedRow, Source, SourceRecord
from partners.publishing import publish_pending
from partners.store import Outcome, Store
from partners.suppression import Suppressions
from partners.vocabularies import Vocabularies
from tests.factories import SourceFactory
from tests.partners.conftest import MAPPING, row

LONG = "Des habitants réparent ensemble les objets du quotidien, chaque samedi, à prix libre."


@pytest.fixture
def plain(communes: dict[str, Any], terms: None) -> Source:
    return SourceFactory(mapping=MAPPING)


def store_of(source: Source, **changed: Any) -> Store:
    words = Vocabularies.load([source.pk])
    return Store(source, None, parse(source.mapping), Suppressions.load(), words, **changed)


def groups(source: Source, rows: list[dict[str, Any]], **told: Any) -> list[Group]:
    identifier = Identifier(source, parse(source.mapping))
    raw = [RawRow(data, f"ligne {n}", **told) for n, data in enumerate(rows, start=2)]
    return [Group(identifier.of(r), [r], identifier.fingerprint([r])) for r in raw]


def written(source: Source, rows: list[dict[str, Any]], **changed: Any) -> Outcome:
    return store_of(source, **changed).write(groups(source, rows))


def told(outcome: Outcome) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "again")
    found = {name: getattr(outcome, name) for name in names} | {"refused": len(outcome.refused)}
    return {name: number for name, number in found.items() if number}


@pytest.mark.django_db
def test_a_new_record_is_written_once_with_its_innovation(plain: Source) -> None:
    written(plain, [row(1), row(2)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_label, count(*) FROM partners_sourcerecordevent GROUP BY 1")
        assert cursor.fetchall() == [("insert", 2)]
        cursor.execute("SELECT pgh_label, count(*) FROM innovations_innovationevent GROUP BY 1")
        assert cursor.fetchall() == [("insert", 2)]
    records = SourceRecord.objects.order_by("external_id")
    assert [r.innovation.title for r in records] == [row(1)["titre"], row(2)["titre"]]
    assert [r.innovation.origins["title"] for r in records] == [r.pk for r in records]


@pytest.mark.django_db
def test_an_unchanged_record_only_learns_that_it_was_seen(plain: Source) -> None:
    written(plain, [row(1), row(2)])
    before = SourceRecord.objects.get(external_id="p1")
    SourceRecord.objects.update(missing_since=timezone.now())
    assert told(written(plain, [row(1), row(2, texte=LONG)])) == {"updated": 1, "unchanged": 1}
    after = SourceRecord.objects.get(external_id="p1")
    assert after.seen_at > before.seen_at
    assert (after.missing_since, after.changed_at) == (None, before.changed_at)
    changed = SourceRecord.objects.get(external_id="p2")
    assert LONG in changed.values["description"]
    assert LONG in changed.innovation.description


@pytest.mark.django_db
def test_a_row_read_twice_in_one_reading_counts_once(plain: Source) -> None:
    since = timezone.now()
    first = store_of(plain, reading_since=since)
    assert told(first.write(groups(plain, [row(1), row(2), row(1)]))) == {"created": 2, "again": 1}
    # Pages that shifted, or a reading taken up where it was broken off.
    assert told(written(plain, [row(2), row(3)], reading_since=since)) == {
        "created": 1,
        "again": 1,
    }
    later = timezone.now()
    assert told(written(plain, [row(2), row(3)], reading_since=later)) == {"unchanged": 2}


@pytest.mark.django_db
def test_one_identifier_for_two_contents_is_refused_across_batches(plain: Source) -> None:
    since = timezone.now()
    reading = store_of(plain, reading_since=since)
    reading.write(groups(plain, [row(1)]))
    other = row(1, titre="Jardin partagé de la butte")
    outcome = reading.write(groups(plain, [other]))
    assert told(outcome) == {"refused": 1}
    assert outcome.refused[0].errors[0]["code"] == "identifiant-double"
    assert SourceRecord.objects.get().values["title"] == row(1)["titre"]
    assert told(written(plain, [other], reading_since=since)) == {"again": 1}
    assert RejectedRow.objects.count() == 1


@pytest.mark.django_db
def test_a_refused_row_read_twice_is_not_counted_twice(plain: Source) -> None:
    written(plain, [row(1)])
    since = timezone.now()
    bad = row(1, titre="NR")
    assert told(written(plain, [bad], reading_since=since)) == {"refused": 1}
    assert told(written(plain, [bad], reading_since=since)) == {"again": 1}
    assert SourceRecord.objects.get().seen_at > since


@pytest.mark.django_db
def test_a_dry_run_tells_repeated_rows_without_writing(plain: Source) -> None:
    store = store_of(plain)
    assert told(store.preview(groups(plain, [row(1)]))) == {"created": 1}
    second = groups(plain, [row(1), row(1, titre="Jardin partagé"), row(2)])
    assert told(store.preview(second)) == {"created": 1, "again": 1, "refused": 1}
    assert not SourceRecord.objects.exists()


@pytest.mark.django_db
def test_new_records_may_wait_to_be_published(plain: Source) -> None:
    written(plain, [row(1)])
    written(plain, [row(1, texte=LONG), row(2), row(3)], publishes_new=False)
    assert Innovation.objects.count() == 1
    assert LONG in Innovation.objects.get().description
    assert publish_pending(plain, limit=1) == 1
    assert publish_pending(plain) == 1
    assert publish_pending(plain) == 0
    assert SearchRow.objects.count() == 3
    assert not SourceRecord.objects.filter(innovation=None).exists()


@pytest.mark.django_db
def test_a_field_that_staff_made_mandatory_refuses_the_record(plain: Source) -> None:
    plain.mandatory = ["description", "place", "url"]
    outcome = written(plain, [row(1), row(2, texte="", ville="NR"), row(3, page="")])
    assert told(outcome) == {"created": 1, "refused": 2}
    said = [[(e["field"], e["code"]) for e in r.errors] for r in outcome.refused]
    assert said == [
        [("description", "champ-obligatoire"), ("place", "champ-obligatoire")],
        [("url", "champ-obligatoire")],
    ]
    assert "description" in outcome.refused[0].errors[0]["message"]


@pytest.mark.django_db
def test_a_record_keeps_what_will_recognise_it(plain: Source) -> None:
    page = "https://www.plateforme.example.org/p1/?utm_source=lettre"
    [group] = groups(plain, [row(1, page=page, texte=LONG)], url=page, date="2024-05-03")
    store_of(plain).write([group])
    record = SourceRecord.objects.get()
    assert (record.page, record.page_key) == (page, "plateforme.example.org/p1")
    assert len(record.likeness) == 64
    assert record.dated_at == datetime.datetime(2024, 5, 3, tzinfo=datetime.UTC)


@pytest.mark.django_db
def test_damaged_accents_are_mended_in_the_values_and_kept_in_the_row(plain: Source) -> None:
    damaged = row(1, titre="CafÃ© associatif")
    outcome = written(plain, [damaged])
    record = SourceRecord.objects.get()
    assert (outcome.mended, record.values["title"]) == (1, "Café associatif")
    assert record.raw == [damaged]
    assert "encodage-repare" in {p["code"] for p in record.problems}


@pytest.mark.django_db
def test_identifiers_that_differ_by_case_only_are_told_and_kept_apart(plain: Source) -> None:
    written(plain, [row(1, id="aB1", texte=LONG), row(1, id="Ab1", texte=LONG), row(2)])
    assert SourceRecord.objects.count() == 3
    assert "« Ab1 », « aB1 »" in told_by_case(plain)
    SourceRecord.objects.filter(external_id="aB1").delete()
    assert told_by_case(plain) == ""


@pytest.mark.django_db
def test_many_same_titles_have_each_their_address(plain: Source) -> None:
    rows = [row(n, titre="Repair café", porteur="Association du bourg") for n in range(30)]
    written(plain, rows[:20])
    written(plain, rows[20:])
    slugs = set(Innovation.objects.values_list("slug", flat=True))
    assert slugs == {"repair-cafe", *(f"repair-cafe-{n}" for n in range(2, 31))}
    assert Organisation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_harvests_at_once_share_structures_and_addresses(
    communes: dict[str, Any], terms: None
) -> None:
    """Both meet the same titles and the same porteurs: nothing is lost, nothing is twice."""
    sources = [SourceFactory(mapping=MAPPING) for _ in range(2)]
    rows = [row(n, titre=f"Atelier {n % 7}", porteur=f"Asso {n % 5}") for n in range(60)]
    start = threading.Barrier(2)
    failed: list[BaseException] = []

    def harvest(source: Source, ordered: list[dict[str, Any]]) -> None:
        try:
            store = store_of(source)
            start.wait(20)
            for first in range(0, 60, 10):
                store.write(groups(source, ordered[first : first + 10]))
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    orders = [rows, rows[::-1]]
    work = [
        threading.Thread(target=harvest, args=pair) for pair in zip(sources, orders, strict=True)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join(60)
    assert not failed
    assert SourceRecord.objects.filter(innovation__status=Status.PUBLISHED).count() == 120
    assert Innovation.objects.values("slug").distinct().count() == 120
    assert Organisation.objects.count() == 5
    assert SearchRow.objects.count() == 120


@pytest.mark.django_db(transaction=True)
def test_a_harvest_does_not_wait_for_another_that_writes_other_records(
    communes: dict[str, Any], terms: None
) -> None:
    from django.db import transaction

    sources = [SourceFactory(mapping=MAPPING) for _ in range(2)]
    done: list[Outcome] = []

    def harvest() -> None:
        try:
            done.append(written(sources[1], [row(2)]))
        finally:
            connection.close()

    with transaction.atomic():
        written(sources[0], [row(1)])
        other = threading.Thread(target=harvest)
        other.start()
        other.join(20)
        assert told(done[0]) == {"created": 1}
    assert Innovation.objects.published().count() == 2
