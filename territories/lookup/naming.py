"""What the words of one segment may name, read as a name: exact, with a marker, or nearly."""

import re
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz, process

from territories.kinds import AliasKind, Kind
from territories.lookup.gazetteer import UPPER, Meaning, Meanings, core, gazetteer
from territories.lookup.place import Found
from territories.lookup.words import spellings_of, without_article

ARRONDISSEMENT = re.compile(
    r"(?:(?P<city>paris|lyon|marseille) (?:0?[1-9]|1\d|20|[ivx]+)"
    r"(?: ?(?:e|er|eme|ieme|ere|nd|ond))?(?: ?(?:arrondissements?|arrdt|arrt|arr|ardt))?"
    r"|(?:\d{1,2}|[ivx]+) ?(?:e|er|eme|ieme)? ?(?:arrondissements?|arrdt|arrt|arr|ardt) (?:de |a )?"
    r"(?P<town>paris|lyon|marseille))"
)
CITIES = {"paris": "75056", "lyon": "69123", "marseille": "13055"}
MARKERS: tuple[tuple[re.Pattern, frozenset[str]], ...] = (
    (
        re.compile(r"(?:conseil )?(?:general |departemental )?(?:departement(?:al)?|prefecture) ?"),
        frozenset({Kind.DEPARTEMENT, Kind.COLLECTIVITE}),
    ),
    (
        re.compile(r"conseil (?:general|departemental) "),
        frozenset({Kind.DEPARTEMENT, Kind.COLLECTIVITE}),
    ),
    (
        re.compile(r"(?:conseil )?(?:region(?:al)?|collectivite(?: territoriale)?) "),
        frozenset({Kind.REGION, Kind.COLLECTIVITE}),
    ),
    (
        re.compile(
            r"(?:commune(?: nouvelle)?|ville|mairie|municipalite|village|bourg|centre ville|ccas) "
        ),
        frozenset({Kind.COMMUNE}),
    ),
)
EPCI_MARKER = re.compile(
    r"\b(?:communaute|metropole|metropolitaine|eurometropole|agglomeration|agglo|intercom|"
    r"intercommunalite|intercommunaute|cc|ca|cu|cdc|epci)\b"
)
# What comes between a word and the name of a town when they are one name or one street.
LINKS = frozenset(
    {"de", "du", "des", "d", "la", "le", "les", "l", "en", "sur", "sous", "et"}
    | {"rue", "avenue", "place", "saint", "sainte"}
)
# A territory that people name but that no official list holds.
UNOFFICIAL = re.compile(
    r"(?:petr|pays|bassin|parc|pnr|grand|vallee|territoire|arrondissement|canton) "
)
# Words around the name of a town that leave it that town.
AROUND = re.compile(
    r" (?:centre(?: ville)?|ville|nord|sud|est|ouest|et (?:ses )?(?:environs|alentours)|"
    r"intra muros|et agglomeration|et sa region|france|quartiers?(?: .*)?)"
)
PLAIN_WORDS = frozenset(
    {"nord", "centre", "sud", "est", "ouest", "national", "nationale", "rue", "ville", "bourg"}
)


class Named(NamedTuple):
    """Meanings of some words and the most that they can be trusted, with why it is not more."""

    meanings: Meanings = ()
    ceiling: float = 0.0
    note: str = ""


NOTHING = Named()


@lru_cache(maxsize=65536)
def named(spelt: str) -> Named:
    """What the words name, or NOTHING: exact names first, then markers, then glued words."""
    for reading in (_exact, _arrondissement, _marked, _intercommunal, _glued, _around, _unofficial):
        found = reading(spelt)
        if found.meanings:
            return found
    return NOTHING


def _exact(spelt: str) -> Named:
    by_name = gazetteer().by_name
    if spelt in by_name:
        return Named(by_name[spelt], _ceiling(spelt, by_name[spelt][0].territory))
    for option in spellings_of(spelt)[1:]:
        if option in by_name:
            return Named(by_name[option], 0.95)
    bare = without_article(spelt)
    upper = tuple(m for m in by_name.get(bare, ()) if m.territory.kind in UPPER)
    return Named(upper, 0.95) if bare != spelt else NOTHING


def _ceiling(spelt: str, best: Found) -> float:
    """The most that an exact name is trusted: less for a plain word or a part of a town's name."""
    if len(spelt) < 3:
        return 0.55
    larger = gazetteer().parts.get(spelt, 0) > 10 * best.population
    return 0.8 if larger or spelt in PLAIN_WORDS else 0.98


def _arrondissement(spelt: str) -> Named:
    match = ARRONDISSEMENT.fullmatch(spelt)
    if not match:
        return NOTHING
    city = gazetteer().at[Kind.COMMUNE, CITIES[match.group("city") or match.group("town")]]
    meaning = Meaning(city, city.population, AliasKind.ARRONDISSEMENT, spelt)
    return Named((meaning,), 0.98, "arrondissement municipal")


def _marked(spelt: str) -> Named:
    for marker, kinds in MARKERS:
        match = marker.match(spelt)
        if match and match.end() < len(spelt):
            rest = spelt[match.end() :]
            for option in [*spellings_of(rest), without_article(rest)]:
                meanings = _of_kinds(option, kinds)
                if meanings:
                    return Named(meanings, 0.97)
    return NOTHING


