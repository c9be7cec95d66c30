"""The place that stands in a query, and the words that only look like one."""

import pytest
from django.http import QueryDict
from django.test import Client

from innovations import searchrows, vocabulary
from innovations.models import Innovation
from innovations.query_place import understood
from innovations.search import InnovationSearch
from innovations.search_page import SearchPage
from innovations.search_understood import radii
from territories.kinds import Kind, Liaison
from territories.models import Territory
from tests.factories import InnovationFactory, LocationFactory, TerritoryFactory

pytestmark = pytest.mark.django_db
REGION, DEPARTEMENT = Kind.REGION, Kind.DEPARTEMENT


def ask(text: str, **others: str) -> InnovationSearch:
    query = QueryDict(mutable=True)
    query.update({"q": text, **others})
    return InnovationSearch.from_query(query)


def found(search: InnovationSearch) -> list[str]:
    return [innovation.title for innovation in search.results()]


@pytest.fixture
def places() -> None:
    for kind, code, name in [
        (REGION, "53", "Bretagne"), (REGION, "04", "La Réunion"), (DEPARTEMENT, "29", "Finistère"),
        (DEPARTEMENT, "46", "Lot"), (DEPARTEMENT, "86", "Vienne"), (DEPARTEMENT, "61", "Orne"),
        ("commune", "44109", "Nantes"), ("commune", "59350", "Lille"),
        ("commune", "58145", "Lormes"), ("commune", "93066", "Saint-Denis"),
        ("commune", "97411", "Saint-Denis"), ("commune", "72181", "Le Mans"),
        ("commune", "37261", "Tours"),
    ]:  # fmt: skip
        TerritoryFactory(kind=kind, code=code, name=name, slug=f"{kind}-{code}")


@pytest.mark.parametrize(
    ("text", "rest", "place", "kilometres"),
    [
        ("mobilité Bretagne", "mobilité", "Bretagne", None),
        ("mobilité bretagne", "mobilité", "Bretagne", None),
        ("Bretagne mobilité", "mobilité", "Bretagne", None),
        ("tiers-lieu autour de Lille", "tiers-lieu", "Lille", 30),
        ("autour de Lormes 30 km", "", "Lormes", 30),
        ("épicerie autour de lormes 15km", "épicerie", "Lormes", 15),
        ("repas à moins de 20 km de Nantes", "repas", "Nantes", 20),
        ("compost à Nantes", "compost", "Nantes", None),
        ("compost nantes", "compost", "Nantes", None),
        ("dans le Finistère (29)", "", "Finistère", None),
        ("habitat dans le lot", "habitat", "Lot", None),
        ("précarité Vienne", "précarité", "Vienne", None),
        ("école dans l’Orne", "école", "Orne", None),
        ("vélo à La Réunion", "vélo", "La Réunion", None),
        ("logement département du Lot", "logement", "Lot", None),
        ("café associatif au Mans", "café associatif", "Le Mans", None),
        ("énergie Tours", "énergie", "Tours", None),
        ("autour de Lormes 9999 km", "", "Lormes", 200),
    ],
)
def test_a_place_is_understood(
    places: None, text: str, rest: str, place: str, kilometres: int | None
) -> None:
    read = understood(text)

    assert read is not None
    assert (read.rest, read.kilometres) == (rest, kilometres)
    assert read.place.territory is not None
    assert read.place.territory.name == place


@pytest.mark.parametrize(
    "text",
    [
        "garde d’enfants en horaires décalés à la campagne", "jardin de ville", "Vienne", "orne",
        "participer à la réunion", "le lot de vélos", "centre social Bourg", "école en ville",
        "centre de formation", "jardin partagé", "Jardin Partagé", "Bretagne Créative",
        '"mobilité Bretagne"', "« mobilité Bretagne »", "mobilité -Bretagne", "énergie tours",
        "politique de la ville", "autour de la table", "autour du jardin", "femmes en France",
        "", "à", "30 km", "autour de", "(29)",
    ],
)  # fmt: skip
def test_words_stay_words(places: None, text: str) -> None:
    assert understood(text) is None


