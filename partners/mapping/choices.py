"""A partner's word for one of our fixed choices (legal form, maturity, licence…)."""

import re
from functools import lru_cache
from typing import Any

from carrefour.text import key
from innovations.licences import Licence
from innovations.models import LegalForm, Maturity, Nature, Reach

# Patterns on the normalised word, the first that matches wins.
PATTERNS: dict[Any, tuple[tuple[str, Any], ...]] = {
    LegalForm: (
        (r"\bccas\b|\bcias\b|action sociale", LegalForm.CCAS),
        (r"\bscic\b|\bscop\b|cooperat|\bcae\b", LegalForm.COOPERATIVE),
        (r"mutuelle|mutualit", LegalForm.MUTUELLE),
        (r"fondation|fonds de dotation", LegalForm.FONDATION),
        (
            r"etablissement public|\bepic\b|\bepa\b|\bepcc\b|universite|hopital",
            LegalForm.ETABLISSEMENT,
        ),
        (
            r"collectivit|commune|mairie|\bville de\b|\bepci\b|intercommun|metropole"
            r"|conseil (?:departemental|regional)|syndicat mixte|\bsivom\b",
            LegalForm.COLLECTIVITE,
        ),
        (r"ministere|prefecture|\betat\b|service deconcentre", LegalForm.ETAT),
        (
            r"\bsarl\b|\bsasu?\b|\beurl\b|societe|entreprise|commercial|\besus\b|auto entrepr",
            LegalForm.SOCIETE,
        ),
        (r"associat|\b1901\b|\basso\b|\bong\b", LegalForm.ASSOCIATION),
        (r"collectif", LegalForm.COLLECTIF),
    ),
    Maturity: (
        (r"inabouti|abandon|echec", Maturity.INABOUTIE),
        (r"arret|termin|clos", Maturity.ARRETEE),
        (r"generalis", Maturity.GENERALISEE),
        (r"essaim|replic|dupliq|changement d echelle", Maturity.ESSAIMEE),
        (r"experiment|pilote|prototype|\btest", Maturity.EXPERIMENTATION),
        (r"deploy|en cours|en activite|perenne|realise|actif", Maturity.DEPLOYEE),
        (r"idee|projet|conception|emergence|etude", Maturity.IDEE),
    ),
    Nature: (
        (r"publi|administrat", Nature.PUBLIQUE),
        (r"territo", Nature.TERRITORIALE),
        (r"social|societ|solidair", Nature.SOCIALE),
    ),
    Reach: (
        (r"intercommun|epci|metropol|agglom", Reach.EPCI),
        (r"nation|france|pays", Reach.NATIONAL),
        (r"region", Reach.REGION),
        (r"departement", Reach.DEPARTEMENT),
        (r"commun|local|quartier|ville", Reach.COMMUNE),
    ),
    Licence: (
        (r"etalab|licence ouverte|open licen[cs]e|\blov?2?\b", Licence.ETALAB),
        (r"odbl|open database", Licence.ODBL),
        (r"\bcc ?0\b|cc zero|domaine public|public domain", Licence.CC0),
        (r"by nc|non ?commercial|pas d utilisation commerciale", Licence.CC_BY_NC),
        (r"by nd|no ?deriv|pas de modification", Licence.ALL_RIGHTS),
        (r"by sa|share ?alike|partage (?:a l identique|dans les memes)", Licence.CC_BY_SA),
        (r"\bcc by\b|creative commons attribution|licenses by", Licence.CC_BY),
        (r"tous droits|all rights|copyright|reserve", Licence.ALL_RIGHTS),
    ),
}  # fmt: skip


@lru_cache(maxsize=4096)
def find(kind: Any, word: str) -> str:
    """The value of the choice a word means: by value, by label, then by pattern; "" if unknown."""
    plain = key(word)
    if not plain:
        return ""
    for member in kind:
        if plain in {key(str(member.value)), key(str(member.label))}:
            return str(member.value)
    for pattern, member in PATTERNS.get(kind, ()):
        if re.search(pattern, plain):
            return str(member.value)
    return ""


# A name may say its legal form; these words do so without doubt.
IN_NAMES = re.compile(
    r"^(?:ccas|cias|scic|scop|fondation|mutuelle|association|mairie|commune de)\b"
)


def legal_form(kind: str, name: str) -> str:
    """The legal form said by the kind of a structure, else by its name; "" when neither says."""
    if found := find(LegalForm, kind):
        return found
    said = IN_NAMES.match(key(name))
    return find(LegalForm, said.group(0)) if said else ""
