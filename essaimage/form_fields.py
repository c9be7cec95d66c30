"""Fields that the public forms of the essaimage share."""

from typing import Any

from django import forms

from essaimage import dates, impersonal
from essaimage.dates import typed

TEXT = 4000


class PartialDate(forms.CharField):
    """« 2017 », « 2017-11 », « 3/11/2017 »; empty when it is not known."""

    default_validators = [dates.validate]

    def __init__(self, label: str, **said: Any) -> None:
        box = forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 10})
        super().__init__(label=label, required=False, max_length=10, widget=box, **said)

    def to_python(self, value: Any) -> str:
        return typed(str(super().to_python(value)))


def text(label: str, help_text: str = "", *, required: bool = False, rows: int = 4) -> Any:
    """A long text that will be public: nothing in it reaches a person."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=TEXT,
        validators=[impersonal.check],
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def line(label: str, help_text: str = "", *, required: bool = False) -> Any:
    """The name of a structure, a function, a place."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=200,
        validators=[impersonal.check_structure],
    )


def one_of(label: str, choices: Any, help_text: str = "", *, unknown: str = "Non précisé") -> Any:
    """One of a list, or nothing: what is not known is not guessed."""
    return forms.ChoiceField(
        label=label, help_text=help_text, choices=[("", unknown), *choices], required=False
    )


def some_of(label: str, choices: Any, help_text: str = "") -> Any:
    return forms.MultipleChoiceField(
        label=label,
        help_text=help_text,
        choices=choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def address(label: str, help_text: str, *, required: bool = True) -> Any:
    return forms.EmailField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email" if required else "off"}),
    )
