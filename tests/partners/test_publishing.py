"""From source records to innovations: what staff decides and writes, and what it costs."""

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from innovations.models import FieldEdit, Innovation, Status
from innovations.publishing import set_status
from partners.connectors import RawRow
from partners.harvest import harvest
from partners.identity import Group, Identifier
from partners.mapping.rules import parse
from partners.models import Source, SourceRecord
from partners.publishing import publish_records, republish
from partners.store import Store
from partners.suppression import Suppressions
from partners.vocabularies import Vocabularies
from tests.conftest import wait_for
from tests.factories import SourceFactory, SourceRecordFactory
from tests.partners.conftest import MAPPING, Site, row

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def batch(source: Source, numbers: range) -> list[Group]:
    identifier = Identifier(source, parse(source.mapping))
    rows = [RawRow(row(n), f"ligne {n}") for n in numbers]
    return [Group(identifier.of(r), [r], identifier.fingerprint([r])) for r in rows]


def complete(**changed: object) -> SourceRecord:
    values = {"title": "Atelier de réparation", "description": "<p>Réparer ensemble.</p>"}
    return SourceRecordFactory(values=values, **changed)


@pytest.mark.django_db(transaction=True)
def test_what_staff_unpublishes_while_a_harvest_writes_stays_so() -> None:
    [innovation] = publish_records([complete()])

    def harvested() -> None:
        try:
            republish([innovation.pk])
        finally:
            connection.close()

    def is_waiting() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            return cursor.fetchone()[0] > 0

    with transaction.atomic():
        set_status([innovation.pk], Status.UNPUBLISHED)
        other = threading.Thread(target=harvested)
        other.start()
        wait_for(is_waiting, 10)
    other.join(10)
    innovation.refresh_from_db()
    assert innovation.status == Status.UNPUBLISHED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("started_year", "environ 2015"),
        ("started_year", 15),
        ("website", "javascript:alert(1)"),
        ("title", ""),
        ("terms", 3),
        ("organisation", "Une association"),
        ("slug", "ailleurs"),
    ],
)
def test_an_edit_that_its_field_cannot_hold_is_left_aside(field: str, value: object) -> None:
    [innovation] = publish_records([complete()])
    FieldEdit.objects.create(innovation=innovation, field=field, value=value)
    republish([innovation.pk])
    innovation.refresh_from_db()
    assert (innovation.title, innovation.status) == ("Atelier de réparation", Status.PUBLISHED)
    assert (innovation.website, innovation.started_year) == ("", None)


@pytest.mark.django_db
def test_an_edited_description_keeps_no_script() -> None:
    [innovation] = publish_records([complete()])
    said = "<p>Notre texte</p><script src=/x.js></script>"
    FieldEdit.objects.create(innovation=innovation, field="description", value=said)
    republish([innovation.pk])
    innovation.refresh_from_db()
    assert innovation.description == "<p>Notre texte</p>"


@pytest.mark.django_db
def test_a_change_of_priority_is_seen_at_the_next_harvest(source: Source, site: Site) -> None:
    site.rows = [row(1)]
    harvest(source)
    [record] = SourceRecord.objects.all()
    other = SourceRecordFactory(
        values={"title": "Un autre titre", "description": "<p>Ailleurs.</p>"},
        innovation=record.innovation,
    )
    publish_records([other])
    assert Innovation.objects.get().title == "Un autre titre"
    source.priority = 5
    source.save()
    harvest(source)
    assert Innovation.objects.get().title == row(1)["titre"]


@pytest.mark.django_db
def test_storing_twice_as_many_records_takes_no_more_queries(
    communes: dict[str, object], terms: None
) -> None:
    source = SourceFactory(mapping=MAPPING)

    def cost(numbers: range) -> int:
        rules, words = parse(source.mapping), Vocabularies.load([source.pk])
        store = Store(source, None, rules, Suppressions.load(), words)
        with CaptureQueriesContext(connection) as queries:
            assert store.write(batch(source, numbers)).created == len(numbers)
        return len(queries)

    cost(range(1))
    assert cost(range(100, 110)) == cost(range(200, 220))


@pytest.mark.django_db
def test_publishing_twice_as_many_records_takes_no_more_queries() -> None:
    source = SourceFactory()

    def cost(number: int) -> int:
        records = [complete(source=source) for _ in range(number)]
        publish_records(records)
        with CaptureQueriesContext(connection) as queries:
            publish_records(records)
        return len(queries)

    assert cost(10) == cost(20)