def test_the_place_is_searched_as_a_place_and_the_rest_as_words(places: None) -> None:
    brittany = TerritoryFactory(kind=REGION, code="53")
    town = TerritoryFactory(code="22278", region=brittany)
    InnovationFactory(published=True, title="Mobilité partagée", territory=town)
    InnovationFactory(published=True, title="Mobilité ailleurs")
    InnovationFactory(published=True, title="Bretagne et mobilité")

    search = ask("mobilité Bretagne")

    assert found(search) == ["Mobilité partagée"]
    assert [chip.label for chip in SearchPage(search).active] == [
        "« mobilité »", "Comme lieu : Bretagne (région)",
    ]  # fmt: skip
    assert [chip.url for chip in SearchPage(search).active] == [
        "/recherche/?q=Bretagne", "/recherche/?q=mobilit%C3%A9",
    ]  # fmt: skip


def test_the_words_can_be_searched_in_the_text_instead(places: None) -> None:
    InnovationFactory(published=True, title="Bretagne et mobilité")
    brittany = Territory.objects.get(kind="region", code="53")
    InnovationFactory(published=True, title="Mobilité douce", territory=brittany, summary="")

    page = SearchPage(ask("mobilité Bretagne"))

    assert found(page.search) == ["Mobilité douce"]
    assert page.place is not None
    assert page.place.url == "/recherche/?q=mobilit%C3%A9+Bretagne&lieux=non"
    # A record there has the name of its place among its words.
    in_text = found(ask("mobilité Bretagne", lieux="non"))
    assert in_text == ["Bretagne et mobilité", "Mobilité douce"]


def test_a_place_without_an_answer_is_a_word_of_the_texts(places: None) -> None:
    InnovationFactory(published=True, title="Bretagne et mobilité")

    search = ask("mobilité Bretagne")

    assert found(search) == ["Bretagne et mobilité"]
    assert "en ce lieu" in search.notices[0]
    assert "lieux=non" in search.url()


@pytest.mark.parametrize(
    "text", ["mobilité autour de Lormes 30 km", "mobilité à moins de 10 km de Lille"]
)
def test_what_can_only_be_a_place_stays_one_though_nothing_is_there(
    places: None, text: str
) -> None:
    InnovationFactory(published=True, title="Mobilité, autour du bourg")

    page = SearchPage(ask(text))

    assert found(page.search) == []
    assert page.place is not None
    assert page.nearest[-1].label == "Dans toute la France\xa0: 1 innovation"


@pytest.mark.parametrize("where", ["Creuse", "dans la Creuse", "Creuse (23)"])
def test_a_departement_without_an_answer_is_widened_to_its_region(where: str) -> None:
    text = f"mobilité {where}"
    region = TerritoryFactory(kind=REGION, code="75", name="Nouvelle-Aquitaine", slug="na")
    TerritoryFactory(
        kind=DEPARTEMENT, code="23", name="Creuse", slug="creuse", region=region, liaison=Liaison.LA
    )
    gironde = TerritoryFactory(kind=DEPARTEMENT, code="33", name="Gironde", slug="g", region=region)
    InnovationFactory(published=True, title="Mobilité douce", territory=gironde)
    InnovationFactory(published=True, title="Mobilité à Paris")
    page = SearchPage(ask(text))

    assert found(page.search) == ["Mobilité douce"]
    [told] = page.search.notices
    assert told.startswith("Aucune fiche ne répond dans la Creuse")
    assert told.endswith("voici celles qui répondent en Nouvelle-Aquitaine.")
    assert page.count == "1 innovation pour « mobilité » en Nouvelle-Aquitaine"
    assert page.place is not None
    assert page.place.shown == "Creuse (département)"
    # The way back to the very département.
    assert page.very_place is not None
    assert page.very_place.url == page.search.url(rayon=0)
    strict = ask(text, rayon="0")
    assert (found(strict), strict.notices) == ([], ())


@pytest.mark.parametrize("text", ["mobilité région Bretagne", "mobilité Orne (61)"])
def test_then_to_all_of_france_and_it_is_told_on_the_page(
    places: None, client: Client, text: str
) -> None:
    InnovationFactory(published=True, title="Mobilité, autour du bourg")

    search = ask(text)
    page = client.get(search.url()).content.decode()

    assert found(search) == ["Mobilité, autour du bourg"]
    assert "voici celles qui répondent dans toute la France" in page
    assert "rayon=0" in page
    assert "Chercher seulement" in page


