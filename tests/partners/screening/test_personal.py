"""What is personal in a text, what only looks like it, and how little of it is kept."""

import time

import pytest

from partners.screening.personal import Kind, found
from partners.screening.reading import data_of, masked

# Numbers that the regulator keeps for fiction, and identifiers made for the test.
MOBILE = "06 39 98 12 34"


def kinds(text: str) -> list[tuple[str, bool]]:
    return [(d.kind, d.is_certain) for d in found(text)]


@pytest.mark.parametrize(
    "written",
    [
        "06 39 98 12 34", "06.39.98.12.34", "06-39-98-12-34", "0639981234", "06/39/98/12/34",
        "+33 6 39 98 12 34", "+33 (0)6 39 98 12 34", "0033639981234", "+33639981234",
        "06\u00a039\u00a098\u00a012\u00a034", "06 399 812 34", "01 99 00 12 34", "09 70 12 34 56",
    ],
)  # fmt: skip
def test_a_phone_number_is_found_however_it_is_written(written: str) -> None:
    [datum] = found(f"Appelez Camille au {written}.")
    assert datum.kind == Kind.PHONE
    assert datum.text == written
    assert len(datum.form) == 10


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("+262 692 12 34 56", "0692123456"), ("0692 12 34 56", "0692123456"),
        ("+590 690 12 34 56", "0690123456"), ("+594 694 12 34 56", "0694123456"),
        ("+596 696 12 34 56", "0696123456"), ("+689 87 12 34 56", ""), ("+508 41 23 45", ""),
    ],
)  # fmt: skip
def test_numbers_overseas_are_found_too(written: str, form: str) -> None:
    [datum] = found(f"Tél. : {written}")
    assert datum.kind == Kind.PHONE
    assert not form or datum.form == form


@pytest.mark.parametrize(
    "text",
    [
        "SIRET 552 100 554 00013", "SIREN 552100554", "SIRET : 55210055400013",
        "De 2014 à 2017, puis 2018-2019.", "Un budget de 06 390 000 euros", "1 250 000 €",
        "44000 Nantes, 35000 Rennes, 29200 Brest", "Code INSEE 01004, 01005, 01006, 01007",
        "du 01/02/2017 au 03/04/2018", "01-02-2017", "RNA W442012345",
        "48.5123456, -2.7612345", "ISBN 978-2-07-036822-8", "0 800 123 456", "08 92 68 12 34",
        "https://exemple.fr/image_0639981234_5678.jpg", "Réf. 2017/0639981234/B",
        "00 00 00 00 00", "01 23 45 67 89", "3949", "60 000 60 000 60 000",
    ],
)  # fmt: skip
def test_what_merely_looks_like_a_number_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "address",
    [
        "camille.exemple@association.example.org", "exemple.camille@mairie.example.fr",
        "jean-paul.exemple@reseau.example.org", "cexemple@gmail.com", "petitloup35@wanadoo.fr",
        "camille [at] orange.fr", "Camille.EXEMPLE@Orange.FR", "rose_martin@free.fr",
    ],
)  # fmt: skip
def test_the_address_of_a_person_is_certain(address: str) -> None:
    assert kinds(f"Écrivez à {address} ou venez.") == [(Kind.EMAIL, True)]


@pytest.mark.parametrize(
    "address",
    [
        "contact@association.example.org", "mairie@ville.example.fr", "asso.jardins@gmail.com",
        "contact.nantes@orange.fr", "accueil.centre-social@laposte.net", "ccas@wanadoo.fr",
        "lesjardinspartages@example.org", "coordination@reseau.example.org", "info@free.fr",
        "mediatheque.montreuil@example.fr", "presse@example.org", "bureau-asso@outlook.fr",
    ],
)  # fmt: skip
def test_the_address_of_a_function_is_none_of_ours(address: str) -> None:
    assert found(f"Écrivez à {address}.") == []


def test_an_initial_and_a_name_is_only_told() -> None:
    assert kinds("c.exemple@association.example.org") == [(Kind.EMAIL, False)]


def nir(number: str) -> str:
    value = int(number.replace("2A", "19").replace("2B", "18"))
    return f"{number}{97 - value % 97:02d}"


