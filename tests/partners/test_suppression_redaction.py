"""A datum is recognised whatever its spelling, and nothing else is touched."""

import json

import pytest

from partners.digests import normalised_url, phone_digits, title_and_porteur
from partners.redaction import PLACEHOLDER
from partners.suppression import is_too_short, redactor_of

PERSON = "Camille Exemple-Durand"


def redacted(datum: str, content: object) -> object:
    return redactor_of([datum]).content(content)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Camille Exemple-Durand",
        "CAMILLE EXEMPLE DURAND",
        "Exemple-Durand Camille",
        "camille  exemple\u00a0durand",
        "Cámille Exemplé Durand",
        "Ca\u0301mille Exemple-Durand",
        "<b>Camille</b> <i>Exemple-Durand</i>",
        "Camille Exempl&eacute;-Durand",
        "Camille&nbsp;Exemple&#45;Durand",
    ],
)
def test_a_name_is_found_in_any_spelling(text: str) -> None:
    clean = redacted(PERSON, f"Contact : {text}, présidente")
    assert "amille" not in clean
    assert "urand" not in clean
    assert clean.startswith("Contact : ")
    assert clean.endswith(", présidente")
    assert clean.count(PLACEHOLDER) == 1


@pytest.mark.parametrize(
    "written",
    [
        "06 12 34 56 78",
        "0612345678",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "0033 6 12 34 56 78",
        "06\u202f12\u202f34\u202f56\u202f78",
        "06/12/34/56/78",
    ],
)
@pytest.mark.parametrize("asked", ["06 12 34 56 78", "+33612345678"])
def test_a_phone_number_is_found_in_any_spelling(asked: str, written: str) -> None:
    assert redacted(asked, f"Tél. : {written} (matin)") == f"Tél. : {PLACEHOLDER} (matin)"


def test_a_phone_number_among_others() -> None:
    text = "01 11 22 33 44 / 06 12 34 56 78 / 02 33 44 55 66"
    assert redacted("0612345678", text) == f"01 11 22 33 44 / {PLACEHOLDER} / 02 33 44 55 66"


def test_a_phone_number_that_a_spreadsheet_made_a_number() -> None:
    assert redacted("06 12 34 56 78", {"tel": 612345678}) == {"tel": PLACEHOLDER}
    assert redacted("06 12 34 56 78", {"tel": 612345678.0}) == {"tel": PLACEHOLDER}
    untouched = {"budget": 612345, "actif": True, "taux": 0.5, "rien": None, "nan": float("nan")}
    assert redacted("06 12 34 56 78", untouched) is untouched


@pytest.mark.parametrize(
    "written",
    [
        "camille@exemple.invalid",
        "CAMILLE@EXEMPLE.INVALID",
        "camille [at] exemple.invalid",
        "camille (arobase) exemple.invalid",
        "camille&#64;exemple.invalid",
    ],
)
def test_an_e_mail_address_is_found_in_any_spelling(written: str) -> None:
    clean = redacted("camille@exemple.invalid", f"Écrire à {written}.")
    assert "amille" not in clean.lower().replace(PLACEHOLDER, "")


def test_html_keeps_its_tags_and_its_attributes_are_read() -> None:
    text = '<p><a href="mailto:camille@exemple.invalid" title="x">Écrire</a> <b>Camille</b></p>'
    clean = redacted("camille@exemple.invalid", text)
    assert clean == (f'<p><a href="mailto:{PLACEHOLDER}" title="x">Écrire</a> <b>Camille</b></p>')
    link = '<p><a href="/qui/Camille%20Exemple%20Durand">Équipe</a></p>'
    assert redacted(PERSON, link) == "<p>Équipe</a></p>"


def test_an_address_that_holds_the_datum_is_emptied() -> None:
    row = {"page": "https://exemple.invalid/camille-exemple-durand", "titre": "Jardin"}
    assert redacted(PERSON, row) == {"page": "", "titre": "Jardin"}
    assert redacted("0612345678", "tel:+33612345678") == ""


def test_a_name_kept_in_two_cells() -> None:
    row = {"nom": "EXEMPLE-DURAND", "prenom": "Camille", "ville": "Lormes", "Camille": "clé"}
    assert redacted(PERSON, [row]) == [
        {"nom": PLACEHOLDER, "prenom": PLACEHOLDER, "ville": "Lormes", "Camille": "clé"}
    ]


def test_nested_content_and_counts() -> None:
    content = {"a": [{"b": f"par {PERSON}"}, "rien"], "c": {"d": [PERSON, 3]}}
    clean, count = redactor_of([PERSON]).content(content)
    assert count == 2
    assert "Camille" not in json.dumps(clean)
    assert clean["a"][1] == "rien"


def test_clean_content_is_the_same_object() -> None:
    content = {"titre": "Épicerie solidaire", "lieux": ["Lormes"]}
    clean, count = redactor_of([PERSON, "06 12 34 56 78"]).content(content)
    assert clean is content
    assert count == 0


def test_part_of_a_datum_is_not_the_datum() -> None:
    assert redacted(PERSON, "Camille habite rue Durand") == "Camille habite rue Durand"
    assert redacted("Ana", "Banane, Anatole") == "Banane, Anatole"


def test_what_is_too_short_is_not_looked_for() -> None:
    assert is_too_short("à")
    assert is_too_short(" -- ")
    assert not is_too_short("Ana")
    assert redacted("a", "a b a") == "a b a"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("06 12 34 56 78", "0612345678"),
        ("+262 692 12 34 56", "0692123456"),
        ("+32 2 123 45 67", "3221234567"),
        ("12 rue des Lilas", ""),
        ("1234", ""),
    ],
)
def test_phone_digits(text: str, digits: str) -> None:
    assert phone_digits(text) == digits


def test_normalised_url() -> None:
    page = normalised_url("https://www.Exemple.invalid/Projets/12/?utm_source=x#haut")
    assert (
        page == normalised_url("http://exemple.invalid/Projets/12") == "exemple.invalid/Projets/12"
    )
    assert normalised_url("https://exemple.invalid/?p=3") == "exemple.invalid?p=3"
    assert normalised_url("https://exemple.invalid/") == ""
    assert normalised_url("") == ""


def test_a_title_alone_must_say_enough() -> None:
    assert title_and_porteur("Épicerie solidaire", "") == ""
    assert title_and_porteur("L’Épicerie solidaire", "Asso") == "l epicerie solidaire\nasso"
    assert title_and_porteur("La ferme du bout du monde", "")