@pytest.mark.parametrize("text", ["mobilité région Bretagne", "mobilité Bretagne"])
def test_distance_is_no_order_once_the_place_is_left(places: None, text: str) -> None:
    InnovationFactory(published=True, title="Mobilité en Bretagne")

    search = ask(text, tri="distance")

    assert search.criteria.centre is None
    assert search.criteria.sort == "pertinence"
    assert found(search) == ["Mobilité en Bretagne"]


def test_a_departement_that_has_answers_is_not_widened(places: None) -> None:
    orne = Territory.objects.get(kind=DEPARTEMENT, code="61")
    InnovationFactory(published=True, title="Mobilité rurale", territory=orne)
    InnovationFactory(published=True, title="Mobilité urbaine")

    search = ask("mobilité Orne (61)")

    assert (found(search), search.notices) == (["Mobilité rurale"], ())
    assert SearchPage(search).very_place is None


def test_the_name_of_a_place_is_no_typing_error(places: None) -> None:
    for number in range(3):
        InnovationFactory(published=True, title=f"Mobilité en ville {number}")
    vocabulary.refresh()

    search = ask("mobilité à Lille")

    assert search.criteria.released == "à Lille"
    assert search.correction == search.proposal == ""
    assert ask("mobilité à lillle").correction == "mobilité à ville"


def test_a_place_given_beside_leaves_the_words_alone(places: None) -> None:
    search = ask("mobilité Bretagne", territoire="commune-44109")

    assert search.criteria.in_text is None
    assert search.criteria.words == "mobilité Bretagne"


def test_homonyms_are_proposed_and_the_words_kept(places: None) -> None:
    InnovationFactory(published=True, title="Aide à Saint-Denis")

    search = ask("aide Saint-Denis")
    links = SearchPage(search).place_links

    assert found(search) == ["Aide à Saint-Denis"]
    assert {link.url for link in links} == {
        "/recherche/?q=aide&territoire=commune-93066",
        "/recherche/?q=aide&territoire=commune-97411",
    }


@pytest.fixture
def around() -> None:
    """Three records at Nantes, about 20 km and about 60 km north of it."""
    for title, latitude in [("Loin", 47.76), ("Ici", 47.22), ("Près", 47.40)]:
        innovation = InnovationFactory(published=True, title=title)
        LocationFactory(innovation=innovation, longitude=-1.55, latitude=latitude)


def test_a_radius_looks_around_the_place(around: None) -> None:
    TerritoryFactory(code="44109", name="Nantes", longitude=-1.55, latitude=47.22)

    assert set(found(ask("", territoire="commune-44109", rayon="30"))) == {"Ici", "Près"}
    assert set(found(ask("", autour="47.22,-1.55", rayon="10"))) == {"Ici"}
    assert set(found(ask("", autour="47.22,-1.55"))) == {"Ici", "Près"}
    assert set(found(ask("autour de Nantes 100 km"))) == {"Ici", "Près", "Loin"}
    assert set(found(ask("autour de Nantes", rayon="10"))) == {"Ici"}


def test_few_records_of_a_commune_are_joined_by_those_around_it_and_it_is_told(
    places: None, around: None
) -> None:
    nantes = Territory.objects.get(code="44109")
    Territory.objects.filter(pk=nantes.pk).update(longitude=-1.55, latitude=47.22)
    innovation = InnovationFactory(published=True, title="Ici même")
    LocationFactory(innovation=innovation, territory=nantes, longitude=-1.55, latitude=47.22)
    for title in ("Ici", "Près", "Loin", "Ici même"):
        Innovation.objects.filter(title=title).update(summary="Une ressourcerie.")
    searchrows.rebuild()

    search = ask("ressourcerie Nantes")

    assert set(found(search)) == {"Ici", "Ici même", "Près"}
    assert "à 30 km au plus s’y ajoutent" in search.notices[0]
    assert SearchPage(search).count.endswith("à 30 km au plus de Nantes")
    assert "rayon=0" in search.url(rayon=radii(search.criteria)[0].value)
    # Those who ask for the very commune, or by its code, get it.
    assert found(ask("ressourcerie Nantes", rayon="0")) == ["Ici même"]
    assert found(ask("ressourcerie", territoire="commune-44109")) == ["Ici même"]


