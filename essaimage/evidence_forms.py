"""What a side, or staff, tells of what a project gave: three facts, and what counts beyond."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from essaimage.form_fields import one_of, sentence, some_of, text
from essaimage.models import Cost, Effect, Strength, StrengthReason
from essaimage.reporting import Said

UNKNOWN = "Non renseigné"
EFFECT = ("effect", "effect_text")
STRENGTH = ("strength", "reasons")
COST = ("cost", "cost_text")
STOP = ("stopped_because", "learnt")


class EvidenceForm(DsfrForm):
    """``of_stop``: the replication stopped; why and what was learnt come first."""

    stopped_because = text("Pourquoi s’est-elle arrêtée ?", rows=3, unnamed=True)
    learnt = text(
        "Qu’avez-vous appris, qui servirait à d’autres ?",
        "Ce que vous referiez, ce que vous ne referiez pas.",
        rows=3,
        unnamed=True,
    )
    effect = forms.ChoiceField(
        label="L’effet attendu est-il constaté ?", choices=Effect, widget=forms.RadioSelect
    )
    effect_text = text(
        "L’effet, en clair",
        "Ce qui a changé, pour qui. Un ou deux chiffres si vous en avez.",
        rows=3,
        unnamed=True,
    )
    strength = one_of(
        "Quelle est la solidité de ce constat ?",
        Strength.choices,
        "Faible : des témoignages. Moyenne : un suivi chiffré, ou une mesure avant et après. "
        "Forte : une comparaison, l’évaluation d’un tiers, une évaluation publiée, ou le même "
        "effet retrouvé ailleurs.",
        unknown=UNKNOWN,
    )
    reasons = some_of("Sur quoi repose-t-il ?", StrengthReason.choices)
    cost = one_of("Quel est l’ordre de coût d’un site ?", Cost.choices, unknown=UNKNOWN)
    cost_text = sentence(
        "Le coût, en clair", "Ce qu’il comprend : salaires, locaux, matériel, temps donné.", 300
    )
    beyond = text(
        "Au-delà des indicateurs",
        "Ce que les indicateurs habituels ne disent pas : liens, confiance, envies, surprises.",
        rows=3,
        unnamed=True,
    )

    def __init__(self, *args: Any, of_stop: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of_stop = of_stop
        if not of_stop:
            for name in STOP:
                del self.fields[name]
        else:
            effect: Any = self.fields["effect"]
            effect.required = False
            effect.choices = [("", UNKNOWN), *Effect.choices]

    @property
    def parts(self) -> list[tuple[str, list[Any]]]:
        """(title, fields): the three facts, what is beyond, and first what the stop teaches."""
        told = [
            ("L’arrêt", STOP if self.of_stop else ()),
            ("Premier fait : l’effet", EFFECT),
            ("Deuxième fait : la solidité du constat", STRENGTH),
            ("Troisième fait : l’ordre de coût", COST),
            ("Et au-delà", ("beyond",)),
        ]
        return [(title, [self[name] for name in names]) for title, names in told if names]

    def said(self, months: int | None = None) -> Said:
        data = self.cleaned_data
        names = [name for name in Said.__dataclass_fields__ if name in data and name != "months"]
        return Said(**{name: data[name] for name in names}, months=months)

    def tell(self, message: str, field: str = "") -> None:
        """Show what ``CannotReport`` says, where it says it."""
        self.add_error(field if field in self.fields else None, message)
