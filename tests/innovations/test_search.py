"""What a search finds, and how it tells what it could not use."""

import pytest
from django.http import QueryDict

from innovations.models import Innovation, Location, Term
from innovations.search import PAGE_SIZE, InnovationSearch
from innovations.search_page import SearchPage
from innovations.search_text import START, STOP, marked
from innovations.templatetags.records import place_names
from tests.factories import (
    InnovationFactory,
    LocationFactory,
    OrganisationFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def ask(query: str = "") -> InnovationSearch:
    return InnovationSearch.from_query(QueryDict(query))


def titles(query: str = "") -> list[str]:
    return [innovation.title for innovation in ask(query).results()]


def publish(title: str, **fields: object) -> Innovation:
    return InnovationFactory(published=True, title=title, **fields)


def theme(code: str, parent: Term | None = None) -> Term:
    return TermFactory(code=code, parent=parent)


def test_only_published_innovations_are_found() -> None:
    publish("Jardin partagé")
    InnovationFactory(title="Brouillon")

    assert titles() == ["Jardin partagé"]


@pytest.mark.parametrize("words", ["epicerie", "ÉPICERIE", "épiceries", "epiceries solidaires"])
def test_words_are_found_whatever_accents_case_and_number(words: str) -> None:
    publish("L’épicerie solidaire du bourg")
    publish("Atelier vélo")

    assert titles(f"q={words}") == ["L’épicerie solidaire du bourg"]


def test_a_title_outranks_a_description() -> None:
    publish("Autre chose", description="<p>On y parle de compost.</p>")
    publish("Compost de quartier")

    assert titles("q=compost") == ["Compost de quartier", "Autre chose"]


def test_an_excluded_word_excludes() -> None:
    publish("Jardin partagé")
    publish("Jardin thérapeutique")

    assert titles("q=jardin -thérapeutique") == ["Jardin partagé"]


def test_when_not_all_words_are_found_any_of_them_is_enough_and_it_is_told() -> None:
    publish("Jardin partagé", summary="", description="")

    search = ask("q=jardin hydroponique")

    assert search.words.is_any
    assert [i.title for i in search.results()] == ["Jardin partagé"]
    assert "Aucune fiche ne contient tous vos mots" in SearchPage(search).relaxed


def test_a_sentence_is_answered_by_those_that_hold_what_says_most() -> None:
    """Vague words that many records hold do not make up for the rare one, nor need be there."""
    for n in range(40):
        publish(f"Chercher et aller {n}", summary="", description="")
    for n in range(10):
        publish(f"Apiculture {n}", summary="", description="")

    search = ask("q=chercher où aller pour l’apiculture")

    assert search.total == 10
    assert {i.title.split()[0] for i in search.results()} == {"Apiculture"}
    assert "un mot rare comptant plus qu’un mot courant" in SearchPage(search).relaxed


def test_the_few_that_hold_all_the_words_are_followed_by_others_and_it_is_told() -> None:
    publish("Jardin médicinal", summary="", description="")
    publish("Jardin partagé", summary="", description="")
    publish("Compost", summary="", description="")

    search = ask("q=jardin médicinal")

    assert [i.title for i in search.results()] == ["Jardin médicinal", "Jardin partagé"]
    assert SearchPage(search).relaxed == (
        "Peu de fiches contiennent tous vos mots : s’y ajoutent celles qui en contiennent "
        "au moins un."
    )


def test_a_word_of_a_long_text_says_less_than_the_same_in_a_short_one() -> None:
    long = " ".join(f"mot{n}" for n in range(600))
    publish("Grand programme", summary="", description=f"<p>Mobilité, {long}</p>")
    publish("Petit projet", summary="", description="<p>Mobilité au village.</p>")

    assert titles("q=mobilité") == ["Petit projet", "Grand programme"]


def test_words_are_not_loosened_because_of_a_filter() -> None:
    publish("Jardin partagé", nature="sociale")

    search = ask("q=jardin&nature=publique")

    assert not search.words.is_loose
    assert search.total == 0


def test_a_theme_finds_its_sub_themes() -> None:
    work = theme("emploi")
    publish("Chantier", terms=[theme("insertion", work)])
    publish("Théâtre", terms=[theme("culture")])

    assert titles("theme=emploi") == ["Chantier"]
    assert titles("theme=insertion") == ["Chantier"]


def test_values_of_one_facet_add_up_and_facets_narrow() -> None:
    work, culture = theme("emploi"), theme("culture")
    publish("Chantier", terms=[work], nature="sociale")
    publish("Théâtre", terms=[culture], nature="publique")
    publish("Musée", terms=[culture], nature="sociale")

    assert set(titles("theme=emploi&theme=culture")) == {"Chantier", "Théâtre", "Musée"}
    assert set(titles("theme=emploi&theme=culture&nature=sociale")) == {"Chantier", "Musée"}


def test_a_territory_finds_what_lies_inside() -> None:
    region = TerritoryFactory(a_region=True)
    departement = TerritoryFactory(a_departement=True, region=region)
    commune = TerritoryFactory(code="22278", departement=departement, region=region)
    publish("À Saint-Brieuc", territory=commune)
    publish("Ailleurs", territory=TerritoryFactory(code="75056"))

    assert titles("territoire=region-53") == ["À Saint-Brieuc"]
    assert titles("territoire=departement-22") == ["À Saint-Brieuc"]
    assert titles("territoire=commune-22278") == ["À Saint-Brieuc"]


def test_a_replaced_territory_finds_what_lies_in_its_successor() -> None:
    heir = TerritoryFactory(code="22050", name="Dinan")
    TerritoryFactory(code="22123", name="Léhon", active=False, successor=heir)
    publish("À Dinan", territory=heir)

    assert titles("territoire=commune-22123") == ["À Dinan"]


def test_a_partner_a_legal_form_and_years_filter() -> None:
    record = SourceRecordFactory()
    publish("A", cited=record, started_year=2010)
    publish("B", organisation=OrganisationFactory(legal_form="fondation"), started_year=2020)

    assert titles(f"partenaire={record.source.partner.slug}") == ["A"]
    assert titles("forme=fondation") == ["B"]
    assert titles("annee_min=2015") == ["B"]
    assert titles("annee_max=2015") == ["A"]
    assert titles("annee_min=2020&annee_max=2010") == ["B", "A"] or set(
        titles("annee_min=2020&annee_max=2010")
    ) == {"A", "B"}


def test_a_map_frame_looks_at_every_place_of_a_record() -> None:
    innovation = publish("Deux lieux", territory=TerritoryFactory(code="22278"))
    LocationFactory(
        innovation=innovation,
        territory=TerritoryFactory(code="69123", longitude=4.85, latitude=45.75),
    )

    assert titles("bbox=4,45,5,46") == ["Deux lieux"]
    assert titles("bbox=6,45,7,46") == []


def test_sorting_by_title_ignores_accents() -> None:
    for title in ("Zèbre", "Écluse", "Abeille"):
        publish(title)

    assert titles("tri=titre") == ["Abeille", "Écluse", "Zèbre"]


def test_a_page_beyond_the_last_shows_the_last() -> None:
    for number in range(PAGE_SIZE + 1):
        publish(f"Projet {number}")

    search = ask("page=99")

    assert (search.page, search.pages, len(search.results())) == (2, 2, 1)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("theme=inconnu", "« Thèmes : inconnu » n’existe pas"),
        ("nature=lunaire", "« Nature de l’innovation : lunaire » n’existe pas"),
        ("partenaire=personne", "« Sources : personne » n’existe pas"),
        ("territoire=commune-99999", "Le territoire « commune-99999 » n’existe pas"),
        ("annee_min=hier", "« hier » n’est pas une année"),
        ("annee_min=20²", "n’est pas une année"),
        ("annee_max=99999", "« 99999 » n’est pas une année"),
        ("bbox=1,2,3", "zone de carte"),
        ("bbox=nan,nan,nan,nan", "zone de carte"),
        ("bbox=5,45,4,46", "zone de carte"),
        ("tri=hasard", "« hasard » n’est pas une valeur connue"),
        ("vue=globe", "« globe » n’est pas une valeur connue"),
        ("page=zéro", "La page « zéro » n’existe pas"),
        ("page=0", "La page « 0 » n’existe pas"),
        ("page=99999999999999999999", "n’existe pas"),
        (f"q={'mot ' * 80}", "trop longue"),
    ],
)
def test_what_cannot_be_used_is_told_and_left_aside(query: str, told: str) -> None:
    publish("Jardin")

    search = ask(query)

    assert any(told in notice for notice in search.notices), search.notices
    if not query.startswith("q="):
        assert [i.title for i in search.results()] == ["Jardin"]


