"""From contributions to the public record."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from innovations.composition import Contribution, Place, compose
from innovations.models import Innovation, SearchRow, Status
from innovations.publishing import Publication, publish, set_status
from tests.factories import InnovationFactory, TermFactory, TerritoryFactory


def contribution(record_id: int = 1, **fields: object) -> Contribution:
    given: dict = {
        "partner_slug": "avise",
        "partner_name": "Avise",
        "source_slug": "avise-fiches",
        "source_name": "Fiches",
        "url": "https://avise.example.org/1",
        "is_record_page": True,
        "licence": "etalab-2.0",
        "is_open": True,
        "collected_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        "values": {"title": "Épicerie solidaire"},
    }
    return Contribution(record_id=record_id, **{**given, **fields})


def publication(*contributions: Contribution, **fields: object) -> Publication:
    return Publication(composed=compose(contributions), status=Status.PUBLISHED, **fields)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_published_record_has_its_parts_and_can_be_found() -> None:
    TermFactory(code="emploi")
    town = TerritoryFactory(name="Lormes")
    values = {
        "title": "Épicerie solidaire",
        "organisation": {"name": "CCAS", "legal_form": "ccas"},
        "terms": ["theme:emploi", "theme:inconnu"],
        "reproduction": {"need": "Se nourrir à moindre coût."},
    }

    [innovation] = publish(
        [publication(contribution(values=values, places=[Place(town.pk, "Lormes (58)")]))]
    )

    innovation.refresh_from_db()
    assert innovation.slug == "epicerie-solidaire"
    assert innovation.organisation.name == "CCAS"
    assert [t.code for t in innovation.terms.all()] == ["emploi"]
    assert innovation.locations.get().territory == town
    assert innovation.citations.get().partner_name == "Avise"
    assert innovation.reproduction.need == "Se nourrir à moindre coût."
    assert innovation.search_row.territory_ids == town.ancestor_ids


@pytest.mark.django_db
def test_publishing_again_changes_nothing_and_keeps_the_address() -> None:
    [first] = publish([publication(contribution())])
    renamed = contribution(values={"title": "Épicerie renommée"})

    [second] = publish([publication(renamed, innovation=first)])

    assert second.pk == first.pk
    assert second.slug == "epicerie-solidaire"
    assert Innovation.objects.get().title == "Épicerie renommée"
    assert Innovation.objects.get().citations.count() == 1


@pytest.mark.django_db
def test_two_records_of_the_same_title_have_two_addresses() -> None:
    first, second = publish([publication(contribution(1)), publication(contribution(2))])

    assert {first.slug, second.slug} == {"epicerie-solidaire", "epicerie-solidaire-2"}


@pytest.mark.django_db
def test_what_staff_unpublished_stays_unpublished() -> None:
    innovation = InnovationFactory(status=Status.UNPUBLISHED)

    publish([publication(contribution(), innovation=innovation)])

    innovation.refresh_from_db()
    assert innovation.status == Status.UNPUBLISHED
    assert not SearchRow.objects.exists()


@pytest.mark.django_db
def test_unpublishing_takes_the_record_out_of_search() -> None:
    innovation = InnovationFactory(published=True)
    assert SearchRow.objects.filter(pk=innovation.pk).exists()

    set_status([innovation.pk], Status.UNPUBLISHED)

    assert not SearchRow.objects.filter(pk=innovation.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("size", [2, 40])
def test_the_number_of_queries_does_not_depend_on_the_batch(
    size: int, django_assert_max_num_queries: object
) -> None:
    batch = [publication(contribution(n, values={"title": f"Projet {n}"})) for n in range(size)]
    with django_assert_max_num_queries(32):  # type: ignore[operator]
        publish(batch)


@pytest.mark.django_db(transaction=True)
def test_two_harvests_at_once_may_meet_the_same_organisation_and_title() -> None:
    def harvest(record_id: int) -> str:
        try:
            values = {"title": "Cravate", "organisation": {"name": "La Cravate solidaire"}}
            [innovation] = publish([publication(contribution(record_id, values=values))])
            return innovation.slug
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        slugs = list(pool.map(harvest, range(8)))

    assert len(set(slugs)) == 8
    assert Innovation.objects.values("organisation").distinct().count() == 1


@pytest.mark.django_db
def test_publishing_a_reviewed_record_dates_it_once() -> None:
    innovation = InnovationFactory(status=Status.IN_REVIEW)

    assert set_status([innovation.pk], Status.PUBLISHED) == 1
    first = Innovation.objects.get().published_at
    set_status([innovation.pk], Status.UNPUBLISHED)
    set_status([innovation.pk], Status.PUBLISHED)

    assert first is not None
    assert Innovation.objects.get().published_at == first
    assert SearchRow.objects.filter(pk=innovation.pk).exists()


@pytest.mark.django_db
def test_the_words_of_a_domaine_do_not_find_all_its_sous_domaines() -> None:
    domaine = TermFactory(code="territoires", label="Territoires et mobilités")
    term = TermFactory(code="tiers-lieux", label="Tiers-lieux", parent=domaine)
    innovation = InnovationFactory(published=True, terms=[term])

    found = SearchRow.objects.extra(where=["vector @@ to_tsquery('carrefour', 'mobilites')"])

    assert not found.exists()
    assert set(SearchRow.objects.get(pk=innovation.pk).term_ids) == {term.pk, domaine.pk}
