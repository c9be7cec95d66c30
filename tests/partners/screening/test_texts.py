"""Texts that say nothing, or not well; and those that only look so."""

import pytest

from partners.screening.language import foreign
from partners.screening.texts import Kind, remarks

FRENCH = (
    "Des habitants du quartier se retrouvent chaque semaine pour réparer ensemble les objets du "
    "quotidien, avec l’aide de bénévoles qui transmettent leur savoir-faire."
)
OTHERS = {
    "anglais": (
        "The residents of the district meet every week to repair everyday objects, with "
        "the help of volunteers who share what they know about tools and materials."
    ),
    "espagnol": (
        "Los vecinos del barrio se reúnen cada semana para reparar juntos los objetos "
        "de la vida diaria, con la ayuda de voluntarios que comparten lo que saben."
    ),
    "allemand": (
        "Die Bewohner des Viertels treffen sich jede Woche, um gemeinsam mit der Hilfe "
        "von Freiwilligen die Dinge des Alltags zu reparieren, und das ist für alle "
        "offen."
    ),
    "italien": (
        "Gli abitanti del quartiere si incontrano ogni settimana per riparare insieme "
        "gli oggetti della vita quotidiana, con un gruppo di volontari che non sono del "
        "mestiere."
    ),
    "portugais": (
        "Os moradores do bairro reúnem-se todas as semanas para reparar os objetos do "
        "dia a dia, com uma equipa de voluntários que não são do ofício e gostam de "
        "ajudar."
    ),
    "néerlandais": (
        "De bewoners van de wijk komen elke week bij elkaar om met de hulp van "
        "vrijwilligers voorwerpen te herstellen, en het is ook een plek voor "
        "ontmoeting."
    ),
    "catalan": (
        "Els veïns del barri es troben cada setmana per reparar els objectes de la vida "
        "quotidiana amb l’ajuda dels voluntaris, i també és una festa per a tots els "
        "nens."
    ),
}


@pytest.mark.parametrize("language", OTHERS)
def test_a_text_in_another_language_is_told(language: str) -> None:
    assert foreign(OTHERS[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        FRENCH,
        "Lundi : 10h à 12h30 et 13h30 à 17h Mardi : 09h à 12h30 et 13h30 à 17h Jeudi : 13h30 à 17h",
        "Fab lab, repair café, coworking, open space, living lab, makers, hackathon, bootcamp, "
        "meetup et afterwork",
        "Accès Internet / Imprimante / Ordinateur / Photocopieuse / Scanner / Wifi / Tablette / "
        "Écran / Casque / Clavier / Souris / Table",
        f"Le projet « The House of Open Innovation and Social Care for All ». {FRENCH}",
        "Hello world",
    ],
)
def test_french_lists_and_borrowed_words_are_left_alone(text: str) -> None:
    assert foreign(text) == ""


def found(**values: str) -> list[tuple[str, str]]:
    return [(r.kind, r.field) for r in remarks({"title": "Atelier de réparation", **values})]


@pytest.mark.parametrize(
    "text",
    [
        "À venir", "à compléter", "test", "Test 1", "Lorem ipsum dolor sit amet.", "xxx", "TODO",
        "<p>En cours de rédaction</p>", "Description à venir", "Bientôt disponible", "n/a",
        "sans objet",
    ],
)  # fmt: skip
def test_a_text_that_holds_a_place_is_told(text: str) -> None:
    assert found(description=text) == [(Kind.FILLER, "description")]


def test_a_test_that_is_a_project_is_not_a_filler() -> None:
    assert found(description="Test du revenu de base dans dix communes volontaires.") == []


def test_a_text_that_only_repeats_the_title_is_told() -> None:
    assert found(summary="Atelier  de REPARATION.") == [(Kind.SAME, "summary")]


@pytest.mark.parametrize(
    "ending", [" et pour la", " […]", " [...]", " (suite)", "… Lire la suite", " dans le cadre de"]
)
def test_a_text_cut_in_the_middle_is_told(ending: str) -> None:
    assert found(description=FRENCH.rstrip(".") + ending) == [(Kind.CUT, "description")]


@pytest.mark.parametrize(
    "ending", [".", " : outils, livres, jouets…", " (outils, livres, etc.)", " !"]
)
def test_a_text_that_ends_is_not(ending: str) -> None:
    assert found(description=FRENCH.rstrip(".") + ending) == []


@pytest.mark.parametrize(
    "text",
    ["&lt;p&gt;Bonjour&lt;/p&gt;", "[vc_row]Bonjour[/vc_row]", "Bonjour {{ nom }}",
     '<div style="color:red">Bonjour</div>', "a&amp;nbsp;b", "[gallery ids=1]"],
)  # fmt: skip
def test_the_remains_of_a_layout_are_told(text: str) -> None:
    assert (Kind.MARKUP, "description") in found(description=text)


def test_clean_html_is_no_remains() -> None:
    assert found(description=f"<p>{FRENCH}</p><ul><li><strong>Un</strong></li></ul>") == []


def test_capitals_only_are_told() -> None:
    assert found(title="ATELIER DE RÉPARATION DE VÉLOS") == [(Kind.CAPITALS, "title")]
    assert found(description=FRENCH.upper()) == [(Kind.CAPITALS, "description")]
    assert found(title="CCAS de Lorient") == []
