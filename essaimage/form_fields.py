"""Fields that the public forms of the essaimage share."""

from typing import Any

from django import forms

from essaimage import dates, personal
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


def text(
    label: str,
    help_text: str = "",
    *,
    required: bool = False,
    rows: int = 4,
    unnamed: bool = False,
) -> Any:
    """A long text that will be public: nothing in it reaches a person, nor (``unnamed``) names
    one."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=TEXT,
        validators=[personal.check, *([personal.check_unnamed] if unnamed else [])],
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def sentence(label: str, help_text: str, most: int, *, required: bool = False) -> Any:
    """A short text that will be public, and does not name a structure: nobody in it either."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        required=required,
        validators=[personal.check, personal.check_unnamed],
    )


def line(label: str, help_text: str = "", *, required: bool = False) -> Any:
    """The name of a structure, a function, a place."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=200,
        validators=[personal.check_structure],
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


def place(label: str, more: str = "") -> Any:
    """What ``PlaceAsked`` reads; ``which_place`` stands beside it."""
    said = "Une commune, une intercommunalité, un département, une région."
    help_text = f"{said} {more}".strip()
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=200)


def which_place() -> Any:
    return forms.ChoiceField(
        label="Plusieurs lieux portent ce nom : lequel ?", required=False, widget=forms.RadioSelect
    )


def address(label: str, help_text: str, *, required: bool = True) -> Any:
    return forms.EmailField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email" if required else "off"}),
    )
