"""The names, codes and postal codes of the reference files, in memory, built once per process."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from territories.kinds import AliasKind, Kind
from territories.lookup.place import Found
from territories.lookup.words import without_article, words
from territories.reference import files

# Weight, in inhabitants, of a name that only a part or a past of the commune bears.
PART = 300
LATELY = 2005
# Towns so large that a part of their name is used for the whole.
TOWN = 20_000
UPPER = frozenset({Kind.PAYS, Kind.REGION, Kind.DEPARTEMENT, Kind.COLLECTIVITE})
# Words of an EPCI's name that tell what it is and not which one.
EPCI_WORDS = frozenset(
    {"communaute", "communautes", "communes", "commune", "agglomeration", "agglo", "agglomerations"}
    | {"urbaine", "urbain", "metropole", "metropolitaine", "eurometropole", "europeenne"}
    | {"intercommunalite", "intercommunale", "intercommunal", "intercom", "epci"}
    | {"cc", "ca", "cu", "cdc", "com", "de", "du", "des", "d", "la", "le", "les", "l"}
)


class Meaning(NamedTuple):
    """A territory that a name may mean; ``via`` is the kind of other name, "" for its own."""

    territory: Found
    weight: int
    via: str = ""
    label: str = ""


Meanings = tuple[Meaning, ...]


class Gazetteer:
    """Indexes of names and codes; read-only once built."""

    def __init__(self, rows: Iterable[files.TerritoryRow], aliases: Iterable[files.AliasRow]):
        names: dict[str, list[Meaning]] = defaultdict(list)
        cores: dict[str, list[Meaning]] = defaultdict(list)
        self.at: dict[tuple[str, str], Found] = {}
        self.by_postcode: dict[str, list[Found]] = defaultdict(list)
        self.former_codes: dict[str, tuple[Found, str]] = {}
        for row in rows:
            found = Found(
                *row[:3], row.region, row.departement, row.epci, row.population or 0, *row[9:11]
            )
            self.at[row.kind, row.code] = found
            for postcode in row.postal_codes:
                self.by_postcode[postcode].append(found)
            _index(names, cores, Meaning(found, found.population or PART), row.name)
        for alias in aliases:
            found = self.at[alias.target_kind, alias.target_code]
            meaning = Meaning(found, _alias_weight(alias, found), alias.kind, alias.label)
            _index(names, cores, meaning, alias.label)
            if alias.code and alias.target_kind == Kind.COMMUNE:
                self.former_codes.setdefault(alias.code, (found, alias.label))
            elif alias.code and alias.kind in {AliasKind.ANCIEN_CODE, AliasKind.ANCIEN_NOM}:
                level = Kind.EPCI if alias.target_kind == Kind.EPCI else Kind.DEPARTEMENT
                self.at.setdefault((level, alias.code), found)
        self.by_name = {name: _distinct(meanings) for name, meanings in names.items()}
        self.by_core = {core: _distinct(meanings) for core, meanings in cores.items()}
        self.by_glued = {name.replace(" ", ""): name for name in self.by_name if " " in name}
        self.parts = _parts_of_towns(self.at.values())
        self.nearby = _buckets(self.by_name)
        self.foreign = frozenset(words(name) for name in files.countries())
        self.departements = {
            code for kind, code in self.at if kind in {Kind.DEPARTEMENT, Kind.COLLECTIVITE}
        }

    def departement(self, code: str) -> Found | None:
        """The département, or overseas the collectivité, of this code."""
        return self.at.get((Kind.DEPARTEMENT, code)) or self.at.get((Kind.COLLECTIVITE, code))

    def commune(self, code: str) -> tuple[Found | None, str]:
        """(The commune of a code, present or past; its former name if the code is of the past)."""
        if found := self.at.get((Kind.COMMUNE, code)):
            return found, ""
        return self.former_codes.get(code, (None, ""))


def core(spelt: str) -> str:
    """The words that tell one EPCI from another: « metropole europeenne de lille » → « lille »."""
    return " ".join([word for word in spelt.split() if word not in EPCI_WORDS])


def _index(names: dict, cores: dict, meaning: Meaning, label: str) -> None:
    spelt = words(label)
    if not spelt:
        return
    names[spelt].append(meaning)
    if meaning.territory.kind == Kind.EPCI:
        cores[core(spelt) or spelt].append(meaning)
    elif meaning.territory.kind == Kind.COMMUNE and not meaning.via:
        bare = without_article(spelt)
        if bare != spelt:
            # « Mans » for « Le Mans »: understood when nothing else is called so.
            weak = meaning._replace(weight=PART, via=AliasKind.NOM_COURT)
            names[bare].append(weak)


def _alias_weight(alias: files.AliasRow, target: Found) -> int:
    if alias.target_kind != Kind.COMMUNE:
        return max(target.population // 2, PART)
    # The name that the commune itself bore lately, or the seat of a commune nouvelle: people still
    # use it. A name given up long ago does not hide the communes that bear it today.
    lately = alias.kind != AliasKind.ANCIEN_NOM or int(alias.until or 0) >= LATELY
    if alias.code in {"", alias.target_code} and lately:
        return max(target.population // 2, PART)
    if alias.kind == AliasKind.ARRONDISSEMENT:
        return target.population // 10
    return PART


def _distinct(meanings: list[Meaning]) -> Meanings:
    """One meaning per territory, the heaviest first; one level where two have the same ground."""
    if len(meanings) == 1:
        return (meanings[0],)
    best: dict[tuple[str, str], Meaning] = {}
    for meaning in sorted(meanings, key=lambda m: (bool(m.via), -m.weight)):
        best.setdefault((meaning.territory.kind, meaning.territory.code), meaning)
    found = [m.territory for m in best.values()]
    kept = [m for m in best.values() if not _doubled(m.territory, found)]
    return tuple(sorted(kept, key=lambda m: -m.weight))


def _doubled(territory: Found, others: list[Found]) -> bool:
    # « Martinique » is a région and a département, « Paris » a commune and a département.
    if territory.kind not in {Kind.DEPARTEMENT, Kind.COLLECTIVITE}:
        return False
    return any(
        other.kind in {Kind.REGION, Kind.COMMUNE}
        and other.population == territory.population
        and (other.code == territory.region or other.departement == territory.code)
        for other in others
    )


def _parts_of_towns(territories: Iterable[Found]) -> dict[str, int]:
    """{words that begin or end the name of a town: its population}: « billancourt »."""
    parts: dict[str, int] = {}
    for town in territories:
        if town.kind == Kind.COMMUNE and town.population >= TOWN:
            spelt = words(town.name).split()
            for start in range(1, len(spelt)):
                for part in (" ".join(spelt[:start]), " ".join(spelt[start:])):
                    parts[part] = max(town.population, parts.get(part, 0))
    return parts


def _buckets(by_name: dict[str, Meanings]) -> dict[str, list[str]]:
    """Names grouped by département of a commune that bears them, and « » for the larger levels."""
    buckets: dict[str, set[str]] = defaultdict(set)
    for name, meanings in by_name.items():
        for meaning in meanings:
            level = meaning.territory
            buckets["" if level.kind in UPPER else level.departement].add(name)
            if level.population >= 2000 or level.kind in UPPER:
                buckets[f"*{name[:1]}"].add(name)
    return {bucket: sorted(names) for bucket, names in buckets.items()}


@cache
def gazetteer() -> Gazetteer:
    """The gazetteer of the committed reference files."""
    return Gazetteer(files.territories(), files.aliases())
