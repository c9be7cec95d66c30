"""The form that anyone may fill in: a trap for robots, and its parts as the page shows them."""

from typing import ClassVar

from django import forms

from carrefour.forms import DsfrForm
from innovations.place_asked import PlaceAsked

# Title of a part of the form, what it says first, its fields.
Parts = list[tuple[str, str, tuple[str, ...]]]


class PublicForm(DsfrForm):
    """``PARTS`` names the fields that each part of its page holds."""

    PARTS: ClassVar[Parts] = []

    # Left empty by people, who do not see it; filled in by robots.
    site = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("site"))

    @property
    def parts(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """(title, what it says first, fields) of each part of the page."""
        return [
            (title, said, [self[name] for name in names if name in self.fields])
            for title, said, names in self.PARTS
        ]


class PlacedForm(PublicForm):
    """Asks a place too, by its fields « lieu » and « territoire » (``form_fields``)."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.place = PlaceAsked(self)

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or self.cleaned_data
        self.place.settle()
        return data
