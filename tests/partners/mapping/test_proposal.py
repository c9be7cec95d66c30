"""Proposing a mapping from what columns are called and hold: never from one file's habits."""

from typing import Any

import pytest

from partners.connectors import RawRow
from partners.mapping.proposal import Proposal, propose
from partners.mapping.rules import parse

pytestmark = pytest.mark.django_db
TEXT = "Des habitants du quartier se retrouvent pour réparer ensemble les objets du quotidien. "


def rows(*data: dict[str, Any]) -> list[RawRow]:
    return [RawRow(d, f"ligne {n}") for n, d in enumerate(data, start=2)]


def paths(proposal: Proposal) -> dict[str, Any]:
    parse(proposal.mapping)
    return {r["target"]: r.get("path") or r.get("paths") for r in proposal.mapping}


def french_table(number: int) -> dict[str, Any]:
    return {
        "Réf.": f"R-{number}",
        "NOM DU PROJET ": f"Projet {number}",
        "Structure porteuse": f"Association {number}",
        "Forme juridique": "Association",
        "Présentation détaillée": TEXT * 3 + str(number),
        "En bref": f"On répare, {number}",
        "Thématique 1": ["Emploi", "Santé", "Culture"][number % 3],
        "Thématique 2": ["", "Jeunesse"][number % 2],
        "Thématique 1 CODE": ["EMP", "SAN", "CUL"][number % 3],
        "Publics visés": ["Jeunes, Familles", "Seniors"][number % 2],
        "Année de création": 2010 + number % 8,
        "Mise à jour": "12/03/2019",
        "Code postal": ["01000", "44000", "75011"][number % 3],
        "Ville": ["Bourg-en-Bresse", "Nantes", "Paris"][number % 3],
        "Courriel": f"contact{number}@exemple.org",
        "Lien vers la fiche": f"https://exemple.org/fiche/{number}",
        "Photo": f"https://exemple.org/photo/{number}.jpg",
        "Lat": str(47 + number / 100),
        "Long": str(-1.5 + number / 100),
    }


def test_a_french_table() -> None:
    proposal = propose(rows(*(french_table(n) for n in range(20))))
    assert paths(proposal) == {
        "external_id": "Réf.",
        "title": "NOM DU PROJET ",
        "porteur_name": "Structure porteuse",
        "porteur_kind": "Forme juridique",
        "description": "Présentation détaillée",
        "summary": "En bref",
        "themes": ["Thématique 1", "Thématique 2"],
        "publics": "Publics visés",
        "year": "Année de création",
        "postcode": "Code postal",
        "place": "Ville",
        "url": "Lien vers la fiche",
        "picture": "Photo",
        "latitude": "Lat",
        "longitude": "Long",
    }
    publics = proposal.by_target()["publics"]
    assert ", " in publics["transforms"][0]["separators"]
    assert proposal.confidence > 0.8
    assert proposal.warnings == []


def test_a_nested_english_document() -> None:
    document = [
        {
            "_id": f"5c{n:04x}",
            "headline": f"Project {n}",
            "shortDescription": f"We repair, {n}",
            "description": TEXT * 3 + str(n),
            "organizer": {"name": f"Association {n}", "email": "a@exemple.org"},
            "tags": [{"name": "Emploi", "id": 3}, {"name": f"Mot {n % 3}", "id": 4}],
            "address": {"addressLocality": "Nantes", "postalCode": "44000", "streetAddress": "1 r"},
            "geo": {"latitude": 47.2 + n / 100, "longitude": -1.5 - n / 100},
            "links": {"permalink": f"https://exemple.org/p/{n}"},
            "startDate": "2014-05-01",
            "updatedAt": "2019-05-01",
        }
        for n in range(12)
    ]
    found = paths(propose(rows(*document)))
    expected = {
        "external_id": "_id",
        "title": "headline",
        "summary": "shortDescription",
        "description": "description",
        "porteur_name": "organizer.name",
        "themes": "tags[].name",
        "place": "address.addressLocality",
        "postcode": "address.postalCode",
        "latitude": "geo.latitude",
        "longitude": "geo.longitude",
        "url": "links.permalink",
        "year": "startDate",
    }
    assert expected.items() <= found.items()
    assert "updatedAt" not in found.values()