@pytest.mark.parametrize("text", ["\x00", "'", "&|!", "<b>", "((", "a:*", "\\", "de la", "🙂", '"'])
def test_no_text_breaks_the_search(text: str) -> None:
    publish("Jardin")
    query = QueryDict(mutable=True)
    query["q"] = text

    search = InnovationSearch.from_query(query)

    assert search.total == len(search.results())
    assert search.facets is not None


def test_a_search_comes_back_as_the_same_address() -> None:
    theme("emploi")
    TerritoryFactory(a_region=True)
    query = (
        "q=jardin&territoire=region-53&theme=emploi&nature=sociale&annee_min=2010"
        "&bbox=1%2C45%2C2%2C46&tri=titre&vue=carte&page=2"
    )

    search = ask(query)

    assert search.query_string() == query
    assert ask(search.query_string()).criteria == search.criteria


def test_changing_a_filter_goes_back_to_the_first_page() -> None:
    search = ask("q=jardin&page=3")

    assert search.query_string(page=4) == "q=jardin&page=4"
    assert search.query_string(nature=["sociale"]) == "q=jardin&nature=sociale"
    assert search.query_string(q=None) == ""


def test_an_emptied_place_is_asked_no_more() -> None:
    place = TerritoryFactory(code="22278", name="Saint-Brieuc")
    publish("Jardin partagé", territory=place)
    publish("Verger ailleurs")

    assert titles("territoire=commune-22278") == ["Jardin partagé"]
    assert len(titles("territoire=commune-22278&lieu=")) == 2


