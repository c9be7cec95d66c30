"""The place that a text means, alone or with hints on its département."""

from collections.abc import Iterable

from territories.kinds import Kind
from territories.lookup import codes
from territories.lookup.gazetteer import UPPER, gazetteer
from territories.lookup.naming import NOTHING, Named, inside, named, nearly
from territories.lookup.place import Found, Place, Status
from territories.lookup.postcodes import at_postcode
from territories.lookup.reading import Clues, Segment, read, sentence
from territories.lookup.weighing import finest, hinted, several, weigh
from territories.lookup.words import is_void, mended, without_cedex, words

EMPTY = Place(Status.EMPTY, reason="aucun lieu indiqué")


def at_text(text: str, hints: Iterable[Found] = ()) -> Place:
    """The place of a text; ``hints`` are territories that other columns of the row give."""
    hints = list(hints)
    spelt = without_cedex(words(mended(text)))
    if is_void(spelt):
        return EMPTY
    if spelt.replace(" ", "").isdigit() or codes.CORSICAN.fullmatch(spelt):
        return at_number(codes.plain(spelt))
    known = named(spelt)
    if known.meanings and known.ceiling >= 0.8 and not _abroad(spelt):
        return weigh(known, hints)
    clues = read(text, gazetteer().departements)
    for postcode, before, after in clues.postcodes:
        place = at_postcode(postcode, before, after)
        if place:
            return place
    hints += [d for code in sorted(clues.departements) if (d := gazetteer().departement(code))]
    return _at_segments(clues, hints) or _unknown(text)


def at_number(code: str) -> Place:
    """A number alone: département, postal code or INSEE code, whichever exists."""
    gaz = gazetteer()
    if len(code) == 9 and (epci := gaz.at.get((Kind.EPCI, code))):
        return Place(Status.FOUND, epci, 0.97, "numéro SIREN d’une intercommunalité")
    if 1 <= len(code) <= 3:
        found = gaz.departement(codes.of_departement(code))
        if found:
            return Place(Status.FOUND, found, 0.92, "numéro de département")
    five = codes.of_commune(code)
    by_post = at_postcode(five) if five in gaz.by_postcode else None
    commune, _ = gaz.commune(five)
    if by_post and commune and commune != by_post.territory:
        reason = f"{five} est un code postal et un code INSEE"
        others = (by_post.territory, commune)
        return Place(Status.AMBIGUOUS, by_post.territory, 0.5, reason, others[1:])
    if commune:
        return Place(Status.FOUND, commune, 0.92, "code INSEE")
    return by_post or (at_postcode(five) if five else None) or _unknown(code)


def _at_segments(clues: Clues, hints: list[Found]) -> Place | None:
    segments = [part for s in clues.segments for part in _split(s)]
    abroad = [s for s in segments if _abroad(s.spelt)]
    told = [(s, NOTHING if s.street or s in abroad else named(s.spelt)) for s in segments]
    known = [(s, n) for s, n in told if n.meanings]
    if abroad and not known:
        return _foreign(abroad)
    if not known:
        return _at_hint(hints) if not segments else _at_fragment(segments, hints)
    place = _together([n for _, n in known], hints)
    missing = [s for s, n in told if not n.meanings and not s.street and s not in abroad]
    if missing and not place.several:
        # « Le Hublot, Rennes » is clear, « Rennes, Le Hublot » a little less.
        place = place.weighed(min(place.confidence, 0.85 if missing[-1] is segments[-1] else 0.92))
    if abroad:
        place = _partly_foreign(place, abroad)
    return place


def _split(segment: Segment) -> list[Segment]:
    """« Nantes et Rennes » as two segments, when both are places and the whole is none."""
    if segment.street or " et " not in segment.spelt or named(segment.spelt).meanings:
        return [segment]
    parts = segment.spelt.split(" et ")
    known = all(named(part).meanings or _abroad(part) for part in parts)
    return [Segment(part, False) for part in parts] if known else [segment]


