"""The page where staff write a record: each field beside what the partners say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict

from innovations import fields
from innovations.fields import SECTIONS, EditableField
from innovations.inputs import RecordForm, form_over, initial, input_of
from innovations.models import FieldEdit, Innovation, Term
from partners import statements
from partners.editing import Meanwhile
from partners.statements import Statement

SEEN = "vu-"


class EnrichForm(RecordForm):
    note = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="Gardé dans l’historique avec votre nom : d’où vient ce que vous écrivez.",
    )

    def mark(self, field: forms.BoundField) -> str:
        return " (obligatoire)" if field.field.required else ""


@dataclass(frozen=True)
class Said:
    """One partner's words beside a field."""

    statement: Statement
    text: str
    key: str


@dataclass(frozen=True)
class Card:
    """One field: its inputs, who wrote what is shown, what is said otherwise."""

    field: EditableField
    bound: Sequence[forms.BoundField]
    seen: str
    edit: FieldEdit | None
    said: Sequence[Said]
    difference: str
    meanwhile: Meanwhile | None = None
    meanwhile_text: str = ""

    @property
    def shown_from(self) -> Statement | None:
        return next((s.statement for s in self.said if s.statement.is_shown), None)

    @property
    def is_wrong(self) -> bool:
        return any(bound.errors for bound in self.bound)


@dataclass
class EnrichPage:
    """``typed``: what was sent, or None when the page is opened."""

    innovation: Innovation
    typed: QueryDict | None = None
    meanwhile: Mapping[str, Meanwhile] = field(default_factory=dict)

    @cached_property
    def now(self) -> dict[str, Any]:
        return fields.shown(self.innovation)

    @cached_property
    def statements(self) -> dict[str, list[Statement]]:
        return statements.of(self.innovation)

    @cached_property
    def edits(self) -> dict[str, FieldEdit]:
        found = FieldEdit.objects.of([self.innovation.pk]).select_related("author")
        # The record's own first: it stands before those of the records merged into it.
        return {edit.field: edit for edit in reversed(list(found))}

    @cached_property
    def form(self) -> RecordForm:
        asked = list(fields.FIELDS.values())
        return form_over(asked, EnrichForm)(self.typed, initial=initial(asked, self.now))

    @cached_property
    def labels(self) -> dict[str, str]:
        """« theme:emploi » → « Emploi »."""
        rows = Term.objects.values_list("vocabulary", "code", "label")
        return {f"{vocabulary}:{code}": label for vocabulary, code, label in rows}

    @cached_property
    def sections(self) -> list[tuple[fields.Section, list[Card]]]:
        return [(section, [self._card(f) for f in section.fields]) for section in SECTIONS]

    @property
    def problems(self) -> list[Card]:
        """The fields to look at before it can be saved."""
        return [c for _, cards in self.sections for c in cards if c.is_wrong or c.meanwhile]

    def seen(self) -> dict[str, str]:
        """Field → digest of the value that the form was opened on."""
        sent: Mapping[str, Any] = self.typed or {}
        return {n: sent.get(SEEN + n) or fields.digest(n, self.now[n]) for n in fields.FIELDS}

    def changed(self) -> dict[str, Any]:
        """The fields that the person wrote otherwise than the form showed them."""
        seen = self.seen()
        typed = self.form.typed()
        return {n: v for n, v in typed.items() if fields.digest(n, v) != seen[n]}

    def fill(self, name: str, value: Any) -> None:
        """Put a value into the form, as if it had been typed, and nothing else."""
        if self.typed is None:
            return
        asks = input_of(fields.FIELDS[name])
        for form_name, said in zip(asks.names, asks.initial(value), strict=True):
            self.typed.setlist(form_name, _sent(said))

    def look_again(self, name: str) -> None:
        """The person has been shown what the field says now."""
        if self.typed is not None:
            self.typed[SEEN + name] = fields.digest(name, self.now[name])

    def show_as_typed(self) -> None:
        """The form as it stands, which nobody asked to save yet: without reproaches."""
        bound = self.form
        typed: Any = self.typed
        said = {n: f.widget.value_from_datadict(typed, {}, n) for n, f in bound.fields.items()}
        self.__dict__["form"] = type(bound)(initial=said)

    def readable(self, name: str, value: Any) -> str:
        return fields.readable(name, value, self.labels if name == "terms" else None)

    def _card(self, asked: EditableField) -> Card:
        name = asked.name
        edit = self.edits.get(name)
        meanwhile = self.meanwhile.get(name)
        waits = edit.difference if edit and edit.difference else None
        return Card(
            field=asked,
            bound=self.form.bound(asked),
            seen=fields.digest(name, self.now[name]) if meanwhile else self.seen()[name],
            edit=edit,
            said=[
                Said(s, self.readable(name, s.value), f"{name}|{s.record_id}")
                for s in self.statements.get(name, ())
            ],
            difference=self.readable(name, waits["value"]) if waits else "",
            meanwhile=meanwhile,
            meanwhile_text=self.readable(name, meanwhile.value) if meanwhile else "",
        )


def _sent(value: Any) -> list[str]:
    """A value as a browser sends it."""
    if isinstance(value, list):
        return [str(v) for v in value]
    if isinstance(value, bool):
        return ["on"] if value else []
    return ["" if value is None else str(value)]
