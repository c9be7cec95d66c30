"""What each harvested site of an innovation is."""

from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from carrefour.text import primary_key
from essaimage.models import ReplicationState, SiteChoice

PREFIX = "site-"
ALL = "tous"


class SitesForm(DsfrForm):
    state = forms.ChoiceField(
        label="Où en sont les reprises choisies",
        choices=[("", "À choisir"), *ReplicationState.choices],
        required=False,
    )
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        required=False,
        help_text="Facultatif ; gardé dans l’historique.",
    )

    def mark(self, field: forms.BoundField) -> str:
        """Whether a state is needed depends on what the sites are; the reason says it is not."""
        return ""

    def choices(self) -> dict[int, str]:
        """Territory → what it is said to be, of the sites that something is said of."""
        sent: Any = self.data
        found = {primary_key(n.removeprefix(PREFIX)): v for n, v in sent.items()
                 if n.startswith(PREFIX)}  # fmt: skip
        whole = SiteChoice.SAME_PROJECT if sent.get("action") == ALL else None
        return {
            pk: str(whole or value)
            for pk, value in found.items()
            if pk and (whole or (value and value in SiteChoice.values))
        }
