"""The look-up: every clue that a row gives about its place, weighed together."""

from dataclasses import replace
from functools import lru_cache

from territories.kinds import Kind
from territories.lookup import codes, points
from territories.lookup.gazetteer import gazetteer
from territories.lookup.naming import named
from territories.lookup.place import SURE, Found, Place, Status
from territories.lookup.postcodes import at_postcode
from territories.lookup.texts import EMPTY, at_text
from territories.lookup.words import is_void, words

# Nobody writes a place in more; what follows is a description.
LONGEST = 500


def find(
    text: str | None = None,
    *,
    code: str | int | float | None = None,
    postcode: str | int | float | None = None,
    point: tuple[float | None, float | None] | None = None,
    departement: str | int | float | None = None,
) -> Place:
    """The territory that the clues of one row mean, and how sure that is.

    ``text`` is a place or an address as written; ``code`` an INSEE code (commune or département,
    its zero possibly lost) or the SIREN of an EPCI; ``point`` is (latitude, longitude) in degrees,
    possibly exchanged; ``departement`` a number or a name. Never raises on what they hold.
    """
    return _find(
        str(text)[:LONGEST] if text is not None else "",
        codes.plain(code),
        codes.of_commune(codes.plain(postcode)),
        _numbers(point),
        str(departement).strip() if departement is not None else "",
    )


def exact(text: str) -> Found | None:
    """The likeliest territory that bears this very name, spelling and accents aside."""
    meanings = gazetteer().by_name.get(words(text))
    return meanings[0].territory if meanings else None


def _numbers(point: tuple | None) -> tuple[float, float] | None:
    """Two angles in degrees, or None; (0, 0) is what forms send for nothing."""
    try:
        first, second = (float(str(x).replace(",", ".")) for x in point or ())
    except (TypeError, ValueError):
        return None
    # « Not a number » fails every comparison.
    on_earth = abs(first) <= 180 and abs(second) <= 180
    return (first, second) if on_earth and (first or second) else None


@lru_cache(maxsize=32768)
def _find(
    text: str,
    code: str,
    postcode: str,
    point: tuple[float, float] | None,
    departement: str,
) -> Place:
    place = _written(text, postcode, departement)
    if code:
        place = _with_code(place, code)
    if point:
        place = _with_point(place, point)
    return place


def _written(text: str, postcode: str, departement: str) -> Place:
    """The place by its words, postal code and département."""
    hints = _departement_hint(departement)
    if not is_void(words(text)):
        place = at_text(text, hints)
        return _with_postcode(place, text, postcode) if postcode else place
    by_post = at_postcode(postcode) if postcode else None
    if by_post or not hints:
        return by_post or EMPTY
    return Place(Status.FOUND, hints[0], 0.92, "département seul")


def _with_postcode(place: Place, text: str, postcode: str) -> Place:
    by_post = at_postcode(postcode, "", text)
    if by_post is None or place.several or place.foreign:
        return place
    if by_post.confidence >= SURE or place.territory is None:
        return by_post
    if by_post.best.akin(place.territory) or place.territory in by_post.candidates:
        # The words decide, unless they are larger than what the postal code tells.
        return by_post if place.territory.contains(by_post.best) else place
    return _disagreeing(place, by_post.best, f"le code postal {postcode} est ailleurs")


def _departement_hint(written: str) -> list[Found]:
    if not written:
        return []
    found = gazetteer().departement(codes.of_departement(codes.plain(written) or written))
    if found:
        return [found]
    meanings = named(words(written)).meanings
    levels = {Kind.REGION, Kind.DEPARTEMENT, Kind.COLLECTIVITE}
    return [m.territory for m in meanings if m.territory.kind in levels][:1]


def _with_code(place: Place, code: str) -> Place:
    """The written place with an official code beside it."""
    coded, former = _coded(code)
    if coded is None:
        return place
    note = f"code {code}" + (f" (ancien code : {former})" if former else "")
    if place.territory is None:
        return _coded_alone(place, coded, note)
    if coded.contains(place.territory):
        return place.weighed(max(place.confidence, 0.95), f"{note} concordant")
    if place.territory.contains(coded):
        return Place(Status.FOUND, coded, 0.96, f"{note}, dans {place.territory.name}")
    return (
        _settled_by_code(place, coded, note)
        or _as_postcode(place, code)
        or _disagreeing(place, coded, f"{note} désigne {coded}")
    )


