"""A postal code and the words around it: « 134 Rue Paul Bellamy 44000 Nantes »."""

from rapidfuzz import fuzz

from territories.kinds import Kind
from territories.lookup.gazetteer import gazetteer
from territories.lookup.naming import named
from territories.lookup.place import Found, Place, Status
from territories.lookup.reading import SEPARATORS
from territories.lookup.weighing import weigh
from territories.lookup.words import spellings_of, without_cedex, words


def departements_of(postcode: str) -> list[Found]:
    """Départements whose letters begin like this; a few communes are served from the next one."""
    gaz = gazetteer()
    codes = ("2A", "2B") if postcode.startswith("20") else (postcode[:3], postcode[:2])
    found = [gaz.departement(code) for code in codes]
    return [f for f in found if f]


def at_postcode(postcode: str, before: str = "", after: str = "") -> Place | None:
    """The commune of a postal code, chosen by the words around it; None for an unknown start.

    A CEDEX code has no commune of its own: it only tells the département.
    """
    communes = gazetteer().by_postcode.get(postcode, [])
    departements = departements_of(postcode)
    if not communes and not departements:
        return None
    towns = [t for t in (_town(after, first=True), _town(before, first=False)) if t]
    for town in towns:
        found = _among(communes, town)
        if found:
            return Place(Status.FOUND, found, 0.98, f"code postal {postcode} et nom concordants")
    for town in towns:
        elsewhere = _elsewhere(town, departements, postcode)
        if elsewhere:
            return elsewhere
    for town in towns:
        close = _close(communes, town)
        if close:
            return Place(Status.FOUND, close, 0.92, f"code postal {postcode} et nom voisin")
    return _alone(postcode, communes, departements, bool(towns))


def _town(text: str, *, first: bool) -> str:
    """The words of the segment next to the postal code."""
    parts = [w for part in SEPARATORS.split(text) if (w := without_cedex(words(part)))]
    return (parts[0] if first else parts[-1]) if parts else ""


def _among(communes: list[Found], town: str) -> Found | None:
    """The commune of the list that the words name, wholly or at one of their ends."""
    options = spellings_of(town)
    meanings = [m for o in options for m in named(o).meanings if named(o).ceiling > 0.5]
    here = {(c.kind, c.code) for c in communes}
    for meaning in meanings:
        if meaning.territory[:2] in here:
            return meaning.territory
    padded = f" {town} "
    inside = [c for c in communes if f" {words(c.name)} " in padded]
    return max(inside, key=lambda c: len(c.name), default=None)


def _elsewhere(town: str, departements: list[Found], postcode: str) -> Place | None:
    """A commune of the same département by name alone: CEDEX, or a wrong postal code."""
    name = named(town)
    communes = tuple(m for m in name.meanings if m.territory.kind == Kind.COMMUNE)
    if not communes or name.ceiling < 0.9:
        return None
    place = weigh(name._replace(meanings=communes), departements)
    if place.confidence <= 0.5:
        return None
    known = postcode in gazetteer().by_postcode
    reason = f"le code postal {postcode} n’est pas celui de {place.best.name}"
    return place.weighed(min(place.confidence, 0.85 if known else 0.95), reason if known else "")


def _close(communes: list[Found], town: str) -> Found | None:
    scored = [(fuzz.ratio(town, words(c.name)), c) for c in communes]
    score, best = max(scored, key=lambda pair: pair[0], default=(0, None))
    return best if score >= 80 else None


def _alone(
    postcode: str, communes: list[Found], departements: list[Found], other_words: bool
) -> Place:
    """The answer of the postal code when no name helps."""
    if not communes:
        reason = f"code postal {postcode} inconnu (CEDEX ?), département seul"
        confidence = 0.7 if len(departements) == 1 else 0.4
        return Place(Status.FOUND, departements[0], confidence, reason, tuple(departements[1:]))
    ranked = sorted(communes, key=lambda c: -c.population)
    if len(ranked) == 1:
        confidence = 0.85 if other_words else 0.95
        return Place(Status.FOUND, ranked[0], confidence, f"seule commune du code {postcode}")
    share = ranked[0].population / max(1, sum(c.population for c in ranked))
    reason = f"{len(ranked)} communes ont le code postal {postcode}"
    return Place(Status.AMBIGUOUS, ranked[0], round(0.8 * share, 3), reason, tuple(ranked[1:9]))
