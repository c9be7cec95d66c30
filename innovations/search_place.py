"""The « où » of a search: a code or what a visitor wrote, turned into a territory or candidates."""

from collections.abc import Collection
from dataclasses import dataclass

from carrefour.caching import of_version
from carrefour.text import key
from territories import lookup
from territories.kinds import Kind
from territories.models import Territory

# Under this, the place is proposed to the visitor rather than taken.
TAKEN = 0.6
MOST = 9
ZONES = (Kind.REGION, Kind.DEPARTEMENT, Kind.COLLECTIVITE)


@dataclass(frozen=True)
class PlaceAnswer:
    """``territory`` to search in, or none; ``others`` the visitor may have meant."""

    written: str = ""
    territory: Territory | None = None
    others: tuple[Territory, ...] = ()

    def is_written(self, text: str) -> bool:
        """Whether ``text`` only repeats the territory's own label."""
        return self.territory is not None and key(text) == key(label(self.territory))

    @property
    def text(self) -> str:
        """What the « où » box shows."""
        return label(self.territory) if self.territory else self.written

    @property
    def is_unused(self) -> bool:
        """Whether something was asked that the search could not use: it covers all of France."""
        return bool(self.written) and self.territory is None

    @property
    def is_sure(self) -> bool:
        return self.territory is not None and not self.others


def label(territory: Territory) -> str:
    """The name as it must be written to be unambiguous: « Saint-Denis (93) »."""
    if territory.kind == Kind.COMMUNE:
        return f"{territory.name} ({territory.code[: 3 if territory.code > '97' else 2]})"
    if territory.kind in {Kind.DEPARTEMENT, Kind.REGION}:
        return f"{territory.name} ({territory.get_kind_display()})"
    return territory.name


def candidate_label(territory: Territory) -> str:
    """A place among homonyms: « Saint-Denis (Seine-Saint-Denis, 93) », « Nord (département) »."""
    around = territory.departement
    if territory.kind == Kind.COMMUNE and around:
        return f"{territory.name} ({around.name}, {around.code})"
    if territory.kind == Kind.COMMUNE:
        return label(territory)
    return f"{territory.name} ({territory.kind_label})"


def parameter(territory: Territory) -> str:
    """The value of ``territoire`` in addresses: « departement-22 »."""
    return f"{territory.kind}-{territory.code}"


def answer_code(asked: str) -> PlaceAnswer:
    """The territory of « kind-code », today's one when it has been replaced; one query."""
    kind, _, code = asked.partition("-")
    found = Territory.objects.at(kind, code).select_related("successor").first()
    return PlaceAnswer(territory=found.current) if found else PlaceAnswer(written=asked)


def answer_text(written: str) -> PlaceAnswer:
    """What the geography makes of the words; at most one query."""
    place = lookup.find(written)
    best = [place.territory] if place.territory and place.confidence >= TAKEN else []
    doubts = [] if place.sure else [*place.several, *place.candidates]
    if place.territory and not best:
        doubts.insert(0, place.territory)
    wanted = [(p.kind, p.code) for p in [*best, *doubts]]
    known = _fetch(list(dict.fromkeys(wanted))[:MOST])
    territory = known.pop(wanted[0], None) if best else None
    return PlaceAnswer(
        written=written,
        territory=territory,
        others=tuple(known.values()),
    )


def _fetch(places: list[tuple[str, str]]) -> dict[tuple[str, str], Territory]:
    """The territories of these (kind, code), in the same order."""
    if not places:
        return {}
    rows = Territory.objects.filter(
        kind__in={kind for kind, _ in places}, code__in={code for _, code in places}
    ).select_related("departement")
    found = {(t.kind, t.code): t for t in rows}
    return {place: found[place] for place in places if place in found}


def zones(codes: Collection[str]) -> dict[str, Territory]:
    """{« kind-code »: territory} of the régions and départements named; a query for those not
    read since the data changed."""
    known: dict[str, Territory] = of_version("zones", dict) if codes else {}
    unread = [code.partition("-")[::2] for code in codes if code not in known]
    found = _fetch([(kind, code) for kind, code in unread if kind in ZONES])
    known.update({parameter(territory): territory for territory in found.values()})
    return {code: known[code] for code in codes if code in known}
