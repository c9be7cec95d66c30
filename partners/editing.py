"""Staff's own words on a public record: written, compared with the partners', taken back."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from innovations import fields, publishing
from innovations.edits import usable
from innovations.models import CreditKind, FieldEdit, Innovation
from partners.publishing import republish
from partners.suppression import keep_objections_waiting


class CannotEdit(Exception):
    """``messages``: field → one French sentence that says what its value cannot be."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self.messages = dict(messages)
        super().__init__(" ".join(self.messages.values()))


@dataclass(frozen=True)
class Credit:
    """Who proposed a value, as that person asked to be named; nobody when the team wrote it."""

    kind: CreditKind | str = ""
    name: str = ""


@dataclass(frozen=True)
class Meanwhile:
    """What someone wrote on a field while another's form was open."""

    value: Any
    who: str
    at: datetime.datetime | None


class ChangedMeanwhile(Exception):
    """``changes``: field → what was written there since the form was opened."""

    def __init__(self, changes: Mapping[str, Meanwhile]) -> None:
        self.changes = dict(changes)
        super().__init__("Des champs ont changé entre-temps.")


NOBODY = Credit()


@transaction.atomic
def write_over(
    innovation: Innovation,
    values: Mapping[str, Any],
    seen: Mapping[str, str],
    *,
    author: Any,
    note: str = "",
) -> list[FieldEdit]:
    """Write these fields if they still say what their form was opened on (``seen``: digests).

    Raises ``ChangedMeanwhile``, and ``CannotEdit``, before anything is written.
    """
    take_turn()
    now = fields.shown(Innovation.objects.for_detail().get(pk=innovation.pk))
    since = [
        name
        for name in values
        if fields.digest(name, now[name]) != seen.get(name)
        and not fields.same(name, now[name], values[name])
    ]
    if since:
        edits = FieldEdit.objects.filter(innovation=innovation, field__in=since)
        by_field = {edit.field: edit for edit in edits.select_related("author")}
        raise ChangedMeanwhile({n: _meanwhile(now[n], by_field.get(n)) for n in since})
    return write(innovation, values, author=author, note=note)


def _meanwhile(value: Any, edit: FieldEdit | None) -> Meanwhile:
    if edit is None:
        return Meanwhile(value, "un partenaire", None)
    return Meanwhile(value, str(edit.author or "l’équipe"), edit.written_at)


@transaction.atomic
def write(
    innovation: Innovation,
    values: Mapping[str, Any],
    *,
    author: Any,
    note: str = "",
    credit: Credit = NOBODY,
) -> list[FieldEdit]:
    """Write these fields in the staff's name, and compose the record again.

    A value that the team had already written as it stands is left alone. Raises ``CannotEdit``
    before anything is written when some value cannot be its field's.
    """
    take_turn()
    checked = _checked(values)
    before = {e.field: e for e in FieldEdit.objects.filter(innovation=innovation)}
    written = []
    with pghistory.context(user=author.pk if author else None, motif=note):
        for field, value in checked.items():
            edit = before.get(field) or FieldEdit(innovation=innovation, field=field)
            if edit.pk and edit.value == value:
                continue
            edit.value, edit.author, edit.note = value, author, note[:300]
            edit.credit_kind, edit.credit = credit.kind, credit.name
            edit.written_at = timezone.now()
            edit.partner_value = edit.difference = edit.differs_since = None
            edit.save()
            written.append(edit)
        if written:
            republish([innovation.pk])
    return written


@transaction.atomic
def take_partners_value(edit: FieldEdit, *, author: Any, note: str = "", seen: str = "") -> None:
    """Give up the staff's value: the partners' shows again. The history keeps what was written.

    ``seen``: the ``mark`` of the edit that was judged, if that matters; raises
    ``ChangedMeanwhile``.
    """
    take_turn()
    held = _held(edit, seen)
    with pghistory.context(user=author.pk if author else None, motif=note):
        innovation = held.innovation
        held.delete()
        republish([innovation.merged_into_id or innovation.pk])


@transaction.atomic
def keep_ours(edit: FieldEdit, *, author: Any, note: str = "", seen: str = "") -> FieldEdit:
    """The partners' newer value was read, and the staff's stays; a still newer one will be told.

    ``seen``: as ``take_partners_value``.
    """
    take_turn()
    edit = _held(edit, seen)
    with pghistory.context(user=author.pk if author else None, motif=note):
        if edit.difference is not None:
            edit.partner_value = edit.difference
            edit.difference = edit.differs_since = None
            edit.save()
    return edit


def _held(edit: FieldEdit, seen: str) -> FieldEdit:
    rows = FieldEdit.objects.select_for_update(of=("self",)).select_related("innovation", "author")
    held = rows.filter(pk=edit.pk).first()
    if held is None or (seen and seen != held.mark):
        value = held.value if held else None
        raise ChangedMeanwhile({edit.field: _meanwhile(value, held)})
    return held


def take_turn() -> None:
    keep_objections_waiting()
    publishing.lock()


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    checked, wrong = {}, {}
    for field, value in values.items():
        try:
            checked[field] = usable(field, value)
        except ValueError as error:
            wrong[field] = str(error)
    if wrong:
        raise CannotEdit(wrong)
    return checked