def _coded_alone(place: Place, coded: Found, note: str) -> Place:
    if place.status in {Status.SEVERAL, Status.FOREIGN}:
        return place.weighed(min(place.confidence, 0.6), f"{note} désigne {coded}")
    confidence = 0.95 if place.status == Status.EMPTY else 0.85
    return Place(Status.FOUND, coded, confidence, note)


def _settled_by_code(place: Place, coded: Found, note: str) -> Place | None:
    """One of the homonyms is what the code says."""
    others = [candidate for candidate in place.candidates if coded.akin(candidate)]
    return Place(Status.FOUND, others[0], 0.96, f"{note} et nom concordants") if others else None


def _as_postcode(place: Place, code: str) -> Place | None:
    """A column called « code INSEE » that holds postal codes."""
    postal = at_postcode(code) if len(code) == 5 else None
    if postal and postal.best.akin(place.best):
        return place.weighed(max(place.confidence, 0.93), f"{code} est un code postal")
    return None


def _coded(code: str) -> tuple[Found | None, str]:
    """(Territory of an official code, its former name if any)."""
    if len(code) <= 3:
        return gazetteer().departement(codes.of_departement(code)), ""
    if len(code) == 9:
        return gazetteer().at.get((Kind.EPCI, code)), ""
    return gazetteer().commune(codes.of_commune(code))


def _disagreeing(place: Place, other: Found, reason: str) -> Place:
    """Two clues tell different places: what is written stays, unsure, the other is a candidate."""
    kept = place if place.confidence >= 0.6 else replace(place, territory=other)
    others = dict.fromkeys((place.best, other, *place.candidates))
    candidates = tuple(c for c in others if c != kept.territory)
    told = f"indices contraires : {reason}"
    return replace(
        kept, status=Status.AMBIGUOUS, confidence=0.5, candidates=candidates, reason=told
    )


def _with_point(place: Place, point: tuple[float, float]) -> Place:
    """The place with a point beside it, whichever way round its two numbers are."""
    hits, swapped = points.at(*point), False
    if not hits:
        hits, swapped = points.at(point[1], point[0]), True
    if not hits:
        if place.territory is None and place.status in {Status.EMPTY, Status.UNKNOWN}:
            return Place(
                Status.FOREIGN, reason="le point est hors de France", confidence=0.9, foreign=True
            )
        return place.weighed(min(place.confidence, 0.85), "le point est hors de France")
    latitude, longitude = reversed(point) if swapped else point
    note = "point (latitude et longitude échangées)" if swapped else "point"
    if place.territory is None:
        if place.status in {Status.SEVERAL, Status.FOREIGN}:
            return place
        return _at_point(hits, note)
    return _agreed(place, hits, (latitude, longitude), note)


def _at_point(hits: list[points.Hit], note: str) -> Place:
    best, *rest = hits
    clear = best.outside_km == 0 and best.border_km > points.BLUR_KM
    confidence = 0.93 if clear else 0.8 if best.outside_km == 0 else 0.7
    close = tuple(h.territory for h in rest if h.border_km <= 1)[:4]
    return Place(Status.FOUND, best.territory, confidence, f"d’après le {note}", close)


def _agreed(place: Place, hits: list[points.Hit], point: tuple[float, float], note: str) -> Place:
    """A written place beside a point: confirmed, settled among homonyms, or contradicted."""
    here = [hit.territory for hit in hits]
    if any(place.best.akin(h) for h in here):
        if place.candidates and place.confidence < SURE:
            return replace(place, status=Status.FOUND).weighed(0.95, f"confirmé par le {note}")
        return place.weighed(max(place.confidence, 0.9), f"{note} concordant")
    settled = [c for c in place.candidates if any(c.akin(h) for h in here)]
    if settled:
        return replace(place, territory=settled[0], confidence=0.95, status=Status.FOUND).weighed(
            0.95, f"choisi d’après le {note}"
        )
    if points.distance_km(place.best, *point) <= 2 * points.NEAR_KM:
        return place.weighed(min(place.confidence, 0.9), f"{note} voisin, dans {here[0]}")
    return _disagreeing(place, here[0], f"le {note} est à {here[0]}")
