"""What is shown of the evidence in three facts: told when, by whom, and « a-t-il marché de
nouveau ? ». Counts and words only: never an average, a score or a rank."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from carrefour.french import counted
from essaimage.models import Effect, Facts, Replication, Strength
from innovations.models import Innovation

WIDTH, LANE, LEFT, RIGHT, TOP, BOTTOM = 360, 26, 84, 16, 6, 26
# From the best to the worst, what is not known yet last; the words of the picture.
LANES = {
    Effect.ATTENDU: "Attendu",
    Effect.PARTIEL: "En partie",
    Effect.AUCUN: "Aucun",
    Effect.CONTRAIRE: "Contraire",
    Effect.TROP_TOT: "Trop tôt",
}
# The axis goes as far as the last question, or further when something is told of later.
AXIS = (0, 12, 24, 36)
# (effect, one replication, several): « 1 constate l’effet attendu, 2 n’en constatent aucun ».
SAID = {
    Effect.ATTENDU: ("constate l’effet attendu", "constatent l’effet attendu"),
    Effect.PARTIEL: ("constate l’effet en partie", "constatent l’effet en partie"),
    Effect.AUCUN: ("ne constate aucun effet", "ne constatent aucun effet"),
    Effect.CONTRAIRE: ("constate un effet contraire", "constatent un effet contraire"),
    Effect.TROP_TOT: (
        "dit qu’il est trop tôt pour le dire",
        "disent qu’il est trop tôt pour le dire",
    ),
}


@dataclass(frozen=True)
class Dot:
    """Facts in the picture; ``css`` says how much they weigh, ``text`` all of it."""

    x: float
    y: float
    css: str
    text: str


@dataclass(frozen=True)
class Picture:
    """Effects (lanes) over the months (axis), in a box of ``width`` × ``height``."""

    dots: Sequence[Dot]
    lanes: Sequence[tuple[float, str]]
    months: Sequence[tuple[float, str]]
    text: str
    height: int
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT


@dataclass(frozen=True)
class Told:
    """The published facts of an innovation at its origin, or of one replication, in time;
    ``again``: the sentences that say whether it worked again, of an innovation."""

    rows: Sequence[Facts]
    picture: Picture | None
    again: Sequence[str] = ()


def of_replication(replication: Replication) -> Told:
    """One query."""
    rows = list(Facts.objects.published().filter(replication=replication).in_time())
    return Told(rows, picture(rows))


def of_innovation(innovation: Innovation) -> Told:
    """Two queries."""
    every = list(Facts.objects.of_public().of(innovation).in_time())
    rows = [facts for facts in every if facts.replication_id is None]
    begun = Replication.objects.of_public().of(innovation).spread()
    return Told(rows, picture(rows), worked_again(set(begun.values_list("pk", flat=True)), every))


def worked_again(begun: set[int], facts: Sequence[Facts]) -> Sequence[str]:
    """« 3 reprises ont commencé », and what each says last of its effect, counted.

    ``facts`` in time; those that say no effect do not count. Nothing when nothing has begun.
    """
    last = {f.replication_id: f.effect for f in facts if f.effect and f.replication_id in begun}
    if not begun:
        return ()
    started = counted(len(begun), "reprise a commencé", "reprises ont commencé")
    if not last:
        return (f"{started}. Aucune n’a encore dit ce qu’elle a donné : non renseigné.",)
    found = Counter(last.values())
    said = [
        f"{found[effect]} {SAID[effect][found[effect] > 1]}" for effect in LANES if found[effect]
    ]
    sentences = [f"{started}. Ce qu’elles en disent : {', '.join(said)}."]
    if silent := len(begun) - len(last):
        sentences.append(f"Pour {counted(silent, 'reprise')} : non renseigné.")
    return sentences


def when(facts: Facts) -> str:
    """« à 12 mois », « au démarrage », « à l’arrêt »; "" when it is not said."""
    if facts.is_of_stop:
        return "à l’arrêt"
    if facts.months is None:
        return ""
    return f"à {facts.months} mois" if facts.months else "au démarrage"


def picture(rows: Sequence[Facts]) -> Picture | None:
    """None without two effects that are dated: a table says it better."""
    dated = [(f, f.months) for f in rows if f.effect and f.months is not None]
    if len(dated) < 2:
        return None
    last = max(AXIS[-1], *(months for _, months in dated))
    lanes = [lane for lane in LANES if lane != Effect.TROP_TOT or _has(rows, lane)]
    height = TOP + LANE * len(lanes) + BOTTOM

    def across(months: int) -> float:
        return round(LEFT + 10 + months * (WIDTH - LEFT - RIGHT - 20) / last, 1)

    def down(lane: Any) -> float:
        return TOP + LANE * lanes.index(lane) + LANE / 2

    # Two sides who say the same of the same month stand side by side.
    taken: Counter[tuple[float, float]] = Counter()
    dots = []
    for facts, months in dated:
        place = (across(months), down(Effect(facts.effect)))
        dots.append(Dot(place[0] + 7 * taken[place], place[1], _weight(facts), sentence(facts)))
        taken[place] += 1
    marks = [*AXIS, last] if last > AXIS[-1] + 6 else [*AXIS[:-1], last]
    return Picture(
        dots=dots,
        lanes=[(down(lane), LANES[lane]) for lane in lanes],
        months=[(across(m), f"{m} mois" if m == marks[-1] else str(m)) for m in marks],
        text="Effets constatés au fil des mois. " + " ".join(f"{dot.text}." for dot in dots),
        height=height,
    )


def sentence(facts: Facts) -> str:
    """« À 12 mois, l’effet est constaté en partie (solidité moyenne, dit par X) »."""
    effect = facts.get_effect_display()
    strength = f"solidité {facts.get_strength_display().lower()}" if facts.strength else ""
    told = ", ".join(part for part in (strength or "solidité non renseignée", facts.teller) if part)
    at = when(facts)
    said = f"{at}, {effect[:1].lower()}{effect[1:]}" if at else effect
    return f"{said[:1].upper()}{said[1:]} ({told})"


def _has(rows: Sequence[Facts], effect: Effect) -> bool:
    return any(facts.effect == effect for facts in rows)


def _weight(facts: Facts) -> str:
    return Strength(facts.strength).value if facts.strength else "inconnue"
