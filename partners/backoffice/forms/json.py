"""JSON written by hand."""

import json
from typing import Any

from django import forms


class JsonField(forms.CharField):
    """JSON written by hand, with errors that tell where. ``kind``: list or dict."""

    def __init__(self, kind: type, **options: Any) -> None:
        self.kind = kind
        super().__init__(**({"widget": forms.Textarea(attrs={"rows": 6})} | options))
        self.widget.attrs |= {"spellcheck": "false", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2) if value else ""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return self.kind()
        try:
            read = json.loads(text)
        except json.JSONDecodeError as error:
            raise forms.ValidationError(
                f"Ce n’est pas du JSON : erreur ligne {error.lineno}, colonne {error.colno}."
            ) from error
        if not isinstance(read, self.kind):
            wanted = "une liste [ … ]" if self.kind is list else "un objet { … }"
            raise forms.ValidationError(f"Le JSON attendu est {wanted}.")
        return read
