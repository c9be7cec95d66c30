"""How complete a public record is: a score from 0 to 100, with its reasons. Pure.

Each criterion has a weight and a value from 0 (nothing) to 1 (all that is hoped for); one that has
no sense for the record has none, and is left out of the mean. What lets others reproduce a project
weighs more than half. The public page « Comment est calculée la complétude » shows this very table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

STOPPED = frozenset({"arretee", "inaboutie"})
FRESH_DAYS, STALE_DAYS = 365, 3 * 365
SUMMARY_LENGTH, DESCRIPTION_LENGTH, TEXT_LENGTH = 80, 600, 80
NATIONAL = "pays"


@dataclass(frozen=True)
class Facts:
    """What a public record says, as far as completeness is concerned.

    Lengths are in characters, markup apart; ``reproduction`` gives those of its texts by field.
    ``place`` is the certainty of the surest one, from 0 to 1, None without any. ``age``: days since
    a source last changed the record, None when none did. ``dead``: the web site does not answer.
    """

    title: int = 0
    shouts: bool = False
    summary: int = 0
    description: int = 0
    place: float | None = None
    themes: int = 0
    publics: int = 0
    methods: int = 0
    porteur: bool = False
    legal_form: bool = False
    year: bool = False
    maturity: str = ""
    reach: str = ""
    website: bool = False
    dead: bool = False
    picture: bool = False
    is_open: bool = True
    age: int | None = None
    sources: int = 1
    evidence: int = 0
    is_commun: bool = False
    governance: bool = False
    reproduction: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_stopped(self) -> bool:
        return self.maturity in STOPPED

    @property
    def is_idea(self) -> bool:
        return self.maturity == "idee"


Value = Callable[[Facts], float | None]


@dataclass(frozen=True)
class Criterion:
    """``advice`` is what would raise the score, ``hope`` what fills the criterion. For a stopped
    experience, judged on what it teaches, ``when_stopped`` replaces the weight (0: no sense)."""

    code: str
    label: str
    weight: int
    advice: str
    hope: str
    value: Value
    when_stopped: int | None = None

    def weight_for(self, facts: Facts) -> int:
        changed = self.when_stopped
        return self.weight if changed is None or not facts.is_stopped else changed


def _length(name: str, wanted: int) -> Value:
    return lambda facts: min(1.0, getattr(facts, name) / wanted)


def _said(name: str) -> Value:
    return lambda facts: 1.0 if getattr(facts, name) else 0.0


def _title(facts: Facts) -> float:
    return (1.0 if 10 <= facts.title <= 120 else 0.5) * (0.5 if facts.shouts else 1.0)


def _place(facts: Facts) -> float | None:
    if facts.place is None:
        return None if facts.reach == NATIONAL else 0.0
    return 1.0 if facts.place >= 0.9 else 0.5


def _website(facts: Facts) -> float | None:
    if not facts.website:
        return None if facts.is_idea else 0.0
    return 0.0 if facts.dead else 1.0


def _freshness(facts: Facts) -> float | None:
    if facts.age is None:
        return None
    past = (facts.age - FRESH_DAYS) / (STALE_DAYS - FRESH_DAYS)
    return 1.0 - min(1.0, max(0.0, past))


def _governance(facts: Facts) -> float | None:
    return (1.0 if facts.governance else 0.0) if facts.is_commun else None


def _text(
    name: str, label: str, weight: int, advice: str, *, when_stopped: int | None = None
) -> Criterion:
    return Criterion(
        f"reproduction.{name}",
        label,
        weight,
        advice,
        f"au moins {TEXT_LENGTH} caractères",
        lambda facts: min(1.0, facts.reproduction.get(name, 0) / TEXT_LENGTH),
        when_stopped,
    )


# Weights of what applies to most records: 100 in all, 55 of them for « Pour reproduire ce projet ».
REPRODUCTION = (
    _text("need", "besoin", 6, "Dites à quel besoin le projet répond"),
    _text("core", "cœur du concept", 6, "Dites le cœur du concept, ce qui ne change pas"),
    _text("adaptation_margin", "marge d’adaptation", 4,
          "Dites ce qui peut être adapté ailleurs", when_stopped=0),
    _text("success_conditions", "conditions de réussite", 6,
          "Ajoutez les conditions de réussite", when_stopped=0),
    _text("duplication_conditions", "conditions de duplication", 6,
          "Ajoutez les conditions de duplication", when_stopped=0),
    _text("context", "contexte", 4, "Décrivez le contexte qui l’a rendu possible"),
    _text("means", "moyens", 5, "Donnez les moyens : budget, équipe, partenaires, locaux"),
    _text("porteur_dependence", "dépendance au porteur", 2,
          "Dites si le projet dépend de son premier porteur"),
    _text("singularity", "circonstances singulières", 2,
          "Dites ce qui tenait à des circonstances singulières"),
    _text("obstacles", "obstacles rencontrés", 4, "Racontez les obstacles rencontrés",
          when_stopped=8),
    _text("lessons", "enseignements", 5, "Partagez les enseignements, échecs compris",
          when_stopped=17),
    _text("impact_evidence", "preuves d’impact", 5,
          "Donnez les preuves d’impact et la manière de le mesurer"),
)  # fmt: skip
IDENTITY = (
    Criterion("title", "titre", 2, "Donnez un titre de 10 à 120 caractères, sans majuscules",
              "de 10 à 120 caractères, sans tout mettre en majuscules", _title),
    Criterion("summary", "résumé", 4, "Allongez ou ajoutez le résumé",
              f"au moins {SUMMARY_LENGTH} caractères", _length("summary", SUMMARY_LENGTH)),
    Criterion("description", "description", 5, "Développez la description",
              f"au moins {DESCRIPTION_LENGTH} caractères",
              _length("description", DESCRIPTION_LENGTH)),
    Criterion("place", "lieu", 5, "Précisez la commune, avec son code",
              "un lieu reconnu avec certitude ; sans objet pour un projet national", _place),
    Criterion("themes", "thème", 3, "Indiquez un thème", "au moins un", _said("themes")),
    Criterion("publics", "public", 2, "Indiquez un public", "au moins un", _said("publics")),
    Criterion("methods", "méthode", 2, "Indiquez une méthode", "au moins une",
              _said("methods")),
    Criterion("porteur", "structure porteuse", 3, "Nommez la structure porteuse", "son nom",
              _said("porteur")),
    Criterion("legal_form", "forme juridique", 2,
              "Donnez la forme juridique de la structure porteuse",
              "association, coopérative, collectivité…", _said("legal_form")),
    Criterion("year", "année de démarrage", 2, "Donnez l’année de démarrage", "une année",
              _said("year")),
    Criterion("maturity", "maturité", 2, "Dites où en est le projet",
              "idée, expérimentation, déployée…", _said("maturity")),
    Criterion("website", "site web", 3, "Donnez l’adresse d’un site qui répond",
              "une adresse qui répond ; sans objet pour une idée ou une expérience arrêtée",
              _website, when_stopped=0),
    Criterion("picture", "image", 2, "Ajoutez une image", "une image", _said("picture")),
    Criterion("governance", "gouvernance du commun", 2, "Décrivez la gouvernance du commun",
              "la gouvernance ; sans objet pour ce qui n’est pas un commun", _governance),
)  # fmt: skip
TRUST = (
    Criterion("licence", "licence ouverte", 3, "Choisissez une licence ouverte",
              "au moins une source sous licence ouverte", _said("is_open")),
    Criterion("freshness", "fraîcheur", 3, "Relisez la fiche, inchangée depuis longtemps",
              "modifiée depuis moins d’un an, puis de moins en moins jusqu’à trois ans ; sans "
              "objet pour une expérience arrêtée", _freshness, when_stopped=0),
    Criterion("sources", "plusieurs sources", 1, "Une deuxième plateforme peut en témoigner",
              "au moins deux partenaires", lambda facts: 1.0 if facts.sources > 1 else 0.0),
    Criterion("evidence", "documents à l’appui", 1, "Citez un document à l’appui",
              "au moins un document cité", _said("evidence")),
)  # fmt: skip
GROUPS = (
    ("Pour reproduire ce projet", REPRODUCTION),
    ("Le projet", IDENTITY),
    ("La confiance", TRUST),
)
CRITERIA = (*REPRODUCTION, *IDENTITY, *TRUST)
BY_CODE = {c.code: c for c in CRITERIA}
# What the public never sees of a record without an open licence counts for nothing…
HIDDEN = frozenset(
    {c.code for c in REPRODUCTION}
    | {"description", "porteur", "legal_form", "year", "maturity", "website", "picture",
       "governance"}
)  # fmt: skip


@dataclass(frozen=True)
class Assessment:
    """``score`` from 0 to 100. ``values``: criterion → percentage, None when it has no sense.
    ``gains``: criterion → points that the score would win if it were full, unless none."""

    score: int
    values: dict[str, int | None]
    gains: dict[str, float]


def assess(facts: Facts) -> Assessment:
    """The score of what a record says, and its reasons."""
    values, weights = _values(facts)
    applicable = sum(weights.values())
    earned = sum(weight * (values[code] or 0.0) for code, weight in weights.items())
    gains = {
        code: round(100 * weight * (1 - value) / applicable, 1)
        for code, weight in weights.items()
        if (value := values[code] or 0.0) < 1
    }
    if not facts.is_open:
        # … so that opening the licence is worth all that it would show.
        shown = _shown(facts)
        gains["licence"] = round(100 * (shown - earned) / applicable, 1)
    told = {c: None if v is None else round(100 * v) for c, v in values.items()}
    return Assessment(round(100 * earned / applicable), told, gains)


def _values(facts: Facts) -> tuple[dict[str, float | None], dict[str, int]]:
    """Criterion → value, and criterion → weight of those that have a sense for the record."""
    values: dict[str, float | None] = {}
    weights: dict[str, int] = {}
    for criterion in CRITERIA:
        weight = criterion.weight_for(facts)
        value = criterion.value(facts) if weight else None
        if value and not facts.is_open and criterion.code in HIDDEN:
            value = 0.0
        values[criterion.code] = value
        if value is not None:
            weights[criterion.code] = weight
    return values, weights


def _shown(facts: Facts) -> float:
    """What the record would earn under an open licence, all else equal."""
    return (
        sum(c.weight_for(facts) * (c.value(facts) or 0.0) for c in CRITERIA if c.code != "licence")
        + BY_CODE["licence"].weight
    )


@dataclass(frozen=True)
class Reason:
    """One criterion of a record as it is told: ``value`` in percent, None when it has no sense."""

    criterion: Criterion
    value: int | None
    gain: float
    weight: int

    @property
    def sentence(self) -> str:
        """« Ajoutez les conditions de duplication : + 6 points »."""
        return f"{self.criterion.advice} : {points(self.gain)}"


def reasons(values: Mapping[str, Any], gains: Mapping[str, Any], maturity: str) -> list[Reason]:
    """What was stored of an assessment, told criterion by criterion, in the order of the table."""
    facts = Facts(maturity=maturity)
    return [
        Reason(c, values[c.code], gains.get(c.code, 0.0), c.weight_for(facts))
        for c in CRITERIA
        if c.code in values
    ]


def best(found: list[Reason], number: int = 3) -> list[Reason]:
    """What would raise the score most, first."""
    return sorted((r for r in found if r.gain), key=lambda r: -r.gain)[:number]


def points(gain: float) -> str:
    """« + 6 points », « + 1 point », « moins d’un point »."""
    whole = round(gain)
    if whole < 1:
        return "moins d’un point"
    return f"+ {whole} point{'s' if whole > 1 else ''}"
