"""Words of a place as partners write them, brought to one spelling."""

import html
import re

from carrefour.text import key

MOJIBAKE = re.compile(r"[ÃÂâ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|Ã ")
SPELLINGS = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "sr": "sur",
    "cdx": "cedex",
    "mt": "mont",
    "gd": "grand",
    "dpt": "departement",
    "dept": "departement",
    "dep": "departement",
    "departements": "departement",
    "regions": "region",
}
ON_WATER = re.compile(r"\bs(?:/|ur/)\s*", re.IGNORECASE)
BELOW = re.compile(r"\bs/s\b", re.IGNORECASE)
CEDEX = re.compile(r"\bcedex\b(?: \d{1,2}\b)?")
VOID = frozenset(
    {"nr", "na", "n a", "nd", "n d", "nc", "n c", "null", "none", "nan", "neant", "so", "s o"}
    | {"ns", "nsp", "vide", "inconnu", "inconnue", "aucun", "aucune", "autre", "autres", "x", "xx"}
    | {"xxx", "non renseigne", "non renseignee", "non communique", "non precise", "non defini"}
    | {"sans objet", "non applicable", "a completer", "a preciser", "a definir", "indefini"}
    | {"undefined", "unknown", "ras", "tbd", "en ligne", "internet", "web", "a distance"}
    | {"div 0", "ref", "valeur", "nom", "value", "vrai", "faux", "true", "false", "oui", "non"}
)


def mended(text: str) -> str:
    """The text without HTML entities, and read again as UTF-8 when it was read as windows-1252."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if MOJIBAKE.search(text):
        for charset in ("cp1252", "latin-1"):
            try:
                return text.encode(charset).decode("utf-8")
            except UnicodeError:
                continue
    return text


def words(text: str) -> str:
    """Key of a place name, usual abbreviations in full: « ST BRIEUC » → « saint brieuc »."""
    if "/" in text:
        text = ON_WATER.sub("sur ", BELOW.sub("sous", text))
    spelt = key(text)
    if not spelt:
        return ""
    return " ".join([SPELLINGS.get(word, word) for word in spelt.split()])


def is_void(spelt: str) -> bool:
    """Whether a cell says that it says nothing: « NR », « NA », « null », « 0 », « #N/D »…"""
    return not spelt.replace("0", "").strip() or spelt in VOID


def without_cedex(spelt: str) -> str:
    return " ".join(CEDEX.sub(" ", spelt).split()) if "cedex" in spelt else spelt


# What stands before a name in a sentence, and what the name then begins with.
PREPOSITIONS = (
    ("de la ", ("la ", "")),
    ("de l ", ("l ", "")),
    ("dans la ", ("la ", "")),
    ("dans le ", ("le ", "")),
    ("dans les ", ("les ", "")),
    ("dans l ", ("l ", "")),
    ("en ", ("",)),
    ("du ", ("le ", "")),
    ("des ", ("les ", "")),
    ("de ", ("",)),
    ("d ", ("",)),
    ("aux ", ("les ", "")),
    ("au ", ("le ", "")),
    ("a ", ("",)),
)
ARTICLES = ("la ", "le ", "les ", "l ")


def spellings_of(spelt: str) -> list[str]:
    """The names that the words may be, the likeliest first: « du mans » → « le mans », « mans »."""
    options = [spelt]
    for preposition, begins in PREPOSITIONS:
        if spelt.startswith(preposition):
            rest = spelt.removeprefix(preposition)
            options += [begin + rest for begin in begins]
            break
    return options


def without_article(spelt: str) -> str:
    for article in ARTICLES:
        if spelt.startswith(article):
            return spelt.removeprefix(article)
    return spelt