def test_results_are_sorted_by_distance_and_say_it(around: None) -> None:
    search = ask("", autour="47.22,-1.55", rayon="100", tri="distance")

    assert found(search) == ["Ici", "Près", "Loin"]
    assert [round(i.away) for i in search.results()] == [0, 20, 60]  # type: ignore[attr-defined]


def nantes() -> Territory:
    nantes = TerritoryFactory(code="44109", name="Nantes", longitude=-1.55, latitude=47.22)
    Innovation.objects.update(summary="Une ressourcerie.")
    searchrows.rebuild()
    return nantes


@pytest.mark.parametrize(
    "query",
    [
        {"q": "Nantes"},
        {"q": "autour de Nantes 100 km"},
        {"territoire": "commune-44109", "rayon": "100"},
        {"autour": "47.22,-1.55", "rayon": "100"},
    ],
)
def test_a_place_alone_shows_the_nearest_first_and_tells_it(
    around: None, client: Client, query: dict[str, str]
) -> None:
    nantes()
    search = InnovationSearch.from_query(QueryDict("&".join(f"{k}={v}" for k, v in query.items())))
    answer = client.get(search.url()).content.decode()

    assert found(search) == (["Ici", "Près", "Loin"] if "100" in str(query) else ["Ici", "Près"])
    assert "les plus proches d’abord" in answer
    assert '<option value="" selected>Distance</option>' in answer
    # It can be switched, and the address keeps it.
    other = InnovationSearch.from_query(QueryDict(search.query_string(tri="pertinence")))
    assert other.criteria.sort == "pertinence"
    assert "tri=pertinence" in other.url()
    assert "tri=" not in search.url()


def test_words_with_a_place_stay_by_relevance(around: None, client: Client) -> None:
    nantes()
    search = ask("ressourcerie autour de Nantes 100 km")

    assert search.criteria.sort == "pertinence"
    assert ask("", territoire="region-53").criteria.sort == "pertinence"
    assert "les plus proches d’abord" not in client.get(search.url()).content.decode()
    assert ask("ressourcerie autour de Nantes", tri="distance").criteria.sort == "distance"


@pytest.mark.parametrize(
    ("text", "kilometres", "rest"),
    [
        ("autour de Lormes ٣٠ km", 30, ""),
        ("compost à moins de １５ km de Lormes", 15, "compost"),
        ("autour de Lormes ²⁰ km", 20, ""),
        ("autour de Lormes 東京", 30, "東京"),
    ],
)
def test_digits_of_other_scripts_are_read_and_nothing_is_dropped(
    places: None, text: str, kilometres: int, rest: str
) -> None:
    place = understood(text)

    assert place is not None
    assert (place.kilometres, place.rest) == (kilometres, rest)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"rayon": "30"}, "demande un lieu"),
        ({"tri": "distance"}, "demande un lieu"),
        ({"rayon": "loin"}, "n’est pas un rayon"),
        ({"rayon": "201"}, "n’est pas un rayon"),
        ({"autour": "1,2,3"}, "point demandé n’est pas lisible"),
        ({"autour": "nan,inf"}, "point demandé n’est pas lisible"),
        ({"lieux": "peut-être"}, "n’est pas une valeur connue"),
        ({"couleur": "bleu"}, "Le paramètre « couleur » n’existe pas"),
    ],
)
def test_what_cannot_be_used_is_told(query: dict[str, str], told: str) -> None:
    assert any(told in notice for notice in ask("", **query).notices)


def test_a_repeated_parameter_is_told() -> None:
    search = InnovationSearch.from_query(QueryDict("q=jardin&q=vélo&utm_source=lettre"))

    assert search.notices == (
        "Le paramètre « q » est donné plusieurs fois : seule sa dernière valeur a été lue.",
    )
