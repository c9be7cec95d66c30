"""How partners write dates, addresses, numbers, texts, and nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrefour.html import safe_html
from innovations.licences import Licence
from innovations.models import LegalForm, Maturity
from partners.mapping import choices, dates, links, texts
from partners.mapping.emptiness import is_empty
from partners.mapping.transforms import OPERATIONS
from partners.rawness import storable

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "  ", "NR", "nr ", "NA", "n/a", "N.C.", "null", "#N/D", "#REF!", "#DIV/0!"),
        *("0", 0, 0.0, float("nan"), [], ["", None], {}, {"a": ""}, "Non renseigné", "NaN"),
    ],
)
def test_nothing_is_told_in_many_ways(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [False, True, 1, "Nantes", "NRJ", "Naves", [0, 1], "01000", "10"])
def test_something_is_kept(value: Any) -> None:
    assert not is_empty(value)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2014", "2014"),
        (2014, "2014"),
        (2014.0, "2014"),
        ("depuis 2012", "2012"),
        ("12/03/2015", "2015-03-12"),
        ("1er mars 2015", "2015-03-01"),
        ("12 Août 2016", "2016-08-12"),
        ("septembre 2017", "2017-09"),
        ("sept. 2017", "2017-09"),
        ("09/2017", "2017-09"),
        ("2017-09", "2017-09"),
        ("2017-09-30T10:00:00Z", "2017-09-30"),
        ("T3 2020", "2020"),
        ("2014-2016", "2014"),
        ("31/02/2015", "2015-02"),
        ("printemps 2018", "2018"),
        ("bientôt", None),
        ("75011", None),
        ("0", None),
        ("9999", None),
    ],
)
def test_a_date_is_as_precise_as_what_was_written(written: Any, read: str | None) -> None:
    assert dates.partial_date(written) == read


@given(anything)
def test_no_value_breaks_a_date(value: Any) -> None:
    assert dates.partial_date(value) is None or isinstance(dates.partial_date(value), str)
    assert dates.year(value) is None or isinstance(dates.year(value), int)


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("https://exemple.fr/a", "https://exemple.fr/a"),
        (" www.exemple.fr ", "http://www.exemple.fr"),
        ("exemple.fr/projet", "http://exemple.fr/projet"),
        ("HTTP://Exemple.FR/Projet", "http://exemple.fr/Projet"),
        ("http:/exemple.fr", "http://exemple.fr"),
        ("https:exemple.fr", "https://exemple.fr"),
        ("http://http://exemple.fr/a", "http://exemple.fr/a"),
        ("http://https://exemple.fr/a", "https://exemple.fr/a"),
        ("//exemple.fr/a", "http://exemple.fr/a"),
        ("<https://exemple.fr>", "https://exemple.fr"),
        ("https://exemple.fr/été.", "https://exemple.fr/%C3%A9t%C3%A9"),
        ("https://exemple.fr/a b", "https://exemple.fr/a%20b"),
        ("https://échange.fr/", "https://xn--change-9ua.fr/"),
        ("http://127.0.0.1:8001/fiche", "http://127.0.0.1:8001/fiche"),
        ("htp:/adresse incorrecte", ""),
        ("voir le site", ""),
        ("contact@exemple.fr", ""),
        ("javascript:alert(1)", ""),
        ("mailto:a@exemple.fr", ""),
        ("http://", ""),
        ("http://exemple", ""),
        ("http://moi:secret@exemple.fr/", ""),
        ("https://exemple.fr/" + "a" * 2000, ""),
    ],
)
def test_an_address_is_mended_when_its_meaning_is_clear(written: str, mended: str) -> None:
    assert links.mended(written) == mended


def test_a_relative_address_is_resolved() -> None:
    assert links.mended("/fiche/3", "https://exemple.fr/flux") == "https://exemple.fr/fiche/3"


@pytest.mark.parametrize(
    ("url", "is_placeholder"),
    [
        ("https://exemple.fr/post=XXX", True),
        ("https://exemple.fr/{id}", True),
        ("https://exemple.fr/?p=[id]", True),
        ("https://exemple.fr/maxxi", False),
        ("https://exemple.fr/projet-12", False),
    ],
)
def test_an_address_never_filled_in_is_recognised(url: str, is_placeholder: bool) -> None:
    assert links.is_placeholder(url) is is_placeholder


@given(st.text(max_size=200))
def test_no_text_breaks_an_address(text: str) -> None:
    found = links.mended(text, "https://exemple.fr/")
    assert found == "" or found.startswith(("http://", "https://"))


def test_html_is_made_safe() -> None:
    dirty = (
        '<h1 onclick="x()">Titre</h1><p style="color:red">Un <b>texte</b><script>alert(1)</script>'
        '</p><p>&nbsp;</p><a href="javascript:alert(1)">lien</a><a href="https://a.fr">a</a>'
        "<iframe src=//b.fr></iframe><img src=x onerror=y>"
    )
    assert safe_html(dirty) == (
        "<h3>Titre</h3><p>Un <b>texte</b></p>"
        '<a rel="nofollow noopener">lien</a><a href="https://a.fr" rel="nofollow noopener">a</a>'
    )


def test_plain_text_becomes_paragraphs() -> None:
    assert safe_html("Un & deux\nligne\n\nFin") == "<p>Un &amp; deux<br>ligne</p><p>Fin</p>"
    assert safe_html("a < b et c > d") == "<p>a &lt; b et c &gt; d</p>"
    assert safe_html("&lt;p&gt;Échappé&lt;/p&gt;") == "<p>Échappé</p>"


def test_text_without_tags() -> None:
    assert texts.plain("<p>L&rsquo;été</p><p>à&nbsp;Lormes&amp;nbsp;!</p>") == "L’été à Lormes !"
    assert texts.paragraphs("<p>Un</p>\n<p>Deux</p>") == "Un\n\nDeux"


@given(st.text())
def test_no_text_keeps_a_script(text: str) -> None:
    cleaned = safe_html(f"{text}<script>alert(1)</script>")
    assert "<script" not in cleaned


OPERATION_CASES = [
    ("split", "a ; b|c\nd", {}, ["a", "b", "c", "d"]),
    ("split", "a, b", {"separators": [","]}, ["a", "b"]),
    ("split", ["a;b", "c"], {}, ["a", "b", "c"]),
    ("join", ["a", "", "b"], {"separator": ", "}, "a, b"),
    ("first", ["", "b"], {}, "b"),
    ("default", "NR", {"value": "x"}, "x"),
    ("map", "OUI", {"values": {"oui": "yes"}, "default": "no"}, "yes"),
    ("map", ["Peut-être"], {"values": {"oui": "yes"}}, ["Peut-être"]),
    ("map", True, {"values": {"true": False}}, False),
    ("drop", ["Divers", "Santé"], {"values": ["divers"]}, ["Santé"]),
    ("regex", "Vu ailleurs : Citiz", {"pattern": "^Vu ailleurs : (.+)"}, "Citiz"),
    ("regex", "a-b", {"pattern": "-", "replace": " "}, "a b"),
    ("regex", "rien", {"pattern": r"\d+"}, None),
    ("number", "1 234,5 €", {}, 1234.5),
    ("number", "12", {}, 12),
    ("number", "-1.5", {}, -1.5),
    ("number", "aucun", {}, None),
    ("year", "créé en 2012", {}, 2012),
    ("lower", "ÉTÉ", {}, "été"),
    ("capitalize", "EMPLOI", {}, "Emploi"),
    ("prefix", 12, {"value": "https://a.fr/"}, "https://a.fr/12"),
    ("strip_html", "<b>a</b>", {}, "a"),
    ("url", "a.fr", {}, "http://a.fr"),
]


@pytest.mark.parametrize(("name", "value", "arguments", "result"), OPERATION_CASES)
def test_operations(name: str, value: Any, arguments: dict, result: Any) -> None:
    assert OPERATIONS[name](value, arguments) == result


@given(st.sampled_from(sorted(OPERATIONS)), anything)
def test_no_value_breaks_an_operation(name: str, value: Any) -> None:
    OPERATIONS[name](value, {"values": {}})


@pytest.mark.parametrize(
    ("kind", "word", "found"),
    [
        (LegalForm, "Association loi 1901", LegalForm.ASSOCIATION),
        (LegalForm, "SCIC ou SCOP", LegalForm.COOPERATIVE),
        (LegalForm, "SARL/SAS/SA", LegalForm.SOCIETE),
        (LegalForm, "CCAS", LegalForm.CCAS),
        (LegalForm, "Communauté de communes", LegalForm.COLLECTIVITE),
        (LegalForm, "Centre social", ""),
        (Licence, "Licence Ouverte v2.0 (Etalab)", Licence.ETALAB),
        (Licence, "https://creativecommons.org/licenses/by-sa/4.0/", Licence.CC_BY_SA),
        (Licence, "CC BY-NC-SA", Licence.CC_BY_NC),
        (Licence, "© Tous droits réservés", Licence.ALL_RIGHTS),
        (Licence, "odbl-1.0", Licence.ODBL),
        (Maturity, "En phase d'expérimentation", Maturity.EXPERIMENTATION),
        (Maturity, "Projet terminé", Maturity.ARRETEE),
        (Maturity, "???", ""),
    ],
)
def test_choices_are_recognised(kind: Any, word: str, found: str) -> None:
    assert choices.find(kind, word) == found


@given(anything)
def test_raw_content_can_always_be_stored(value: Any) -> None:
    import json

    text = json.dumps(storable({"v": value}), allow_nan=False, ensure_ascii=False)
    assert "\0" not in text
    text.encode()


def test_what_postgresql_refuses_is_taken_out() -> None:
    assert storable({"a\0": ["b\0", float("inf"), "\ud800"]}) == {"a": ["b", None, "?"]}
