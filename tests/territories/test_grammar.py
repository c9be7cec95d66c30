import pytest

from carrefour.text import typographic
from territories import grammar
from territories.kinds import Kind
from territories.reference import files

LOCATED = {
    ("region", "53"): "en Bretagne",
    ("region", "11"): "en Île-de-France",
    ("region", "44"): "dans le Grand Est",
    ("region", "32"): "dans les Hauts-de-France",
    ("region", "52"): "dans les Pays de la Loire",
    ("region", "24"): "en Centre-Val de Loire",
    ("region", "93"): "en Provence-Alpes-Côte d’Azur",
    ("region", "04"): "à La Réunion",
    ("region", "02"): "en Martinique",
    ("region", "06"): "à Mayotte",
    ("departement", "11"): "dans l’Aude",
    ("departement", "40"): "dans les Landes",
    ("departement", "58"): "dans la Nièvre",
    ("departement", "29"): "dans le Finistère",
    ("departement", "35"): "en Ille-et-Vilaine",
    ("departement", "71"): "en Saône-et-Loire",
    ("departement", "76"): "en Seine-Maritime",
    ("departement", "93"): "en Seine-Saint-Denis",
    ("departement", "95"): "dans le Val-d’Oise",
    ("departement", "75"): "à Paris",
    ("departement", "974"): "à La Réunion",
    ("departement", "973"): "en Guyane",
    ("collectivite", "975"): "à Saint-Pierre-et-Miquelon",
    ("collectivite", "987"): "en Polynésie française",
    ("collectivite", "988"): "en Nouvelle-Calédonie",
    ("collectivite", "984"): "dans les Terres australes et antarctiques françaises",
    ("commune", "72181"): "au Mans",
    ("commune", "58145"): "à Lormes",
    ("commune", "17300"): "à La Rochelle",
    ("commune", "85194"): "aux Sables-d’Olonne",
    ("commune", "94038"): "à L’Haÿ-les-Roses",
    ("epci", "243500139"): "dans l’intercommunalité Rennes Métropole",
    ("epci", "200046977"): "dans la Métropole de Lyon",
    ("epci", "200093201"): "dans la Métropole Européenne de Lille",
    ("epci", "246700488"): "dans l’Eurométropole de Strasbourg",
    ("pays", "FR"): "en France",
}
OF = {
    ("region", "53"): "de la Bretagne",
    ("region", "04"): "de La Réunion",
    ("region", "32"): "des Hauts-de-France",
    ("departement", "11"): "de l’Aude",
    ("departement", "22"): "des Côtes-d’Armor",
    ("departement", "59"): "du Nord",
    ("departement", "35"): "d’Ille-et-Vilaine",
    ("commune", "72181"): "du Mans",
    ("commune", "49007"): "d’Angers",
    ("commune", "85194"): "des Sables-d’Olonne",
    ("commune", "17300"): "de La Rochelle",
    ("pays", "FR"): "de la France",
}


@pytest.fixture(scope="module")
def territories() -> dict[tuple[str, str], files.TerritoryRow]:
    rows = (t._replace(name=typographic(t.name)) for t in files.territories())
    return {(t.kind, t.code): t for t in rows}


@pytest.mark.parametrize(("place", "phrase"), LOCATED.items(), ids=LOCATED.values())
def test_where_it_happens(territories: dict, place: tuple[str, str], phrase: str) -> None:
    found = territories[place]
    assert grammar.located(Kind(found.kind), found.name, found.liaison) == phrase


@pytest.mark.parametrize(("place", "phrase"), OF.items(), ids=OF.values())
def test_what_it_belongs_to(territories: dict, place: tuple[str, str], phrase: str) -> None:
    found = territories[place]
    assert grammar.of(Kind(found.kind), found.name, found.liaison) == phrase


def test_no_phrase_contracts_badly(territories: dict) -> None:
    """« à Le Mans », « de Les Mées » and « dans Aude » are never written."""
    for t in territories.values():
        kind = Kind(t.kind)
        where, of = (f(kind, t.name, t.liaison) for f in (grammar.located, grammar.of))
        assert not where.startswith(("à Le ", "à Les ", "dans  "))
        assert not of.startswith(("de Le ", "de Les "))
        assert where.split()[0] in {"à", "au", "aux", "en", "dans"}
