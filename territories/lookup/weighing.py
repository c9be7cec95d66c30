"""From meanings to an answer: what hints leave, and how sure one of them is."""

from collections.abc import Iterable

from territories.kinds import AliasKind
from territories.lookup.gazetteer import UPPER, Meaning, Meanings
from territories.lookup.naming import Named
from territories.lookup.place import SURE, Found, Place, Status

# Most that a name without any hint is trusted when others bear it too, and when one of them has
# nearly all the inhabitants.
HOMONYM = 0.85
DOMINANT = 0.99
LARGE = 50_000
PARTS = {
    AliasKind.DELEGUEE: "commune déléguée",
    AliasKind.ASSOCIEE: "commune associée",
    AliasKind.ARRONDISSEMENT: "arrondissement municipal",
    AliasKind.ANCIEN_NOM: "ancien nom",
    AliasKind.ANCIENNE_REGION: "ancienne région",
}


def fits(found: Found, hints: Iterable[Found]) -> bool:
    """Whether a territory lies in one of the hinted ones, or is it."""
    return any(hint.contains(found) for hint in hints)


def hinted(meanings: Meanings, hints: Iterable[Found]) -> Meanings:
    """The meanings that lie in a hinted territory."""
    hints = list(hints)
    return tuple(m for m in meanings if fits(m.territory, hints))


def weigh(named: Named, hints: Iterable[Found] = ()) -> Place:
    """The likeliest meaning: alone, settled by the hints, or by its population."""
    hints = list(hints)
    meanings = named.meanings
    if hints:
        left = hinted(meanings, hints)
        if not left:
            return _against(named, hints)
        meanings = left
    best, rest = meanings[0], meanings[1:]
    confidence, reason = _trust(meanings, named.ceiling, bool(hints))
    reason = " ; ".join(part for part in (_told(best), reason, named.note) if part)
    candidates = tuple(m.territory for m in rest[:8])
    status = Status.AMBIGUOUS if candidates and confidence < SURE else Status.FOUND
    return Place(status, best.territory, round(confidence, 3), reason, candidates)


def _trust(meanings: Meanings, ceiling: float, settled: bool) -> tuple[float, str]:
    best = meanings[0]
    if len(meanings) == 1:
        if settled:
            return min(ceiling, 0.98), ""
        # A name of the past or of a part may also be that of a hamlet elsewhere.
        part = best.via in PARTS and best.via != AliasKind.ANCIENNE_REGION
        return min(ceiling, 0.91 if part and best.weight <= 300 else 0.97), ""
    share = best.weight / sum(m.weight for m in meanings)
    if share >= DOMINANT and (best.territory.population >= LARGE or settled):
        return min(ceiling, 0.95 if best.territory.kind in UPPER or settled else 0.92), ""
    return min(ceiling, HOMONYM, share), f"{len(meanings)} territoires portent ce nom"


def _against(named: Named, hints: list[Found]) -> Place:
    """No meaning lies where the hints say."""
    best = named.meanings[0].territory
    where = ", ".join(hint.name for hint in hints)
    return Place(
        Status.AMBIGUOUS,
        best,
        min(0.5, named.ceiling),
        f"{best} n’est pas dans : {where}",
        tuple(m.territory for m in named.meanings[1:8]) + tuple(hints[:2]),
    )


def _told(meaning: Meaning) -> str:
    """How the other name relates to the territory: « Poitou-Charentes, ancienne région »."""
    kind = PARTS.get(AliasKind(meaning.via)) if meaning.via else None
    if not kind or not meaning.label:
        return ""
    part = (
        "aujourd’hui" if meaning.via in {AliasKind.ANCIEN_NOM, AliasKind.ANCIENNE_REGION} else "de"
    )
    return f"{meaning.label} : {kind}, {part} {meaning.territory.name}"


def several(places: list[Place]) -> Place:
    """One answer for a text that names several distinct territories."""
    found = tuple(dict.fromkeys(p.territory for p in places if p.territory))
    confidence = min(p.confidence for p in places)
    names = ", ".join(f.name for f in found)
    return Place(
        Status.SEVERAL, None, confidence, f"plusieurs territoires : {names}", (), several=found
    )


def finest(places: list[Place]) -> list[Place]:
    """The places that contain no other of the list, each territory once."""
    kept: dict[tuple[str, str], Place] = {}
    found = [(place.territory, place) for place in places if place.territory]
    for here, place in found:
        others = [other for other, _ in found if other[:2] != here[:2]]
        if not any(here.contains(o) and not o.contains(here) for o in others):
            kept.setdefault(here[:2], place)
    return list(kept.values())