def test_a_passage_cut_in_its_sentence_says_so() -> None:
    cut = " ".join(["mot"] * 30)

    assert marked(cut) == f"… {cut}…"
    assert marked("Un texte court") == "Un texte court"
    assert marked(f"{START}jardin{STOP} partagé") == "… <mark>jardin</mark> partagé"
    assert marked(f"A{cut}.") == f"A{cut}."


def test_an_exact_phrase_is_told_with_inner_quotation_marks() -> None:
    page = SearchPage(ask('q="jardin partagé" -école'))

    assert page.count == "Aucune innovation pour « “jardin partagé” -école »"


def test_only_what_narrows_beside_words_and_place_is_a_filter() -> None:
    TermFactory(code="emploi", label="Emploi")

    page = SearchPage(ask("q=jardin&theme=emploi&annee_max=2020&lieux=non"))

    assert [each.label for each in page.filters] == ["Emploi", "Jusqu’en 2020"]
    assert len(page.active) == 4


def test_places_are_named_once_and_the_first_ones_of_many() -> None:
    def places(number: int) -> list[Location]:
        return [Location(label=f"Lieu {n}", longitude=1, latitude=45) for n in range(number)]

    assert place_names([*places(2), *places(1)]) == "Lieu 0, Lieu 1"
    assert place_names(places(11)).endswith("Lieu 9, Lieu 10")
    assert place_names(places(40)).endswith("Lieu 9 et 30 autres")
