"""The map of a kit: where the project acts and where it was taken up, by département or région."""

from collections.abc import Iterable

from essaimage.kit.blocks import Frame, Map, Tone, Zone
from essaimage.kit.reading import Gathered
from essaimage.models import Replication, ReplicationState
from territories import svg
from territories.models import Territory

LAND = "land"
LABELS = {
    "project": "Le projet",
    "begun": "Repris",
    "planned": "Reprise envisagée ou en préparation",
    "stopped": "Reprise arrêtée",
}
TONES = {
    ReplicationState.PERENNISEE: "begun",
    ReplicationState.EN_COURS: "begun",
    ReplicationState.EN_PREPARATION: "planned",
    ReplicationState.ENVISAGEE: "planned",
    ReplicationState.ABANDONNEE: "stopped",
}


def drawn(gathered: Gathered) -> Map | None:
    """None when no place that the map can show is known."""
    told = list(_places(gathered))
    # Where two stand, the first told is drawn: the project, then what runs.
    tones: dict[tuple[str, str], str] = {}
    for tone, territory in told:
        if zone := _zone(territory, gathered):
            tones.setdefault(zone, tone)
    if not tones:
        return None
    legend = tuple(_legend(told))
    return Map(
        viewbox=svg.viewbox(),
        zones=tuple(_zones(tones)),
        frames=tuple(Frame(f["x"], f["y"], f["width"], f["height"]) for f in svg.frames()),
        legend=legend,
        alt=_alt(legend),
    )


def _places(gathered: Gathered) -> Iterable[tuple[str, Territory]]:
    for place in gathered.page.places:
        if place.territory:
            yield "project", place.territory
    order = list(TONES.values())
    for replication in sorted(gathered.replications, key=lambda r: order.index(_tone(r))):
        # Given up before it began, it was never there.
        is_unborn = replication.state == ReplicationState.ABANDONNEE and not replication.has_begun
        if replication.territory and not is_unborn:
            yield _tone(replication), replication.territory


def _tone(replication: Replication) -> str:
    return TONES[ReplicationState(replication.state)]


def _zone(territory: Territory, gathered: Gathered) -> tuple[str, str] | None:
    """(level, code) of what is coloured; None for a country or what has no département."""
    if territory.kind == "region":
        return "region", territory.code
    code = gathered.departements.get(territory.pk)
    return ("departement", code) if code else None


def _zones(tones: dict[tuple[str, str], str]) -> Iterable[Zone]:
    """The land, then the régions, then the départements that are coloured."""
    for path in svg.departement_paths():
        yield Zone(path["d"], LAND)
    for level, paths in (("region", svg.region_paths()), ("departement", svg.departement_paths())):
        for path in paths:
            if tone := tones.get((level, path["code"])):
                yield Zone(path["d"], tone)


def _legend(told: list[tuple[str, Territory]]) -> Iterable[Tone]:
    for code, label in LABELS.items():
        names = dict.fromkeys(_named(t) for tone, t in told if tone == code)
        if names:
            yield Tone(code, label, tuple(names))


def _named(territory: Territory) -> str:
    # A country is told, not coloured.
    return "toute la France" if territory.kind == "pays" else territory.name


def _alt(legend: Iterable[Tone]) -> str:
    said = " ; ".join(f"{_lower(tone.label)} : {', '.join(tone.places)}" for tone in legend)
    return f"Carte de France par département. {said[:1].upper()}{said[1:]}."


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