def _together(names: list[Named], hints: list[Found]) -> Place:
    """One answer for the segments that name something: hints for each other, or several places."""
    uppers = [n.meanings[0].territory for n in names if n.meanings[0].territory.kind in UPPER]
    fine = [n for n in names if any(m.territory.kind not in UPPER for m in n.meanings)]
    # A larger territory that contains a meaning of another segment says which one is meant.
    around = [u for u in uppers if any(hinted(_finer(n), [u]) for n in fine if _top(n) is not u)]
    if not fine or (not around and len(uppers) == len(names)):
        return _choose([weigh(n, hints) for n in names])
    narrow = [a for a in around if a.kind != Kind.PAYS]
    narrow = [a for a in narrow if not any(a.contains(b) for b in narrow if b is not a)]
    # Any number between brackets is a hint too; together they must hold the place.
    kept = [n for n in fine if _top(n) not in around]
    places = [weigh(n, hints or narrow or around) for n in kept or fine]
    lone = [weigh(n, hints) for n in names if n not in fine and _top(n) not in around]
    lone = [p for p in lone if p.best.kind != Kind.PAYS and not fits_any(p, hints)]
    return _choose(places + lone)


def fits_any(place: Place, hints: list[Found]) -> bool:
    """Whether the place only repeats a hint."""
    return any(place.best[:2] == hint[:2] for hint in hints)


def _top(name: Named) -> Found:
    return name.meanings[0].territory


def _finer(name: Named) -> tuple:
    return tuple(m for m in name.meanings if m.territory.kind not in UPPER)


def _choose(places: list[Place]) -> Place:
    """The finest of nested places, or several ones."""
    left = finest(places)
    if len(left) == 1:
        return left[0]
    if all(p.confidence >= 0.6 for p in left):
        return several(left)
    best = max(left, key=lambda p: p.confidence)
    others = tuple(p.best for p in left if p is not best)
    return Place(
        Status.AMBIGUOUS,
        best.territory,
        min(best.confidence, 0.6),
        "plusieurs noms de lieux dans le texte",
        others + best.candidates,
    )


def _at_hint(hints: list[Found]) -> Place | None:
    if len(hints) == 1:
        return Place(Status.FOUND, hints[0], 0.92, "numéro de département")
    return several([Place(Status.FOUND, h, 0.9) for h in hints]) if hints else None


def _at_fragment(segments: list[Segment], hints: list[Found]) -> Place | None:
    """A name with a slip of the pen, or inside a longer text; never the name of a street."""
    wanted = frozenset(h.code for h in hints if h.kind in {Kind.DEPARTEMENT, Kind.COLLECTIVITE})
    for segment in reversed(segments):
        if segment.street:
            found = inside(segment.spelt)
            if found.meanings:
                return weigh(found._replace(ceiling=0.4, note="fin d’une adresse"), hints)
            continue
        near = nearly(segment.spelt, wanted)
        if near.meanings:
            return weigh(near, hints)
    for segment in reversed(segments):
        if not segment.street:
            found = inside(segment.spelt)
            if found.meanings:
                return weigh(found, hints)
    return None


def _abroad(spelt: str) -> bool:
    """Whether the words name a place outside France and no larger place in France."""
    gaz = gazetteer()
    if spelt not in gaz.foreign:
        return False
    meanings = gaz.by_name.get(spelt, ())
    return all(m.territory.population < 20_000 for m in meanings)


def _foreign(abroad: list[Segment]) -> Place:
    homonyms = [m.territory for s in abroad for m in gazetteer().by_name.get(s.spelt, ())]
    return Place(
        Status.FOREIGN,
        None,
        0.6 if homonyms else 0.97,
        "lieu hors de France ou plus large qu’elle",
        tuple(homonyms),
        foreign=True,
    )


def _partly_foreign(place: Place, abroad: list[Segment]) -> Place:
    names = ", ".join(s.spelt for s in abroad)
    return Place(
        place.status,
        place.territory,
        min(place.confidence, 0.85),
        f"{place.reason} ; aussi hors de France ({names})".lstrip(" ; "),
        place.candidates,
        place.several,
        foreign=True,
    )


def _unknown(text: str) -> Place:
    return Place(Status.UNKNOWN, reason=f"aucun territoire reconnu dans « {sentence(text)} »")
