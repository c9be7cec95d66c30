"""Columns told by what they hold, whatever they are called, and names that only compare."""

from typing import Any

import pytest

from partners.connectors import RawRow
from partners.mapping.proposal import Proposal, propose
from tests.partners.mapping.test_proposal_shapes import INSEE, TOWNS, VALUES, name

pytestmark = pytest.mark.django_db


def proposed(**columns: Any) -> Proposal:
    """A proposal for twelve rows: header → function of the row's number, or field of ``VALUES``."""
    made = {h: VALUES[v] if isinstance(v, str) else v for h, v in columns.items()}
    return propose([RawRow({h: f(n) for h, f in made.items()}, f"{n}") for n in range(12)])


def fed(proposal: Proposal, *targets: str) -> list[Any]:
    rules = proposal.by_target()
    return [rules[t].get("path") if t in rules else None for t in targets]


@pytest.mark.parametrize(
    "code",
    [
        lambda n: f"W26{n:07d}",
        lambda n: f"INI-2012-{n:03d}",
        lambda n: f"{n:08x}-4c1d-4a2b-9f3e-{n:012x}",
        lambda n: f"cmkxaf5yr0001ltim1kzar{n:03d}",
    ],
)
def test_an_identifier_is_told_by_its_writing(code: Any) -> None:
    assert fed(proposed(Intitulé="title", Marque=code), "external_id") == ["Marque"]


def test_rows_counted_in_the_first_column_are_identified_by_it() -> None:
    assert fed(proposed(Rang=lambda n: n + 1, Titre="title"), "external_id") == ["Rang"]


@pytest.mark.parametrize(
    "values", ["phone", "postcode", "date", "latitude", lambda n: f"Projet {n}", lambda n: n * 250]
)
def test_what_only_differs_on_each_row_is_no_identifier(values: Any) -> None:
    assert fed(proposed(Titre="title", Autre=values), "external_id") == [None]


@pytest.mark.parametrize("header", ["N° convention", "Fiche n°", "Réf. dossier", "N° RNA", "pk"])
def test_names_of_an_identifier(header: str) -> None:
    assert fed(proposed(**{"Titre": "title", header: lambda n: 31 * n + 7}), "external_id") == [
        header
    ]


def test_codes_are_those_of_the_communes_beside_them() -> None:
    found = proposed(Titre="title", Commune="place", code="insee_code")
    assert fed(found, "place", "insee_code") == ["Commune", "code"]


def test_codes_of_other_communes_are_not() -> None:
    found = proposed(Titre="title", Commune="place", code=lambda n: INSEE[(n + 1) % len(TOWNS)])
    assert fed(found, "insee_code") == [None]


@pytest.mark.parametrize(
    "address",
    [
        "https://www.google.fr/maps/place/{}/@46.5,0.3,15z",
        "https://goo.gl/maps/{}",
        "https://www.openstreetmap.org/?mlat=46.5&mlon=0.3#{}",
    ],
)
def test_a_place_on_a_map_is_no_page_of_the_record(address: str) -> None:
    assert fed(proposed(Nom="title", lien=address.format), "url", "website") == [None, None]


def test_streets_are_an_address_under_any_name() -> None:
    assert fed(proposed(Nom="title", Siège="address"), "address") == ["Siège"]


def test_sentences_describe_when_no_column_says_so() -> None:
    said = proposed(Nom="title", lecture=lambda n: f"restaure le four commun du bourg, lot {n}")
    rule = said.by_target()["description"]
    assert (rule["path"], rule["confidence"] < 0.5) == ("lecture", True)


def test_the_name_of_who_answers_is_not_that_of_the_project() -> None:
    found = proposed(Nom=lambda n: f"Camille {n}", **{"Nom du projet": "title"})
    assert fed(found, "title") == ["Nom du projet"]


@pytest.mark.parametrize(
    ("header", "target", "values"),
    [
        ("Innovation", "title", "title"),
        ("En quoi consiste l'innovation ?", "description", "description"),
        ("Qui porte le projet ?", "porteur_name", "porteur_name"),
        ("Bénéficiaire de la subvention", "porteur_name", "porteur_name"),
        ("Millésime", "year", "year"),
        ("introText", "summary", "summary"),
        ("Siège social", "address", "address"),
        ("Commune d'implantation", "place", "place"),
    ],
)
def test_what_forms_and_exports_call_things(header: str, target: str, values: str) -> None:
    other = {"Nom": "title"} if target != "title" else {"Structure": "porteur_name"}
    assert fed(proposed(**other, **{header: values}), target) == [header]


def test_a_context_is_no_text_of_presentation() -> None:
    found = proposed(Nom="title", Contexte="description", Descriptif="summary")
    assert fed(found, "context", "description") == ["Contexte", "Descriptif"]


def test_what_json_ld_says_of_an_object_is_no_field() -> None:
    def place(n: int) -> dict[str, str]:
        return {"@type": "PostalAddress", "streetAddress": f"{n} rue du Pont"}

    assert fed(proposed(name=name, address=place), "address") == ["address.streetAddress"]


def test_postcodes_are_told_by_the_communes_beside_them() -> None:
    found = proposed(Lieu="title", Code="postcode", Commune="place")
    assert fed(found, "postcode", "external_id") == ["Code", None]


def test_a_commune_is_a_place_before_the_territory_around_it() -> None:
    wide = proposed(
        Nom="title", **{"Territoire d'intervention": lambda n: ["Isère", "Nièvre"][n % 2]},
        **{"Bureau distributeur": "place"},
    )  # fmt: skip
    assert fed(wide, "place") == ["Bureau distributeur"]


def test_the_endings_of_a_search_engine_are_left_out() -> None:
    found = proposed(
        label_s=lambda n: f"Camille Durand. {name(n)}. Paris, 2020",
        title_s=lambda n: [name(n)],
        abstract_s=lambda n: [VALUES["description"](n)],
    )
    assert fed(found, "title", "description") == ["title_s", "abstract_s"]


def test_a_code_in_one_word_is_no_title() -> None:
    untitled = proposed(a=lambda n: f"temp_{n}", b=lambda n: f"Lieu {name(n)}")
    assert fed(untitled, "title") == ["b"]