def test_the_identifier_is_the_one_that_gathers_the_sites_of_a_project() -> None:
    data = [
        {
            "id": str(n),
            "id projet": f"P{n // 3}",
            "source": "Plateforme",
            "titre": f"Projet {n // 3}",
            "description": TEXT + str(n // 3),
            "ville": f"Ville {n}",
        }
        for n in range(18)
    ]
    assert paths(propose(rows(*data)))["external_id"] == "id projet"


def test_addresses_on_many_hosts_are_the_projects_own_sites() -> None:
    data = [
        {"titre": f"Projet {n}", "description": TEXT, "URL": f"https://projet-{n}.example.org/"}
        for n in range(10)
    ]
    found = paths(propose(rows(*data)))
    assert found["website"] == "URL"
    assert "url" not in found


def test_constant_and_coded_columns_are_left_out() -> None:
    data = [
        {
            "titre": f"Projet {n}",
            "description": TEXT,
            "Thème code": "EMP",
            "Typologie": ["T", "T-O-D"][n % 2],
            "Catégorie": "Projets",
            "URL": "https://exemple.org/",
        }
        for n in range(10)
    ]
    assert set(paths(propose(rows(*data)))) == {"title", "description"}


def test_the_longest_texts_describe_when_no_column_says_so() -> None:
    data = [{"titre": f"Projet {n}", "colonne 2": TEXT * 2 + str(n)} for n in range(8)]
    proposal = propose(rows(*data))
    assert paths(proposal)["description"] == "colonne 2"
    assert proposal.by_target()["description"]["confidence"] < 0.5


def described(given: list[str]) -> float:
    """How likely the proposal finds « Description » with these texts, 0 when it leaves it out."""
    found = propose(
        rows(*({"Titre": f"Projet {n}", "Description": t} for n, t in enumerate(given)))
    )
    return float(found.by_target().get("description", {"confidence": 0})["confidence"])


def test_a_description_that_few_rows_have_or_that_all_repeat_is_less_likely() -> None:
    own = [f"{TEXT} Numéro {n}." for n in range(40)]
    full, third, tenth = (described(own[:n] + [""] * (40 - n)) for n in (40, 12, 4))
    assert full > 0.9 > third > tenth > 0.35
    assert third > described([TEXT] * 40) > tenth
    assert described([*own[:1], *[""] * 39]) == 0


def test_what_is_missing_is_told() -> None:
    proposal = propose(rows({"a": 1, "b": 2}, {"a": 3, "b": 4}))
    assert any("titre" in w for w in proposal.warnings)
    assert proposal.confidence < 0.3
    assert propose([]).warnings == ["Aucune ligne à lire : rien à proposer."]


def test_places_and_actors_are_suspected() -> None:
    data = [
        {"NOM DU LIEU": f"Lieu {n}", "DESCRIPTION": TEXT, "SIRET": f"{n:014d}"} for n in range(6)
    ]
    proposal = propose(rows(*data))
    assert proposal.record_type == "acteur"
    assert any("acteurs" in w for w in proposal.warnings)


@pytest.mark.parametrize(
    "header", ["N° fiche", "Numéro", "N°", "Réf", "Référence", "ID fiche", "Numéro de fiche"]
)
def test_a_number_of_record_is_an_identifier(header: str) -> None:
    named = [{header: f"{n}", "Titre": f"Projet {n}", "Texte": TEXT} for n in range(1, 12)]
    assert paths(propose(rows(*named)))["external_id"] == header


def test_columns_of_one_family_are_gathered(terms: None) -> None:
    named = ["Emploi", "Santé", "Culture", "", ""]
    data = [
        {"titre": f"Projet {n}", "texte": TEXT + str(n)}
        | {f"theme{k}": named[(n + k) % 5] for k in range(1, 21)}
        for n in range(12)
    ]
    assert paths(propose(rows(*data)))["themes"] == [f"theme{k}" for k in range(1, 21)]


def test_words_of_the_taxonomy_are_themes_whatever_their_column_is_called(terms: None) -> None:
    data = [
        {"titre": f"Projet {n}", "texte": TEXT + str(n), "étiquettes": words}
        for n, words in enumerate(["Emploi / Santé", "Culture", "Santé / Culture", "Emploi"] * 4)
    ]
    proposal = propose(rows(*data))
    rule = proposal.by_target()["themes"]
    assert rule["path"] == "étiquettes"
    assert " / " in rule["transforms"][0]["separators"]


def test_boxes_to_tick_are_themes(terms: None) -> None:
    data = [
        {
            "titre": f"Projet {n}",
            "texte": TEXT + str(n),
            "Emploi": ["x", ""][n % 2],
            "Santé": ["", "Oui"][n % 2],
            "Formation payante": ["x", ""][n % 2],
        }
        for n in range(10)
    ]
    proposal = propose(rows(*data))
    rules = [rule for rule in parse(proposal.mapping) if rule.target == "themes"]
    assert [rule.paths for rule in rules] == [("Emploi",), ("Santé",)]
    assert [rule.read(data[0]) for rule in rules] == [["Emploi"], None]
    assert [rule.read(data[1]) for rule in rules] == [None, ["Santé"]]


def test_an_address_in_parts_is_joined() -> None:
    data = [
        {
            "titre": f"Projet {n}",
            "texte": TEXT + str(n),
            "Numéro de voie": f"{n} bis",
            "Type de voie": "rue",
            "Nom de voie": "de la République",
            "Ville": ["Nantes", "Paris"][n % 2],
        }
        for n in range(10)
    ]
    proposal = propose(rows(*data))
    rule = next(rule for rule in parse(proposal.mapping) if rule.target == "address")
    assert rule.read(data[3]) == "3 bis rue de la République"


def test_exchanged_coordinates_are_put_right_and_told() -> None:
    data = [
        {"titre": f"Projet {n}", "texte": TEXT, "lat": f"{2.1 + n / 99:.5f}",
         "lon": f"{48.1 + n / 99:.5f}"}
        for n in range(10)
    ]  # fmt: skip
    proposal = propose(rows(*data))
    found = paths(proposal)
    assert (found["latitude"], found["longitude"]) == ("lon", "lat")
    assert any("remises dans l’ordre" in w for w in proposal.warnings)


def test_points_are_read_in_the_order_of_their_numbers() -> None:
    data = [
        {"titre": f"Projet {n}", "texte": TEXT + str(n), "geo": [2.1 + n / 99, 48.1 + n / 99]}
        for n in range(10)
    ]
    read = {r.target: r.read(data[0]) for r in parse(propose(rows(*data)).mapping)}
    assert (read["latitude"], read["longitude"]) == (48.1, 2.1)
    data = [{**d, "geo": d["geo"][::-1]} for d in data]
    assert paths(propose(rows(*data)))["point"] == "geo"


def test_coordinates_in_metres_are_left_out() -> None:
    data = [
        {"titre": f"Projet {n}", "texte": TEXT + str(n), "X": 355577.2 + n, "Y": 6689723.1 + n}
        for n in range(10)
    ]
    found = paths(propose(rows(*data)))
    assert "latitude" not in found
    assert "longitude" not in found


def test_rows_of_one_project_at_several_places_are_grouped() -> None:
    data = [
        {"titre": f"Projet {n // 4}", "description": TEXT + str(n // 4), "ville": town}
        for n, town in enumerate(["Nantes", "Paris", "Lyon", "Brest"] * 5)
    ]
    assert propose(rows(*data)).group_by == "titre"
    alone = [{**d, "titre": f"Projet {n}"} for n, d in enumerate(data)]
    assert propose(rows(*alone)).group_by == ""
    known = [{**d, "id projet": n // 4} for n, d in enumerate(data)]
    assert propose(rows(*known)).group_by == "id projet"


def test_people_are_never_a_title_nor_a_place() -> None:
    data = [
        {
            "contact": f"0{n % 9 + 1} 00 00 00 0{n % 10}",
            "courriel": f"contact{n}@exemple.fr",
            "dénomination": f"Projet {n}",
            "texte": TEXT + str(n),
        }
        for n in range(10)
    ]
    found = paths(propose(rows(*data)))
    assert found["title"] == "dénomination"
    assert not {"contact", "courriel"} & {str(p) for p in found.values()}


def test_other_candidates_and_the_language_are_told() -> None:
    english = "People of the district meet and repair their things with the tools that they share. "
    data = [
        {"title": f"Project {n}", "name": f"Project number {n}", "text": english * 2 + str(n)}
        for n in range(8)
    ]
    proposal = propose(rows(*data))
    assert proposal.alternatives["title"] == ["name"]
    assert proposal.language == "en"
    assert any("anglais" in w for w in proposal.warnings)
    assert propose(rows(*(french_table(n) for n in range(8)))).language == "fr"


@pytest.mark.parametrize(("name", "target"), [("Thématique", "themes"), ("Publics", "publics")])
def test_a_column_named_for_a_vocabulary_is_proposed_though_it_always_says_one_unknown_word(
    name: str, target: str
) -> None:
    data = [
        {"titre": f"Projet {n}", "description": TEXT, name: "Ruralité heureuse"} for n in range(9)
    ]
    assert paths(propose(rows(*data)))[target] == name
