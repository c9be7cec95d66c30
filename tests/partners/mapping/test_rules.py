"""Rules: checked when written, then applied to rows."""

from typing import Any

import pytest

from partners.mapping.paths import value_at
from partners.mapping.record import map_rows
from partners.mapping.rules import MappingError, parse

ROW = {
    "Nom du projet ": "Épicerie",
    "ville": "Lormes",
    "title": {"rendered": "<b>Épicerie</b>"},
    "tags": [{"name": "Emploi"}, {"name": "Santé"}],
    "geo.lat": "47.1",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ville", "Lormes"),
        ("nom du projet", "Épicerie"),
        ("NOM DU PROJET", "Épicerie"),
        ("title.rendered", "<b>Épicerie</b>"),
        ("tags[].name", ["Emploi", "Santé"]),
        ("geo.lat", "47.1"),
        ("absent", None),
        ("absent.aussi", None),
        ("chemin [ illisible", None),
        ("length(ville.absent)", None),
        ("inconnue(ville)", None),
    ],
)
def test_a_path_is_a_column_or_an_expression(path: str, value: Any) -> None:
    assert value_at(ROW, path) == value


FAULTS = [
    ("une chaîne", "liste de règles"),
    (["x"], "objet"),
    ([{"target": "titre", "path": "a"}], "« titre » inconnu"),
    ([{"target": "title"}], "il faut"),
    ([{"target": "title", "path": 3}], "nom de colonne"),
    ([{"target": "title", "path": "a", "cible": 1}], "clé inconnue"),
    ([{"target": "title", "path": "a", "transforms": [{"op": "voler"}]}], "« voler » inconnue"),
    ([{"target": "title", "path": "a", "transforms": [{"op": "lower", "x": 1}]}], "n’accepte pas"),
    ([{"target": "title", "path": "a", "transforms": [{"op": "regex", "pattern": "("}]}], "illis"),
    ([{"target": "title", "path": "a", "transforms": [{"op": "map"}]}], "values"),
    ([{"target": ["a"], "path": "x"}], "inconnu"),
    ([{"target": "title", "paths": 5}], "nom de colonne"),
    ([{"target": "title", "path": "x", "confidence": "abc"}], "entre 0 et 1"),
    ([{"target": "title", "path": "x", "confidence": 2}], "entre 0 et 1"),
    ([{"target": "title", "path": "a[[["}], "chemin illisible"),
    ([{"target": "title", "path": "a", "transforms": [{"op": ["x"]}]}], "inconnue"),
    (
        [{"target": "themes", "path": "a", "transforms": [{"op": "split", "separators": [1]}]}],
        "textes non vides",
    ),
    (
        [
            {
                "target": "title",
                "path": "a",
                "transforms": [{"op": "regex", "pattern": "a", "replace": "\\9"}],
            }
        ],
        "remplacement illisible",
    ),
]


@pytest.mark.parametrize(("mapping", "said"), FAULTS)
def test_a_bad_mapping_is_explained(mapping: Any, said: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse(mapping)
    assert said in " ".join(caught.value.messages)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(MappingError) as caught:
        parse([{"target": "a", "path": "x"}, {"target": "title"}])
    assert [m.split("\u00a0:")[0] for m in caught.value.messages] == ["Règle 1", "Règle 2"]


def test_several_paths() -> None:
    rules = parse(
        [
            {"target": "title", "paths": ["a", "b"]},
            {"target": "themes", "paths": ["t1", "t2"]},
            {
                "target": "address",
                "paths": ["rue", "cp"],
                "transforms": [{"op": "join", "separator": ", "}],
            },
        ]
    )
    row = {"a": "NR", "b": "Titre", "t1": "x;y", "t2": ["y", "z"], "rue": "1 rue X", "cp": "44000"}
    record = map_rows(rules, [row])
    assert record.title == "Titre"
    assert record.values["words"] == {"theme": ["x", "y", "z"]}
    assert record.sites == [{"address": "1 rue X, 44000"}]


def test_several_rows_are_one_record_with_its_sites() -> None:
    rules = parse(
        [
            {"target": "title", "path": "nom"},
            {"target": "description", "path": "texte"},
            {"target": "themes", "path": "theme"},
            {"target": "place", "path": "ville"},
        ]
    )
    rows = [
        {"nom": "Potager", "texte": "", "theme": "Jardin", "ville": "Nantes"},
        {"nom": "Potager", "texte": "Un potager", "theme": "JARDIN", "ville": "Rennes"},
        {"nom": "Potager", "texte": "Autre", "theme": "Lien social", "ville": "Rennes"},
    ]
    record = map_rows(rules, rows)
    assert record.values["description"] == "<p>Un potager</p>"
    assert record.values["words"] == {"theme": ["Jardin", "Lien social"]}
    assert record.sites == [{"place": ["Nantes"]}, {"place": ["Rennes"]}]


def test_what_cannot_be_read_is_a_remark_not_a_refusal() -> None:
    rules = parse(
        [
            {"target": "title", "path": "nom"},
            {"target": "website", "path": "site"},
            {"target": "year", "path": "an"},
            {"target": "maturity", "path": "stade"},
        ]
    )
    row = {"nom": "Potager", "site": "voir plus tard", "an": "bientôt", "stade": "???!"}
    record = map_rows(rules, [row])
    assert record.errors == []
    assert [(p["field"], p["code"]) for p in record.problems] == [
        ("website", "adresse"),
        ("year", "annee"),
    ]


def test_a_row_without_title_is_refused() -> None:
    record = map_rows(parse([{"target": "title", "path": "nom"}]), [{"nom": "NR"}])
    assert [e["code"] for e in record.errors] == ["titre-absent"]


def test_the_porteur_and_its_legal_form() -> None:
    rules = parse(
        [
            {"target": "title", "path": "t"},
            {"target": "porteur_name", "path": "p"},
            {"target": "porteur_kind", "path": "k"},
        ]
    )
    said = [("Les Ponts", "association loi 1901"), ("CCAS de Lormes", ""), ("Escapade", "centre")]
    forms = [
        map_rows(rules, [{"t": "x", "p": p, "k": k}]).values["porteur"].get("legal_form")
        for p, k in said
    ]
    assert forms == ["association", "ccas", None]
