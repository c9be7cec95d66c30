"""The bitmaps answer as the rows do, whatever is asked and whatever changed since."""

import random
from collections.abc import Iterator

import pytest
from django.http import QueryDict

from innovations import publishing, search_found, searchrows
from innovations.index import building
from innovations.index.reading import Index
from innovations.models import (
    Innovation,
    SearchChange,
    SearchIndex,
    SearchPlace,
    SearchRow,
    Status,
    Term,
)
from innovations.search import InnovationSearch
from innovations.search_found import BitsFound, RowsFound
from innovations.search_kin import with_families
from innovations.search_needs import with_needs
from tests.factories import (
    InnovationFactory,
    OrganisationFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db

WORDS = (
    "jardin", "partagé", "tiers-lieu", "mobilité", "réparation", "école", "l’emploi", "solidaire",
    "compost", "habitants", "numérique", "cantine",
)  # fmt: skip
RANDOM = random.Random(20_26)
QUERIES = (
    "",
    "q=jardin",
    "q=jardin solidaire",
    "q=jardin -compost",
    'q="jardin partagé"',
    "q=tiers lieu&tri=titre",
    "q=jardin ou cantine&tri=recentes",
    "q=mobilité école emploi numérique compost",
    "q=inconnu",
    "q=jardin inconnu&theme=emploi",
    "theme=emploi&theme=culture&nature=publique",
    "zone=departement-22&theme=insertion",
    "territoire=departement-22&annee_min=2010&annee_max=2015",
    "territoire=commune-22278",
    "q=solidaire&nature=sociale&portee=commune&commun=oui",
    "bbox=-5,47,0,49.5&q=jardin",
    "autour=48.3,-2.7&rayon=30&q=jardin",
    "territoire=commune-22278&rayon=10&nature=sociale",
    "annee_min=2012&partenaire=semeoz",
    "q=comment jeter moins à la cantine",
    "q=je cherche un ordinateur pour mon école",
)


@pytest.fixture
def corpus() -> list[Innovation]:
    work, culture = TermFactory(code="emploi"), TermFactory(code="culture")
    terms = [work, culture, TermFactory(code="insertion", parent=work)]
    region, departement = TerritoryFactory(a_region=True), TerritoryFactory(a_departement=True)
    commune = TerritoryFactory(code="22278", departement=departement, longitude=-2.7, latitude=48.2)
    owner = OrganisationFactory()
    record = SourceRecordFactory(source__partner__slug="semeoz")
    return [one(terms, [commune, departement, region, None], owner, record) for _ in range(30)]


def one(terms: list[Term], places: list, owner: object, record: object) -> Innovation:
    pick = RANDOM.choice
    return InnovationFactory(
        published=True,
        title=" ".join(RANDOM.sample(WORDS, 3)),
        summary=" ".join(RANDOM.choices(WORDS, k=6)),
        description=f"<p>{' '.join(RANDOM.choices(WORDS, k=9))}</p>",
        terms=RANDOM.sample(terms, RANDOM.randint(0, 3)),
        nature=pick(["sociale", "publique", ""]),
        reach=pick(["commune", "region", ""]),
        is_commun=pick([True, False, None]),
        started_year=pick([2009, 2012, 2016, None]),
        territory=pick(places),
        organisation=owner,
        cited=pick([record, None]),
    )


def both(query: str) -> Iterator[tuple[InnovationSearch, BitsFound | RowsFound]]:
    search = InnovationSearch.from_query(QueryDict(query))
    index = Index.read()
    assert index is not None
    yield search, BitsFound(search.asked, index)
    yield search, RowsFound(search.asked)


def answers(search: InnovationSearch, found: BitsFound | RowsFound) -> dict[str, object]:
    groups = search.written.groups
    families = found.taking(with_families(search.written, [group.written for group in groups]))
    needs = found.taking(with_needs(search.written))
    looser = [
        found.taking(w) for w in search.written.looser(dict(zip(groups, range(3, 9), strict=False)))
    ]
    return {
        "total": found.total,
        "without facets": found.unfaceted_total,
        "looser": [other.total for other in looser],
        "families": families.total,
        "needs": needs.total,
        "needs, worth ranking": sorted(needs.candidates()),
        "families, worth ranking": sorted(families.candidates()),
        "looser, worth ranking": [sorted(other.candidates()) for other in looser],
        "facets": found.facets(),
        "figures": found.figures(),
        "spread": found.spread(),
        "places": sorted(found.placed(SearchPlace.objects.all()).values_list("pk", flat=True)),
        "worth ranking": sorted(found.candidates()),
        "by date": found.ids("recentes", 0, 100),
        "by title": found.ids("titre", 2, 12),
        "by merit": found.ids("pertinence", 0, 100),
        "by merit, further": found.ids("pertinence", 3, 7, found.ids("pertinence", 0, 3)),
    }


def assert_the_same() -> None:
    for query in QUERIES:
        by_bits, by_rows = (answers(*pair) for pair in both(query))
        assert by_bits == by_rows, query


def change(corpus: list[Innovation]) -> None:
    """Some are written again, one is unpublished, one goes altogether, one is new."""
    for innovation in corpus[:4]:
        Innovation.objects.filter(pk=innovation.pk).update(title="Cantine solidaire", nature="")
    searchrows.refresh([i.pk for i in corpus[:4]])
    publishing.set_status([corpus[5].pk], Status.UNPUBLISHED)
    corpus[6].reproduction.delete()
    SearchRow.objects.filter(pk=corpus[6].pk).delete()
    InnovationFactory(published=True, title="Jardin et compost", terms=corpus[0].terms.all())


def test_bitmaps_answer_as_the_rows_do(corpus: list[Innovation]) -> None:
    assert building.update(forced=True, least=2)

    assert not SearchChange.objects.exists()
    assert_the_same()


def test_what_changed_since_is_counted_as_it_is_now(corpus: list[Innovation]) -> None:
    building.update(forced=True, least=2)
    change(corpus)

    assert SearchChange.objects.count() == 7
    assert_the_same()


def test_the_places_of_many_results_are_told_by_their_bits(
    corpus: list[Innovation], monkeypatch: pytest.MonkeyPatch
) -> None:
    building.update(forced=True, least=2)
    change(corpus)
    monkeypatch.setattr(search_found, "MANY", 0)

    assert_the_same()


@pytest.mark.parametrize("is_put_at_the_end", [False, True])
def test_what_changed_stands_at_its_merit_among_many_results(
    corpus: list[Innovation], monkeypatch: pytest.MonkeyPatch, is_put_at_the_end: bool
) -> None:
    building.update(forced=True, least=2)
    pks = [innovation.pk for innovation in corpus]
    for pk in pks[::9]:
        # Written again, they are worth as much as before; one is worth less than all.
        SearchRow.objects.filter(pk=pk).update(merit=RANDOM.random())
    SearchRow.objects.filter(pk=pks[-1]).update(merit=-1)
    for name, number in (("RANKED", 3), ("TITLES", 2), ("BEST", 2)):
        monkeypatch.setattr(search_found, name, number)
    if is_put_at_the_end:
        building.update(forced=True, least=2)

    assert SearchChange.objects.exists() is not is_put_at_the_end
    for query in ("q=solidaire", "q=jardin ou compost", "q=cantine ou école&annee_min=2010"):
        by_bits, by_rows = (found for _, found in both(query))
        assert by_rows.total > 3
        assert by_bits.ids("pertinence", 0, 30) == by_rows.ids("pertinence", 0, 30)
        assert sorted(by_bits.candidates()) == sorted(by_rows.candidates())


def test_results_that_are_all_newer_than_the_bitmaps_have_an_order(
    corpus: list[Innovation], monkeypatch: pytest.MonkeyPatch
) -> None:
    building.update(forced=True, least=2)
    for title in ("Ressourcerie neuve", "Nouvelle ressourcerie"):
        InnovationFactory(published=True, title=title)
    monkeypatch.setattr(search_found, "MANY", 1)

    for order in ("recentes", "titre"):
        search = InnovationSearch.from_query(QueryDict(f"q=ressourcerie&tri={order}"))
        assert search.total == len(search.results()) == 2


def test_changes_are_put_at_the_end_of_the_bitmaps(corpus: list[Innovation]) -> None:
    building.update(forced=True, least=2)
    Innovation.objects.filter(pk=corpus[0].pk).update(title="Compost numérique")
    searchrows.refresh([corpus[0].pk])
    building.update(forced=True, least=2)

    state = SearchIndex.objects.get()
    assert (state.size, state.base) == (31, 30)
    assert not SearchChange.objects.exists()
    assert_the_same()


def test_changes_wait_until_they_are_a_tenth_of_the_records(corpus: list[Innovation]) -> None:
    building.update(forced=True, least=2)
    size = SearchIndex.objects.get().size
    searchrows.refresh([innovation.pk for innovation in corpus[: size // 10 - 1]])
    assert SearchChange.objects.count() == size // 10 - 1
    assert not building.update(least=2)

    searchrows.refresh([corpus[-1].pk])
    assert building.update(least=2)
    assert not SearchChange.objects.exists()


def test_worn_bitmaps_are_made_again_by_merit(corpus: list[Innovation]) -> None:
    building.update(forced=True, least=2)
    change(corpus)
    change(corpus[10:])
    building.update(forced=True, least=2)

    state = SearchIndex.objects.get()
    assert state.size == state.base == SearchRow.objects.count()
    assert_the_same()


def test_few_rows_need_no_bitmaps(corpus: list[Innovation]) -> None:
    assert not building.update()

    assert Index.read() is None
