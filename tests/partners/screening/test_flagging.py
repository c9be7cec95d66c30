"""A personal datum never reaches the public, nothing is lost, and nothing is asked twice."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

from innovations.models import FieldEdit, Innovation, SearchRow, Status
from partners.harvest import harvest
from partners.models import Flag, FlagState, Source, SourceRecord
from partners.publishing import publish_records, republish
from partners.screening import checking
from partners.screening.deciding import leave, mask, reopen
from partners.screening.personal import Kind
from tests.factories import SourceRecordFactory
from tests.partners.conftest import Site, row

pytestmark = pytest.mark.django_db
PHONE = "06 39 98 12 34"
TEXT = f"Des habitants réparent ensemble. Appelez Camille au {PHONE}."
HIDDEN = "[donnée retirée]"


def digits() -> str:
    """All that the public tables and the flags hold, as text."""
    held: list[Any] = [*Innovation.objects.values(), *Flag.objects.values()]
    held += [*SearchRow.objects.values(), *FieldEdit.objects.values()]
    return str(held)


def told(record: SourceRecord) -> Innovation:
    record.refresh_from_db()
    assert record.innovation is not None
    return record.innovation


@pytest.fixture
def read(source: Source, site: Site) -> Callable[..., SourceRecord]:
    """Harvest the source as it says this of its only project; its record."""

    def harvested(**changed: Any) -> SourceRecord:
        site.rows = [row(1, **changed)]
        harvest(source)
        return SourceRecord.objects.get(external_id="p1")

    return harvested


def test_the_names_of_its_porteur_and_places_are_looked_at_too() -> None:
    record = SourceRecordFactory(
        values={
            "title": "Repair café",
            "summary": "Réparer ensemble.",
            "porteur": {"name": "camille.martin1958@gmail.com"},
        },
        sites=[{"label": f"Salle des fêtes, Camille, {PHONE}", "confidence": 0.5}],
    )
    publish_records([record])
    innovation = told(record)
    assert innovation.status == Status.IN_REVIEW
    assert innovation.organisation is None
    (place,) = innovation.locations.all()
    assert place.label == f"Salle des fêtes, Camille, {HIDDEN}"
    assert {field for flag in Flag.objects.all() for field in flag.fields} == {
        "organisation", "places",
    }  # fmt: skip
    assert "39 98" not in digits()


def test_a_new_record_that_holds_one_waits_for_someone(read: Callable[..., SourceRecord]) -> None:
    record = read(texte=TEXT)

    assert PHONE in record.values["description"]
    assert told(record).status == Status.IN_REVIEW
    assert HIDDEN in told(record).description
    flag = Flag.objects.get()
    assert (flag.kind, flag.fields, flag.excerpt) == (Kind.PHONE, ["description"], "06 •• •• •• ••")
    assert flag.hides
    assert "39 98" not in digits()


def test_a_known_record_stays_public_without_the_datum(
    read: Callable[..., SourceRecord],
) -> None:
    before = told(read())
    assert before.is_public

    after = told(read(texte=TEXT, titre="Atelier renommé"))

    assert after.pk == before.pk
    assert after.is_public
    assert after.title == "Atelier renommé"
    assert HIDDEN in after.description
    assert "39 98" not in digits()


def test_what_is_left_as_public_is_shown_and_never_asked_again(
    read: Callable[..., SourceRecord], roles: SimpleNamespace
) -> None:
    record = read(texte=TEXT)

    assert leave([Flag.objects.get().pk], by=roles.moderator) == 1

    assert told(record).is_public
    assert PHONE in told(record).description
    moved = read(titre=f"Atelier, {PHONE}", texte="Un autre texte, le numéro dans le titre.")
    assert PHONE in told(moved).title
    flag = Flag.objects.get()
    assert (flag.state, flag.fields, flag.decided_by) == (
        FlagState.LEFT, ["title"], roles.moderator,
    )  # fmt: skip


def test_another_datum_in_the_same_record_is_asked_about(
    read: Callable[..., SourceRecord], roles: SimpleNamespace
) -> None:
    read(texte=TEXT)
    leave([Flag.objects.get().pk], by=roles.moderator)

    record = read(texte=f"{TEXT} Ou le 06 39 98 56 78.")

    assert told(record).is_public
    assert PHONE in told(record).description
    assert "56 78" not in told(record).description
    assert Flag.objects.to_decide().count() == 1


def test_what_is_masked_stays_so_whatever_the_source_says(
    read: Callable[..., SourceRecord], roles: SimpleNamespace
) -> None:
    read(texte=TEXT)

    mask([Flag.objects.get().pk], by=roles.moderator)
    record = read(texte=f"Nouveau texte. Tél. {PHONE.replace(' ', '.')}")

    assert told(record).is_public
    assert told(record).description == f"<p>Nouveau texte. Tél. {HIDDEN}</p>"
    assert Flag.objects.get().state == FlagState.MASKED


def test_a_decision_can_be_taken_back(
    read: Callable[..., SourceRecord], roles: SimpleNamespace
) -> None:
    record = read(texte=TEXT)
    leave([Flag.objects.get().pk], by=roles.moderator)

    reopen([Flag.objects.get().pk], by=roles.moderator)

    assert told(record).is_public
    assert HIDDEN in told(record).description
    assert Flag.objects.get().decided_by is None


def test_a_datum_that_the_source_takes_out_is_asked_about_no_more(
    read: Callable[..., SourceRecord],
) -> None:
    read(texte=TEXT)

    record = read(texte="Des habitants réparent ensemble.")

    assert told(record).is_public
    assert Flag.objects.get().state == FlagState.GONE
    read(texte=TEXT)
    assert Flag.objects.get().state == FlagState.OPEN


def test_composing_again_gives_the_same(read: Callable[..., SourceRecord]) -> None:
    record = read(texte=TEXT)
    before = told(record).description

    republish([record.innovation_id or 0])

    assert told(record).description == before
    assert Flag.objects.count() == 1


def test_what_another_source_says_is_masked_too(roles: SimpleNamespace) -> None:
    first = SourceRecordFactory(values={"title": "Atelier", "summary": "Un lieu pour réparer."})
    [innovation] = publish_records([first])
    second = SourceRecordFactory(
        innovation=innovation, values={"title": "Atelier", "summary": TEXT}
    )

    publish_records([second])

    innovation.refresh_from_db()
    assert innovation.alternatives["summary"]
    assert "39 98" not in digits()


def test_a_probable_datum_is_told_and_shown() -> None:
    record = SourceRecordFactory(
        values={"title": "Atelier", "summary": "Voir c.exemple@association.example.org"}
    )
    [innovation] = publish_records([record])
    assert innovation.is_public
    assert not Flag.objects.get().hides


@pytest.mark.parametrize("size", [3, 30])
def test_screening_costs_no_more_queries_for_more_records(
    size: int, django_assert_max_num_queries: Any
) -> None:
    records = [
        SourceRecordFactory(values={"title": f"Atelier {n}", "summary": TEXT}) for n in range(size)
    ]
    with django_assert_max_num_queries(42):
        publish_records(records)
    assert Flag.objects.count() == size


def test_texts_are_checked_apart_and_hold_nothing_back(source: Source) -> None:
    records = [
        SourceRecordFactory(source=source, values={"title": f"Atelier {n}", "summary": said})
        for n, said in enumerate(["À venir", "Un texte qui dit quelque chose du projet."])
    ]
    publish_records(records)

    assert checking.check_texts(source.pk) == 1
    assert checking.check_texts(source.pk) == 0

    flag = Flag.objects.get()
    assert (flag.record_id, flag.label) == (records[0].pk, "Texte d’attente")
    assert not flag.hides
    assert Innovation.objects.published().count() == 2


def test_a_text_repeated_over_a_source_is_told_until_it_changes(source: Source) -> None:
    said = "La plateforme recense les initiatives des habitants de la région."
    for n in range(5):
        SourceRecordFactory(source=source, values={"title": f"Atelier {n}", "summary": said})

    assert checking.check_texts(source.pk) == 5

    assert Flag.objects.first().excerpt == "5 fiches de la source"  # type: ignore[union-attr]
    one = SourceRecord.objects.filter(source=source).first()
    assert one is not None
    SourceRecord.objects.filter(pk=one.pk).update(
        values={"title": "Autre", "summary": "Un récit du projet."}
    )
    checking.check_texts(source.pk)
    assert Flag.objects.to_decide().count() == 0


def test_records_received_before_are_screened_once(source: Source) -> None:
    record = SourceRecordFactory(values={"title": "Atelier", "summary": "Un lieu pour réparer."})
    [innovation] = publish_records([record])
    SourceRecord.objects.filter(pk=record.pk).update(values={"title": "Atelier", "summary": TEXT})
    Innovation.objects.filter(pk=innovation.pk).update(summary=TEXT)

    call_command("screen_records")
    call_command("screen_records")

    innovation.refresh_from_db()
    assert innovation.is_public
    assert HIDDEN in innovation.summary
    assert Flag.objects.count() == 1
