"""Forms in the State's design system, without the warnings of a transition that is not ours."""

from typing import Any

from django import forms
from dsfr.forms import DsfrBaseForm


class DsfrForm(DsfrBaseForm):
    """A form rendered field by field with the DSFR's markup."""

    def get_context(self) -> dict[str, Any]:
        # Past DsfrBaseForm, whose own warns on each rendering, whatever the settings say.
        return forms.Form.get_context(self)

    def mark(self, field: forms.BoundField) -> str:
        """What follows the label of a field: most are required, so the others are marked."""
        return "" if field.field.required else " (Optionnel)"


class DsfrModelForm(DsfrForm, forms.ModelForm):
    """The same over a model."""