def _of_kinds(spelt: str, kinds: frozenset[str]) -> Meanings:
    """Meanings of these levels, the département « Paris » or « Martinique » included."""
    gaz = gazetteer()
    meanings = gaz.by_name.get(spelt, ())
    found = tuple(m for m in meanings if m.territory.kind in kinds)
    if found or not meanings or Kind.DEPARTEMENT not in kinds:
        return found
    # The département that has the same ground as the région or commune was left out of the index.
    twin = gaz.departement(meanings[0].territory.departement) or next(
        (
            t
            for (kind, _), t in gaz.at.items()
            if kind == Kind.DEPARTEMENT and t.name == meanings[0].territory.name
        ),
        None,
    )
    return (
        (Meaning(twin, twin.population),)
        if twin and twin.name == meanings[0].territory.name
        else ()
    )


def _intercommunal(spelt: str) -> Named:
    marked = EPCI_MARKER.search(spelt)
    gaz = gazetteer()
    heart = core(spelt)
    if not heart:
        return NOTHING
    # Without a word that says « intercommunalité », only a name of several words is one.
    if marked or (" " in heart and len(heart) > 5):
        meanings = gaz.by_core.get(heart, ())
        if meanings:
            return Named(meanings, 0.96 if marked else 0.8)
    if not marked:
        return NOTHING
    towns = [m for m in gaz.by_name.get(heart, ()) if m.territory.epci and not m.via]
    groups = {m.territory.epci: gaz.at[Kind.EPCI, m.territory.epci] for m in towns}
    meanings = tuple(Meaning(epci, epci.population) for epci in groups.values())
    return Named(meanings, 0.8, "intercommunalité de la commune nommée")


def _glued(spelt: str) -> Named:
    name = gazetteer().by_glued.get(spelt.replace(" ", "")) if len(spelt) > 6 else None
    return Named(gazetteer().by_name[name], 0.93) if name else NOTHING


def _around(spelt: str) -> Named:
    match = AROUND.search(spelt)
    while match:
        if match.end() == len(spelt) and spelt[: match.start()] in gazetteer().by_name:
            ceiling = 0.95 if match.group() == " france" else 0.88
            return Named(gazetteer().by_name[spelt[: match.start()]], ceiling)
        match = AROUND.search(spelt, match.start() + 1)
    return NOTHING


def _unofficial(spelt: str) -> Named:
    """« Pays de Brest »: no official territory; the town and its intercommunalité are proposed."""
    match = UNOFFICIAL.match(spelt)
    if not match:
        return NOTHING
    gaz = gazetteer()
    rest = spelt[match.end() :]
    for option in spellings_of(rest):
        towns = tuple(m for m in gaz.by_name.get(option, ()) if m.territory.kind == Kind.COMMUNE)
        if towns:
            groups = [gaz.at[Kind.EPCI, m.territory.epci] for m in towns if m.territory.epci]
            meanings = tuple(Meaning(g, g.population) for g in groups) + towns
            return Named(meanings, 0.4, "territoire qui n’est pas au découpage officiel")
    return NOTHING


def nearly(spelt: str, departements: frozenset[str]) -> Named:
    """Names within a slip of the pen: searched in the départements given, or the larger towns."""
    if len(spelt) < 5:
        return NOTHING
    buckets = gazetteer().nearby
    chosen = sorted(departements) if departements else [f"*{spelt[0]}"]
    best, score = "", 85.0 if departements else 90.0
    for bucket in chosen:
        hit = process.extractOne(
            spelt, buckets.get(bucket, ()), scorer=fuzz.ratio, score_cutoff=score
        )
        if hit:
            best, score = hit[0], hit[1]
    if not best:
        return NOTHING
    meanings = gazetteer().by_name[best]
    if departements:
        meanings = tuple(m for m in meanings if m.territory.departement in departements) or meanings
    ceiling = (0.9 if score >= 90 else 0.8) if departements else 0.75
    return Named(meanings, ceiling, "orthographe approchée")


def inside(spelt: str) -> Named:
    """The name that ends the words, or begins them: « quartier Villejean à Rennes »."""
    parts = spelt.split()
    return _after_preposition(parts) or _at_end(parts) or _at_start(parts) or NOTHING


def _after_preposition(parts: list[str]) -> Named | None:
    for last in range(len(parts) - 2, 0, -1):
        if parts[last] in {"a", "au", "aux"}:
            found = _exact(" ".join(parts[last:]))
            return found._replace(ceiling=0.9, note="nommé dans la phrase") if found[0] else None
    return None


def _at_end(parts: list[str]) -> Named | None:
    for start in range(1, len(parts)):
        option = " ".join(parts[start:])
        meanings = gazetteer().by_name.get(option)
        if meanings and _known_enough(option, meanings) and parts[start - 1] not in LINKS:
            return Named(meanings, 0.5, "nom trouvé à la fin du texte")
    return None


def _known_enough(name: str, meanings: Meanings) -> bool:
    """Whether a name inside a longer text is more than a common word that is also a village."""
    return " " in name or (len(name) > 3 and meanings[0].territory.population >= 2000)


def _at_start(parts: list[str]) -> Named | None:
    for end in range(len(parts) - 1, 0, -1):
        option = " ".join(parts[:end])
        meanings = gazetteer().by_name.get(option)
        if meanings and _known_enough(option, meanings):
            return Named(meanings, 0.45, "nom trouvé au début du texte")
    return None
