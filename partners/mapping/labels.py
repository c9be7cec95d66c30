"""What a column's header says, rid of what headers are wrapped in: the words to compare.

« Quel est le nom de votre projet ? (100 caractères) » → « nom projet »; « USER_NOM » → « nom »
when every column begins by USER; « Thématique 3 » → « thematique ».
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from carrefour.text import key

CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\*+")
# What a form puts around the thing it asks for, as ``key`` writes it.
ASKING = re.compile(
    r"\b(?:quel(?:le)?s? (?:est|sont|serait|etait)|quel(?:le)?s?|a quel(?:le)?s?|dans quel(?:le)?s?"
    r"|pouvez vous|pourriez vous|merci d(?:e|)|veuillez|indique[rz]|precise[rz]|decrivez|decrire"
    r"|presente[rz]|resume[rz]|explique[rz]|renseigne[rz]|saisi(?:r|ssez)|donne[rz]|cite[rz]|citez"
    r"|selectionne[rz]|choisi(?:r|ssez)|coche[rz]|liste[rz]|ajoute[rz]|joindre|si oui"
    r"|le cas echeant"
    r"|en quelques (?:mots|lignes|phrases)|brievement|votre|vos|notre|nos|ce|cette|ces"
    r"|s il vous plait|svp|est il|est elle|sont ils|sont elles|se situe t il|se situe t elle"
    r"|please|what is|what are|your|the)\b"
)
ARTICLES = re.compile(r"\b(?:le|la|les|l|un|une|des|du|de|d|a|au|aux|en|of)\b")
NUMBERED = re.compile(r"\s*\b(?:n|no|num|numero)?\s*\d{1,2}$")
GLUED_NUMBER = re.compile(r"(?<=[a-z]{3})\d{1,2}$")
# What search engines end the names of their fields by, to say their kind.
TYPED = re.compile(r" (?:s|ss|t|txt|i|is|dt|b|str)$")
# Verbs of a question say what is asked for.
VERBS = (
    (re.compile(r"\bdecri(?:vez|re)\b|\bpresente[rz]\b|\bracontez\b|\bdescribe\b"), "description"),
    (re.compile(r"\bresume[rz]\b|\ben quelques (?:mots|lignes|phrases)\b"), "resume"),
    (re.compile(r"\bou (?:se|s) (?:situe|trouve|deroule)|\bou est\b"), "localisation"),
    (re.compile(r"\bcomment s appelle\b|\bcomment (?:se )?nomme\b"), "nom"),
    (re.compile(r"\ba qui s adresse|\bpour qui\b|\bqui sont les beneficiaires"), "public vise"),
    (re.compile(r"\ben quoi consist|\bde quoi s agit il\b"), "description"),
    (re.compile(r"\bqui porte\b|\bqui est (?:a l origine|le porteur)"), "porteur"),
    (re.compile(r"\bdepuis quand\b|\bquand (?:a|est)\b"), "date de debut"),
)
LONG = 5


def plain(step: str) -> str:
    """The normalised name of one step of a path."""
    return key(CAMEL.sub(" ", ASIDE.sub(" ", step)) or step)


def readings(name: str, prefix: str = "") -> Mapping[str, float]:
    """Ways to read a normalised name, each with how much it tells (0 to 1)."""
    found = {name: 1.0}
    bare = name.removeprefix(f"{prefix} ") if prefix else name
    for reading, weight in (
        (bare, 0.98),
        (NUMBERED.sub("", bare), 0.97),
        (TYPED.sub("", bare), 0.96),
        (GLUED_NUMBER.sub("", bare), 0.95),
    ):
        if reading:
            found.setdefault(reading, weight)
    words = name.split()
    if len(words) >= LONG or ASKING.search(name) or any(p.search(name) for p, _ in VERBS):
        found |= {r: w for r, w in _questions(name) if r and r not in found}
    return found


def _questions(name: str) -> list[tuple[str, float]]:
    """What a whole sentence asks for."""
    asked = [(word, 0.8) for pattern, word in VERBS if pattern.search(name)][:1]
    bare = " ".join(ASKING.sub(" ", name).split())
    short = " ".join(ARTICLES.sub(" ", bare).split())
    return [(bare, 0.92), (short, 0.9), *asked]


def shared_prefix(names: Sequence[str]) -> str:
    """The first word that most of the columns begin by (« user », « fiche »), or ""."""
    firsts = Counter(n.split()[0] for n in names if len(n.split()) > 1)
    word, count = firsts.most_common(1)[0] if firsts else ("", 0)
    return word if count >= 3 and count >= 0.3 * len(names) else ""


def matches(patterns: Iterable[str], name: str) -> bool:
    return any(re.search(pattern, name) for pattern in patterns)
