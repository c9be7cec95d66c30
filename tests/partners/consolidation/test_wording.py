"""What the words of a title are worth: which one it is, of what kind, under which number."""

import pytest

from partners.consolidation.wording import porteur_words, taken_apart


@pytest.mark.parametrize(
    ("title", "places", "core"),
    [
        ("FabLab Atelier des Deux Rives", [], ("deux", "rives")),
        ("La Grange Café Rennes", ["Rennes"], ("grange", "cafe")),
        ("Saint-Aubin : le potager mobile", ["Saint-Aubin-du-Cormier"], ("potager", "mobile")),
        ("Les Ateliers", [], ("ateliers",)),
        ("Médiathèque de Lormes", ["Lormes"], ()),
        ("St Aubin", ["Saint-Aubin"], ()),
    ],
)
def test_only_words_that_tell_which_one_are_kept(
    title: str, places: list[str], core: tuple[str, ...]
) -> None:
    assert taken_apart(title, places).core == core


def test_an_acronym_and_its_long_form_are_one_network() -> None:
    short, long = (
        taken_apart("MSAP de Lormes", ["Lormes"]),
        taken_apart("Maison de Services au Public Lormes", ["Lormes"]),
    )
    assert short.words == long.words
    assert short.networks == ("france-services",)


def test_numbers_are_kept_apart_from_words() -> None:
    for title, numbers in [
        ("Espace Ancolie 2", ("2",)),
        ("Espace Ancolie II", ("2",)),
        ("Promo3 Ancolie", ("3",)),
        ("Ancolie", ()),
    ]:
        wording = taken_apart(title)
        assert wording.numbers == numbers
        assert "ancolie" in wording.core


def test_a_mistyped_kind_is_that_kind() -> None:
    assert taken_apart("Blibliothèque de Lormes", ["Lormes"]).kinds == ("bibliotheque",)


def test_initials_are_those_of_the_long_name() -> None:
    assert "chpl" in taken_apart("Collectif des Habitants du Pré Long").initials


def test_a_porteur_is_known_without_its_legal_form() -> None:
    assert porteur_words("Association Les Deux Rives") == porteur_words("Les Deux Rives (SCIC)")
