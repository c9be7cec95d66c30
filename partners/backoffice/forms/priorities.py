"""Which source wins where partners differ, in words rather than in numbers."""

from typing import Any

from django import forms
from django.utils.text import capfirst

from carrefour.forms import DsfrForm
from innovations.record_page import LABELS
from partners.models import Source
from partners.priorities import AFTER, AS_OTHERS, BEFORE

FIELDS = {
    **{
        name: LABELS[name]
        for name in ("title", "summary", "description", "organisation", "started_year", "website",
                     "nature", "maturity", "reach", "commun_governance")
    },
    "reproduction": "éléments pour reproduire le projet",
}  # fmt: skip
RANKS = [
    (BEFORE, "avant les autres"),
    (AS_OTHERS, "comme les autres"),
    (AFTER, "après les autres"),
]


class PrioritiesForm(DsfrForm):
    """The source's rank, then that of each field where it has another."""

    priority = forms.TypedChoiceField(label="La source", coerce=int)

    def __init__(self, data: Any, source: Source) -> None:
        super().__init__(data)
        field: Any = self.fields["priority"]
        field.choices = _ranks(source.priority)
        field.initial = source.priority
        for name, label in FIELDS.items():
            wanted = source.field_priorities.get(name)
            self.fields[f"champ-{name}"] = forms.TypedChoiceField(
                label=capfirst(label),
                required=False,
                coerce=int,
                empty_value=None,
                # Added after the DSFR dressed the declared fields.
                widget=forms.Select(attrs={"class": "fr-select"}),
                choices=[("", "comme la source"), *_ranks(wanted)],
                initial="" if wanted is None else wanted,
            )

    @property
    def field_priorities(self) -> dict[str, int]:
        given = {name: self.cleaned_data.get(f"champ-{name}") for name in FIELDS}
        return {name: rank for name, rank in given.items() if rank is not None}


def _ranks(current: int | None) -> list[tuple[int, str]]:
    """The three ranks, and the present one when it is another number."""
    if current is None or current in dict(RANKS):
        return RANKS
    return sorted([*RANKS, (current, f"rang {current}")], reverse=True)
