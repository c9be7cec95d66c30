"""Verdicts and certain rules on the hard cases met in real files, told with words of ours."""

import numpy as np
import pytest

from partners.consolidation.features import compared
from partners.consolidation.likenesses import likenesses
from partners.consolidation.rules import BY_CODE, OFF_AT_FIRST, certain
from partners.consolidation.scoring import scores
from partners.consolidation.tables import Frequencies, Table, Weighed
from partners.models import Verdict
from tests.partners.consolidation.alike import site, values

ON = [code for code in BY_CODE if code not in OFF_AT_FIRST]
Told = tuple[str, str, dict]


def judged(first: Told, second: Told, *, one_source: bool = False) -> tuple[Verdict, str, float]:
    """(Verdict proposed, certain rule or "", score) of two records: (title, town, what else)."""
    rows = []
    for number, (title, town, said) in enumerate((first, second)):
        shift = said.pop("shift", 0.0)
        sites = [site(town, shift=shift)] if town else []
        rows.append(compared(number, 1 if one_source else number, values(title, **said), sites))
    table = Table.of(rows)
    weighed = Weighed.of(table, Frequencies.of(table.packed))
    found = likenesses(weighed, np.array([0]), np.array([1]))
    scored = scores(found)
    return scored.verdict(0), str(certain(found, ON)[0]), float(scored.score[0])


WEB = "https://www.{}.exemple.fr/"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # A sign between two words, another postcode: one place.
        (("La Meute Co_working", "Le Mans", {"website": WEB.format("lameute")}),
         ("La Meute Coworking", "Le Mans", {"website": WEB.format("lameute")})),
        # A short name inside a long one, at one address.
        (("LaVriLLe", "Rezé", {"website": WEB.format("lavrille")}),
         ("Hackerspace LaVriLLe (Amicale Rezéenne)", "Rezé", {"website": WEB.format("lavrille")})),
        (("Zephyrine", "Rezé", {}), ("Espace Zéphyrine", "Rezé", {})),
        (("MSAP de Lormes", "Lormes", {}),
         ("Maison de services au public de Lormes", "Lormes", {})),
    ],
)  # fmt: skip
def test_one_place_told_twice_is_linked(first: Told, second: Told) -> None:
    verdict, rule, _ = judged(first, second)
    assert (verdict, bool(rule)) == (Verdict.SAME, True)
    assert BY_CODE[rule].verdict == Verdict.SAME


def test_two_names_of_one_place_are_asked() -> None:
    web = {"website": WEB.format("worklormes")}
    verdict, rule, _ = judged(("Workstation", "Lormes", web), ("WorkLormes", "Lormes", dict(web)))
    assert (verdict.links, rule) == (True, "")


def test_one_brand_in_two_towns_is_two_sites() -> None:
    first = ("Ko Forge Rennes", "Rennes", {"website": WEB.format("koforge")})
    second = ("KoForge Le Mans", "Le Mans", {"website": WEB.format("koforge") + "lemans"})
    verdict, _, score = judged(first, second)
    assert verdict == Verdict.SITE
    assert score > 0.5


def test_one_project_of_one_porteur_in_two_towns_is_linked_as_a_site() -> None:
    first = ("Le Fil de Garance", "Rennes", {"porteur": "Garance"})
    second = ("Le fil de Garance", "Le Mans", {"porteur": "Association Garance"})
    verdict, rule, _ = judged(first, second)
    assert (verdict, rule) == (Verdict.SITE, "projet-ailleurs")


def test_a_number_tells_one_from_the_next() -> None:
    verdict, rule, _ = judged(("Espace Ancolie", "Lormes", {}), ("Espace Ancolie 2", "Lormes", {}))
    assert rule == ""
    assert verdict != Verdict.DISTINCT


def test_a_kind_of_body_in_two_towns_is_distinct() -> None:
    for title in ("Médiathèque de {}", "Mairie de {}", "Espace public numérique de {}"):
        verdict, rule, _ = judged(
            (title.format("Lormes"), "Lormes", {}), (title.format("Clamecy"), "Clamecy", {})
        )
        assert (verdict, rule) == (Verdict.DISTINCT, "")


def test_two_kinds_of_bodies_of_one_town_are_never_linked() -> None:
    _, rule, score = judged(("FabLab Ancolie", "Lormes", {}), ("Médiathèque Ancolie", "Lormes", {}))
    assert rule == ""
    assert score < 0.8


def test_a_common_name_in_two_towns_is_not_linked() -> None:
    _, rule, _ = judged(("La Fabrique", "Lormes", {}), ("La Fabrique", "Rennes", {}))
    assert rule == ""


def test_one_source_tells_its_own_records_apart() -> None:
    first, second = ("Zephyrine", "Rezé", {}), ("Espace Zéphyrine", "Rezé", {})
    assert judged(first, second)[1] == "meme-nom-meme-lieu"
    verdict, rule, _ = judged(first, second, one_source=True)
    assert (verdict.links, rule) == (True, "")


def test_a_moved_place_with_its_web_site_is_linked_and_without_it_asked() -> None:
    web = {"website": WEB.format("gullivine")}
    near = judged(("Gullivine", "Rezé", dict(web)), ("Gullivine", "Rezé", {**web, "shift": 0.01}))
    assert near[:2] == (Verdict.SAME, "meme-site-meme-commune")
    assert judged(("Gullivine", "Rezé", {}), ("Gullivine", "Rezé", {"shift": 0.01}))[1] == ""


def test_a_copied_text_links_records_without_place() -> None:
    text = (
        "Chaque semaine, des retraités et des apprentis remontent de vieux vélos trouvés dans les "
        "caves du quartier, puis les prêtent aux lycéens qui en ont besoin pour aller en stage."
    )
    told = {"description": f"<p>{text}</p>"}
    assert judged(("Vélogarance", "Rennes", told), ("VéloGarance", "", dict(told)))[1] == (
        "meme-texte"
    )
    assert judged(("Vélogarance", "Rennes", {}), ("VéloGarance", "", {}))[1] == ""


def test_places_of_a_known_network_are_proposed_last() -> None:
    verdict, rule, score = judged(
        ("Mission locale de Lormes", "Lormes", {}), ("Mission locale", "Rennes", {})
    )
    assert (verdict, rule, score) == (Verdict.SITE, "", 0.5)


def test_a_page_on_a_shared_site_is_no_common_site() -> None:
    first = ("Ancolie", "Lormes", {"website": "https://www.facebook.com/ancolie"})
    second = ("Garance", "Lormes", {"website": "https://www.facebook.com/garance", "shift": 0.01})
    assert judged(first, second)[0] == Verdict.DISTINCT
