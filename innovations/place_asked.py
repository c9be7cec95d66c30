"""A place that a form asks in words: recognised, or chosen among those that bear the same name."""

from typing import Any

from django import forms

from innovations.search_place import (
    PlaceAnswer,
    answer_code,
    answer_text,
    candidate_label,
    parameter,
)
from territories.models import Territory

UNKNOWN = (
    "Ce lieu n’est pas reconnu. Écrivez le nom d’une commune, suivi de son département, ou celui "
    "d’un département ou d’une région."
)


class PlaceAsked:
    """The two fields of a form that ask a place: what is written, and which one is meant.

    Made in the form's ``__init__``: the second field is only there when the words may mean several
    places. ``settle`` is called by the form's ``clean``; then ``territory`` is the place, or None.
    """

    def __init__(self, form: forms.Form, written: str = "lieu", which: str = "territoire") -> None:
        self._form, self._written, self._which = form, written, which
        said = str(form.data.get(form.add_prefix(written), "")).strip() if form.is_bound else ""
        self._answer = answer_text(said) if said else PlaceAnswer()
        if self._answer.others:
            best = [self._answer.territory] if self._answer.territory else []
            field: Any = form.fields[which]
            field.choices = [
                (parameter(t), candidate_label(t)) for t in [*best, *self._answer.others]
            ]
        else:
            del form.fields[which]

    @property
    def territory(self) -> Territory | None:
        return self._answer.territory

    def settle(self) -> None:
        """Read the choice, or tell in the form that the place is unknown or still to choose."""
        data = self._form.cleaned_data
        if not data.get(self._written):
            self._answer = PlaceAnswer()
        elif data.get(self._which):
            self._answer = answer_code(data[self._which])
        elif self._which in self._form.fields:
            self._form.add_error(self._which, "Choisissez le lieu dont il s’agit.")
        elif self._answer.territory is None:
            self._form.add_error(self._written, UNKNOWN)
