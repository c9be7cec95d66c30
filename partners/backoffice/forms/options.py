"""A connector's options as form fields, each with its explanation."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from carrefour.forms import DsfrForm
from partners.connectors import CONNECTORS
from partners.models import Source

PREFIX = "option-"
# Read by whatever makes records from rows, whichever connector gave them.
COMMON = {
    "group_by": (
        "Colonne qui dit quelles lignes sont un même projet, quand il y en a une par lieu ; "
        "l’identifiant en tient lieu sinon."
    )
}
WORDS = {"true": True, "oui": True, "vrai": True, "false": False, "non": False, "faux": False}


def option_fields(connector: str, options: Mapping[str, Any]) -> dict[str, forms.Field]:
    """Form field by name; every option that the connector knows, filled with what is set."""
    known = dict(CONNECTORS[connector].option_help) if connector in CONNECTORS else {}
    return {
        f"{PREFIX}{name}": OptionField(
            label=told.removesuffix("."),
            help_text=f"Option « {name} »",
            current=options.get(name),
            required=False,
        )
        for name, told in (known | COMMON).items()
    }


def options_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The options given, among cleaned data; those left empty are not set."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in data.items()
        if name.startswith(PREFIX) and value is not None and value != ""
    }


class OptionField(forms.CharField):
    """A text, a whole number, yes or no; or JSON, for options that are lists or objects."""

    def __init__(self, *, current: Any = None, **options: Any) -> None:
        self.current = current
        super().__init__(strip=False, **options)
        self.initial = written(current)
        self.widget.attrs |= {"class": "fr-input", "spellcheck": "false", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text == written(self.current):
            return self.current
        plain = text.strip()
        if plain.lower() in WORDS:
            return WORDS[plain.lower()]
        if plain.isascii() and plain.isdigit():
            return int(plain)
        if plain.startswith(("{", "[")):
            return self._read(plain)
        return text if plain or text == "\t" else ""

    def _read(self, text: str) -> Any:
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise forms.ValidationError(
                f"Cette liste est mal écrite, ligne {error.lineno}, colonne {error.colno} : "
                "comparez-la à l’exemple, ou effacez-la."
            ) from error


def written(value: Any) -> str:
    """An option as a person writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class OptionsForm(DsfrForm):
    """The options of a source's connector, alone."""

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= option_fields(source.connector, source.options)

    @property
    def given(self) -> dict[str, Any]:
        """Only after validation."""
        return options_of(self.cleaned_data)