def iban(country: str, account: str) -> str:
    turned = "".join(str(int(c, 36)) for c in f"{account}{country}00")
    return f"{country}{98 - int(turned) % 97:02d}{account}"


@pytest.mark.parametrize("number", ["2550814168025", "185052A009084", "185052B009084"])
def test_a_social_security_number_has_its_key(number: str) -> None:
    right = nir(number)
    wrong = f"{right[:-2]}{(int(right[-2:]) % 97) + 1:02d}"
    assert kinds(f"Numéro {right}") == [(Kind.NIR, True)]
    assert kinds(f"Numéro {wrong}") == []


def test_a_bank_account_has_its_key() -> None:
    right = iban("FR", "20041010050500013M02606")
    spaced = " ".join(right[i : i + 4] for i in range(0, len(right), 4))
    assert kinds(f"IBAN {right}") == kinds(f"IBAN : {spaced}.") == [(Kind.IBAN, True)]
    assert kinds(f"IBAN FR{(int(right[2:4]) + 1) % 97:02d}{right[4:]}") == []


@pytest.mark.parametrize(
    "text",
    [
        "Mme Camille Exemple, 12 rue des Lilas, 44000 Nantes",
        "Camille, demeurant au 12 bis avenue de la Gare à Rennes",
        "à mon domicile : 3 impasse du Puits",
    ],
)
def test_a_home_is_found_when_the_text_says_whose_it_is(text: str) -> None:
    assert kinds(text) == [(Kind.HOME, True)]


@pytest.mark.parametrize(
    "text",
    [
        "L’atelier est au 12 rue des Lilas, 44000 Nantes",
        "Madame la maire a inauguré le 12 rue des Lilas",
        "La Maison de Madame, place de la Mairie",
    ],
)
def test_the_address_of_a_place_is_none(text: str) -> None:
    assert found(text) == []


def test_little_is_kept_of_a_datum() -> None:
    text = (
        f"Tél. {MOBILE}, camille.exemple@gmail.com, Mme Camille Exemple, 12 rue des Lilas. "
        f"{nir('2550814168025')} {iban('FR', '20041010050500013M02606')}"
    )
    told = [d.masked for d in found(text)]
    assert told[:3] == ["06 •• •• •• ••", "c…@gmail.com", "12 rue …"]
    assert len(told) == 5
    assert not any(word in " ".join(told) for word in ("Lilas", "exemple", "5081", "2004"))


def test_every_text_of_a_record_is_read_its_links_too() -> None:
    values = {
        "title": f"Appelez le {MOBILE}",
        "summary": "Sans rien.",
        "description": '<p>Écrivez à <a href="mailto:camille.exemple%40gmail.com">Camille</a></p>',
        "reproduction": {"means": "Voir rose.martin@gmail.com"},
        "evidence": [{"document": "Rapport", "quote": f"« {MOBILE} »"}],
        "porteur": {"name": "Association"},
    }
    data = data_of(values)
    assert [field for field, _ in data] == [
        "title", "description", "reproduction.means", "evidence",
    ]  # fmt: skip
    clean, _ = masked(values, [], [datum.text for _, datum in data])
    assert data_of(clean) == []
    assert "39" not in str(clean)
    assert "exemple" not in str(clean)
    assert values["title"] == f"Appelez le {MOBILE}"
    assert clean["title"] == "Appelez le [donnée retirée]"


def test_a_number_cut_by_markup_is_masked() -> None:
    values = {"title": "Atelier", "description": "<p>Tél. 06&nbsp;39 <b>98</b> 12 34</p>"}
    [(_, datum)] = data_of(values)
    clean, _ = masked(values, [], [datum.text])
    assert "98" not in clean["description"]


@pytest.mark.parametrize(
    "text", ["M. " + "A" * 3000 + " 1", "Mme " + "Ab" * 3000, "domicilié au " + "1 rue " * 2000]
)
def test_a_text_that_looks_like_a_name_without_end_is_read_at_once(text: str) -> None:
    start = time.monotonic()
    found(text)
    assert time.monotonic() - start < 5
