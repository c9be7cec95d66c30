"""Rows of the territories file from the official lists."""

import re
from collections import defaultdict

from carrefour.text import key
from territories.kinds import Kind, Liaison
from territories.reference.files import TerritoryRow

FORMS = {
    "CC": "Communauté de communes",
    "CA": "Communauté d'agglomération",
    "CU": "Communauté urbaine",
}
SHORT = re.compile(r"^(CC|CA|CU) ")
BRACKETS = re.compile(r"\s*\(([^)]*)\)\s*$")
ARTICLES = {"Les ": Liaison.LES, "Le ": Liaison.LE, "La ": Liaison.LA, "L'": Liaison.L}
VOWELS = "AEIOUYÀÂÉÈÊËÎÏÔÛH"
OVERSEAS = "com"


def liaison_of(name: str, given: int | None = None) -> int:
    """Article of a name: the one that it shows, else the ``given`` one.

    The official list forgets some (« Le Vernet-Chaméane ») and has none overseas.
    """
    for start, liaison in ARTICLES.items():
        if name.startswith(start):
            return int(liaison)
    if given is not None:
        return given
    return int(Liaison.VOWEL if name[0] in VOWELS else Liaison.CONSONANT)


def epci_name(short: str, full: str) -> tuple[str, str]:
    """(Name in full, what stood between brackets at its end).

    The current list decides on the words, the other one on spelling when the words are the same.
    """
    name = " ".join(short.replace('"', "").replace("''", "").split()).replace("Coeur", "Cœur")
    found = BRACKETS.search(name)
    bracketed = found.group(1) if found else ""
    name = BRACKETS.sub("", name)
    name = SHORT.sub(lambda m: f"{FORMS[m.group(1)]} ", name)
    full = BRACKETS.sub("", " ".join(full.split()))
    return (full if key(full) == key(name) else name), bracketed


def commune_rows(communes: list[dict], epci_of: dict[str, str]) -> list[TerritoryRow]:
    """Rows of the current communes, without their centre."""
    return [
        TerritoryRow(
            Kind.COMMUNE,
            c["code"],
            c["nom"],
            liaison_of(c["nom"], c.get("typeLiaison")),
            "",
            "" if c["zone"] == OVERSEAS else c["region"],
            c["departement"],
            epci_of.get(c["code"], ""),
            c.get("population"),
            None,
            None,
            sorted(c.get("codesPostaux", [])),
        )
        for c in communes
        if c["type"] == "commune-actuelle"
    ]


def epci_rows(lists: list[dict], communes: list[TerritoryRow], names: dict) -> list[TerritoryRow]:
    """Rows of the EPCI; département and région are those of most of the population."""
    commune_of = {c.code: c for c in communes}
    rows = []
    for epci in lists:
        people: dict[tuple[str, str], int] = defaultdict(int)
        for member in epci["membres"]:
            commune = commune_of[member["code"]]
            people[commune.region, commune.departement] += commune.population or 0
        region, departement = max(people, key=people.__getitem__)
        name, _ = epci_name(epci["nom"], names.get(epci["code"], ""))
        rows.append(
            _upper(Kind.EPCI, epci["code"], name, liaison_of(name), sum(people.values()))._replace(
                form=epci["type"], region=region, departement=departement
            )
        )
    return rows


def upper_rows(
    regions: list[dict], departements: list[dict], communes: list[TerritoryRow]
) -> list[TerritoryRow]:
    """Rows of the country, régions, départements and overseas collectivités."""
    people: dict[tuple[str, str], int] = defaultdict(int)
    for commune in communes:
        people["region", commune.region] += commune.population or 0
        people["departement", commune.departement] += commune.population or 0
        people["pays", "FR"] += commune.population or 0
    rows = [_upper(Kind.PAYS, "FR", "France", Liaison.LA, people["pays", "FR"])]
    rows += [
        _upper(Kind.REGION, r["code"], r["nom"], r["typeLiaison"], people["region", r["code"]])
        for r in regions
        if r["zone"] != OVERSEAS
    ]
    for d in departements:
        overseas = d["zone"] == OVERSEAS
        kind = Kind.COLLECTIVITE if overseas else Kind.DEPARTEMENT
        row = _upper(kind, d["code"], d["nom"], d["typeLiaison"], people["departement", d["code"]])
        rows.append(row._replace(region="" if overseas else d["region"]))
    return rows


def _upper(kind: Kind, code: str, name: str, liaison: int, population: int) -> TerritoryRow:
    return TerritoryRow(
        kind, code, name, int(liaison), "", "", "", "", population or None, None, None, []
    )
