"""French around a place name: « du Mans », « en Bretagne », « dans l’Aude », « à La Réunion ».

A commune carries its article in its name (« Le Mans »); the other levels are written without it
(« Aude ») and take it from their ``Liaison``. What usage alone decides is in the two tables.
"""

from territories.kinds import Kind, Liaison

ARTICLES = {Liaison.LE: "le ", Liaison.LA: "la ", Liaison.LES: "les ", Liaison.L: "l’"}
CONTRACTIONS = {Liaison.LE: ("Le ", "du ", "au "), Liaison.LES: ("Les ", "des ", "aux ")}

# Levels larger than the commune where usage says « en » although the article would give
# « dans la » or « dans l' ».
WITH_EN = frozenset(
    {"Ardèche", "Ariège", "Charente", "Corrèze", "Dordogne", "Essonne", "Gironde", "Guadeloupe"}
    | {"Guyane", "Isère", "Lozère", "Martinique", "Mayenne", "Moselle", "Savoie", "Vendée"}
    | {"Auvergne-Rhône-Alpes", "Bretagne", "Corse", "Île-de-France", "Normandie", "Occitanie"}
    | {"Bourgogne-Franche-Comté", "Centre-Val de Loire", "Nouvelle-Aquitaine", "France"}
    | {"Provence-Alpes-Côte d’Azur", "Nouvelle-Calédonie", "Polynésie française"}
)
# Names that take no article: islands and towns (« à »), and those with their own turn.
WITH_A = frozenset(
    {"La Réunion", "Mayotte", "Paris", "Saint-Barthélemy", "Saint-Martin"}
    | {"Saint-Pierre-et-Miquelon", "Wallis et Futuna"}
)
OWN_LIAISON = {
    "Île de Clipperton": Liaison.L,
    "Terres australes et antarctiques françaises": Liaison.LES,
    "Nouvelle-Calédonie": Liaison.LA,
    "Polynésie française": Liaison.LA,
    "Bourgogne-Franche-Comté": Liaison.LA,
    "Bretagne": Liaison.LA,
    "Corse": Liaison.LA,
    "Normandie": Liaison.LA,
    "Provence-Alpes-Côte d’Azur": Liaison.CONSONANT,
    "Auvergne-Rhône-Alpes": Liaison.VOWEL,
    "Île-de-France": Liaison.L,
    "Occitanie": Liaison.L,
    "France": Liaison.LA,
}
# First words that name an intercommunalité by what it is: they take an article themselves.
GENERIC_FEMININE = ("Communauté ", "Métropole ")
GENERIC_ELIDED = ("Eurométropole ",)


def with_article(kind: Kind, name: str, liaison: Liaison) -> str:
    """The name inside a sentence: « la Nièvre », « l’Aude », « Le Mans », « Paris »."""
    if kind == Kind.COMMUNE:
        return name
    return ARTICLES.get(_article_of(kind, name, liaison), "") + _written(kind, name)


def of(kind: Kind, name: str, liaison: Liaison) -> str:
    """What belongs to the place: « du Mans », « de la Nièvre », « d'Angers », « de La Réunion »."""
    if kind == Kind.COMMUNE:
        return _contracted(name, liaison, 1) or _elided(name, liaison)
    article = _article_of(kind, name, liaison)
    contraction = CONTRACTIONS.get(article)
    written = _written(kind, name)
    if contraction:
        return contraction[1] + written
    return f"de {ARTICLES[article]}{written}" if article in ARTICLES else _elided(name, article)


def located(kind: Kind, name: str, liaison: Liaison) -> str:
    """Where it happens: « à Lormes », « au Mans », « en Bretagne », « dans les Landes »."""
    if kind == Kind.COMMUNE:
        return _contracted(name, liaison, 2) or f"à {name}"
    if name in WITH_A:
        return f"à {name}"
    article = _article_of(kind, name, liaison)
    if kind != Kind.EPCI and _takes_en(kind, name, article):
        return f"en {name}"
    return f"dans {ARTICLES.get(article, '')}{_written(kind, name)}"


def _takes_en(kind: Kind, name: str, article: Liaison) -> bool:
    # « en Seine-Maritime », « en Meurthe-et-Moselle », but « dans le Val-d'Oise ».
    feminine_compound = article == Liaison.LA and "-" in name
    return name in WITH_EN or article not in ARTICLES or feminine_compound


def _article_of(kind: Kind, name: str, liaison: Liaison) -> Liaison:
    if kind != Kind.EPCI:
        return OWN_LIAISON.get(name, liaison)
    if name.startswith(GENERIC_FEMININE):
        return Liaison.LA
    # « l'Eurométropole de Strasbourg », « l'intercommunalité Rennes Métropole ».
    return Liaison.L


def _written(kind: Kind, name: str) -> str:
    """The name after its article; the bare name of an intercommunalité gets a common noun."""
    if kind != Kind.EPCI or name.startswith((*GENERIC_ELIDED, *GENERIC_FEMININE)):
        return name
    return f"intercommunalité {name}"


def _contracted(name: str, liaison: Liaison, form: int) -> str:
    """« du Mans » (form 1) or « au Mans » (form 2); "" when the name has no article to contract."""
    contraction = CONTRACTIONS.get(liaison)
    if contraction and name.startswith(contraction[0]):
        return contraction[form] + name.removeprefix(contraction[0])
    return ""


def _elided(name: str, liaison: Liaison) -> str:
    return f"d’{name}" if liaison == Liaison.VOWEL else f"de {name}"
