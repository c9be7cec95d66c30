"""Names and codes of the past: nothing that a partner wrote years ago may become unknown."""

from collections.abc import Iterable, Iterator

from carrefour.text import key
from territories.kinds import AliasKind, Kind
from territories.reference.building.levels import epci_name
from territories.reference.files import AliasRow, TerritoryRow

KINDS = {
    "commune-deleguee": (AliasKind.DELEGUEE, "chefLieu"),
    "commune-associee": (AliasKind.ASSOCIEE, "chefLieu"),
    "arrondissement-municipal": (AliasKind.ARRONDISSEMENT, "commune"),
}


def present_codes(communes: list[dict]) -> dict[str, str]:
    """{any code ever used: code of the commune that holds it today}."""
    present = {}
    for c in communes:
        if c["type"] == "commune-actuelle":
            present[c["code"]] = c["code"]
            for old in c.get("anciensCodes", []):
                present.setdefault(old, c["code"])
    for c in communes:
        if c["type"] in KINDS:
            present.setdefault(c["code"], present[c[KINDS[c["type"]][1]]])
    return present


def parts_of_communes(communes: list[dict], present: dict[str, str]) -> Iterator[AliasRow]:
    """Communes déléguées and associées, arrondissements municipaux."""
    for c in communes:
        if c["type"] in KINDS:
            kind, link = KINDS[c["type"]]
            yield AliasRow(kind, Kind.COMMUNE, present[c[link]], c["nom"], c["code"])


def old_communes(
    named: Iterable[tuple[str, str, str]], present: dict[str, str], names: dict[str, str]
) -> Iterator[AliasRow]:
    """Former names, from every (code, name, year) of the past; ``names`` are those of today."""
    for code, name, until in named:
        today = present.get(code)
        if today and key(name) != key(names[today]):
            old_code = code if code != today else ""
            yield AliasRow(AliasKind.ANCIEN_NOM, Kind.COMMUNE, today, name, old_code, until)


def old_codes(present: dict[str, str], known: set[str]) -> Iterator[AliasRow]:
    """Former codes that no name accompanies."""
    for code, today in present.items():
        if code != today and code not in known:
            yield AliasRow(AliasKind.ANCIEN_CODE, Kind.COMMUNE, today, "", code)


def old_epci(
    past: Iterable[dict], today: dict[str, TerritoryRow], epci_of: dict[str, str]
) -> Iterator[AliasRow]:
    """Former names of the EPCI, and the former EPCI whose members are now all in one."""
    for epci in past:
        name, _ = epci_name(epci["nom"], "")
        code = epci["code"]
        heirs = {epci_of.get(m["code"], "") for m in epci["membres"]}
        target = code if code in today else heirs.pop() if len(heirs) == 1 else ""
        if target in today and key(name) != key(today[target].name):
            old_code = "" if code == target else code
            yield AliasRow(AliasKind.ANCIEN_NOM, Kind.EPCI, target, name, old_code)


def short_epci_names(lists: list[dict], full_names: dict[str, str]) -> Iterator[AliasRow]:
    """« MEL », « COBAS »: what the official list gives between brackets."""
    for epci in lists:
        name, bracketed = epci_name(epci["nom"], "")
        if bracketed:
            sigle = len(bracketed) <= 8 and " " not in bracketed
            kind = AliasKind.SIGLE if sigle else AliasKind.NOM_COURT
            yield AliasRow(kind, Kind.EPCI, epci["code"], bracketed, "")
        full = full_names.get(epci["code"], "")
        if full and key(full) != key(name):
            yield AliasRow(AliasKind.NOM_COURT, Kind.EPCI, epci["code"], full, "")


def carried_over(previous: Iterable[AliasRow], present: dict[str, str]) -> Iterator[AliasRow]:
    """The aliases of the files before this vintage, on the commune that stands there today."""
    for alias in previous:
        if alias.target_kind != Kind.COMMUNE:
            yield alias
        elif alias.target_code in present:
            yield alias._replace(target_code=present[alias.target_code])


def without_repeats(
    aliases: Iterable[AliasRow], territories: Iterable[TerritoryRow]
) -> list[AliasRow]:
    """One alias per target, name and code, the first given winning; the present name is none."""
    names = {(t.kind, t.code): key(t.name) for t in territories}
    seen: set[tuple[str, ...]] = set()
    # The codes met so far; « no code » always says something: the commune itself was called so.
    coded: set[str] = set()
    kept = []
    for alias in aliases:
        target = (alias.target_kind, alias.target_code)
        if target not in names or (not alias.code and key(alias.label) == names[target]):
            continue
        mark = (*target, key(alias.label))
        if (*mark, alias.code) in seen or (mark in seen and alias.code in coded):
            continue
        seen |= {mark, (*mark, alias.code)}
        if alias.code:
            coded.add(alias.code)
        kept.append(alias)
    return sorted(kept, key=lambda a: (a.target_kind, a.target_code, a.kind, a.code, key(a.label)))
