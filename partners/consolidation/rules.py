"""Which pairs are certain: plain conditions, each a rule that staff can switch off."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from partners.consolidation.likenesses import Likenesses
from partners.models.consolidation import Verdict

# The rarest word in common, from 0 (in every title) to 1 (in this one only).
RARE, RARE_ENOUGH = 0.7, 0.5


@dataclass(frozen=True)
class Rule:
    """``label`` and ``description`` are what staff read; ``holds`` says for which pairs."""

    code: str
    verdict: Verdict
    label: str
    description: str
    holds: Callable[[Likenesses], np.ndarray]


def _nothing_against(found: Likenesses) -> np.ndarray:
    """No other number; the same kind of body, or none told."""
    return (found.number >= 0) & (found.kind >= 0)


def _between_sources(found: Likenesses) -> np.ndarray:
    """A source tells its own records apart: what looks alike in it is asked."""
    return found.source == 0


def _same_title(found: Likenesses) -> np.ndarray:
    return found.title >= 0.97


def _same_name(found: Likenesses) -> np.ndarray:
    return (np.nan_to_num(found.name) >= 0.93) & (found.rarest >= RARE)


def _same_page(found: Likenesses) -> np.ndarray:
    named = _same_title(found) | _same_name(found)
    where = (found.commune != 0) & ~(found.distance > 1)
    sure = _nothing_against(found) & _between_sources(found)
    return sure & (found.page == 1) & named & where


def _same_place(found: Likenesses) -> np.ndarray:
    where = (found.commune == 1) & (found.distance < 0.15)
    # « Cogito » and « Espace de coworking Cogito » at one place, no other web site told.
    longer = _same_name(found) & (found.kind >= -0.25) & (found.host >= 0)
    named = (found.kind >= 0) & (_same_title(found) | _same_name(found)) | longer
    return (found.number >= 0) & _between_sources(found) & named & where


def _same_site_same_town(found: Likenesses) -> np.ndarray:
    covered = (found.shared >= 0.99 * found.least) & (found.rarest >= RARE)
    named = (found.kind >= 0) & (_same_name(found) | covered)
    # At one address, a whole title in a longer one that also says what kind of place it is.
    longer = (found.kind >= -0.25) & covered & (found.contained >= 0.99) & (found.distance < 0.15)
    where = (found.commune == 1) & (found.distance < 2)
    own = (found.host == 1) & (found.own >= 0.3)
    return (found.number >= 0) & _between_sources(found) & (named | longer) & where & own


def _same_project(found: Likenesses) -> np.ndarray:
    named = _same_title(found) & (found.rarest >= RARE) & (found.porteur >= 0.95)
    where = (found.commune == 1) & (found.distance < 1) | np.isnan(found.commune)
    return _nothing_against(found) & _between_sources(found) & named & where


def _same_text(found: Likenesses) -> np.ndarray:
    named = _same_title(found) | _same_name(found)
    where = (found.commune != 0) & ~(found.distance > 1)
    sure = _nothing_against(found) & _between_sources(found)
    return sure & named & where & (found.text >= 0.6)


def _project_elsewhere(found: Likenesses) -> np.ndarray:
    # A project met in many towns makes its own words less rare.
    rare = (found.shared >= RARE) & (found.rarest >= RARE_ENOUGH)
    named = _same_title(found) & rare & (found.porteur >= 0.95)
    return _nothing_against(found) & named & (found.commune == 0) & ~(found.distance < 1)


def _brand_elsewhere(found: Likenesses) -> np.ndarray:
    own = (found.host == 1) & (found.own >= 0.3)
    named = (np.nan_to_num(found.name) >= 0.97) & (found.rarest >= RARE) & own
    unlike = (found.commune == 0) & ~(found.distance < 2)
    return (found.number >= 0) & (found.kind == 0) & named & unlike


def _network(found: Likenesses) -> np.ndarray:
    alike = (found.network == 1) & (found.number >= 0) & _same_title(found)
    return alike & (found.commune == 0) & ~(found.distance < 2)


RULES = (
    Rule("meme-page", Verdict.SAME, "Même page web",
         "Deux sources donnent la même page web et le même nom, sans lieux différents.",
         _same_page),
    Rule("meme-nom-meme-lieu", Verdict.SAME, "Même nom au même endroit",
         "Deux sources donnent le même nom dans la même commune, à moins de 150 mètres.",
         _same_place),
    Rule("meme-site-meme-commune", Verdict.SAME, "Même site web dans la même commune",
         "Deux sources donnent le même site web, qui n’est pas celui de nombreuses fiches, dans la "
         "même commune, et les mots rares du nom de l’une sont dans celui de l’autre.",
         _same_site_same_town),
    Rule("meme-projet", Verdict.SAME, "Même titre et même porteur",
         "Deux sources donnent le même titre et le même porteur, au même endroit ou sans lieu.",
         _same_project),
    Rule("meme-texte", Verdict.SAME, "Même nom et même texte",
         "Deux sources donnent le même nom et en grande partie le même texte, sans lieux "
         "différents.",
         _same_text),
    Rule("projet-ailleurs", Verdict.SITE, "Même projet dans une autre commune",
         "Le même titre et le même porteur dans deux communes : deux lieux d’une innovation.",
         _project_elsewhere),
    Rule("enseigne-ailleurs", Verdict.SITE, "Même enseigne dans une autre commune",
         "Le même nom, rare, et le même site web dans deux communes : deux lieux d’une innovation.",
         _brand_elsewhere),
    Rule("reseau-ailleurs", Verdict.SITE, "Même réseau dans une autre commune",
         "Deux lieux d’un réseau ou d’un label connu (France services, Mission locale…) dans deux "
         "communes. Éteinte au départ : elle ferait d’un réseau entier une seule fiche.",
         _network),
)  # fmt: skip
OFF_AT_FIRST = frozenset({"reseau-ailleurs"})
BY_CODE = {rule.code: rule for rule in RULES}


def certain(found: Likenesses, active: Collection[str]) -> np.ndarray:
    """The code of the first active rule that holds for each pair, "" for none."""
    codes = np.full(len(found.title), "", dtype="U40")
    for rule in reversed(RULES):
        if rule.code in active:
            codes[rule.holds(found)] = rule.code
    return codes
