"""Staff's own words on a public record: written, compared with the partners', taken back."""

from collections.abc import Mapping
from typing import Any

import pghistory
from django.db import transaction

from innovations import publishing
from innovations.edits import usable
from innovations.models import FieldEdit, Innovation
from partners.publishing import republish
from partners.suppression import keep_objections_waiting


class CannotEdit(Exception):
    """``messages``: field → one French sentence that says what its value cannot be."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self.messages = dict(messages)
        super().__init__(" ".join(self.messages.values()))


@transaction.atomic
def write(
    innovation: Innovation, values: Mapping[str, Any], *, author: Any, note: str = ""
) -> list[FieldEdit]:
    """Write these fields in the staff's name, and compose the record again.

    A value that the team had already written as it stands is left alone. Raises ``CannotEdit``
    before anything is written when some value cannot be its field's.
    """
    _take_turn()
    checked = _checked(values)
    before = {e.field: e for e in FieldEdit.objects.filter(innovation=innovation)}
    written = []
    with pghistory.context(user=author.pk if author else None, motif=note):
        for field, value in checked.items():
            edit = before.get(field) or FieldEdit(innovation=innovation, field=field)
            if edit.pk and edit.value == value:
                continue
            edit.value, edit.author, edit.note = value, author, note
            edit.partner_value = edit.difference = edit.differs_since = None
            edit.save()
            written.append(edit)
        if written:
            republish([innovation.pk])
    return written


@transaction.atomic
def take_partners_value(edit: FieldEdit, *, author: Any, note: str = "") -> None:
    """Give up the staff's value: the partners' shows again. The history keeps what was written."""
    _take_turn()
    with pghistory.context(user=author.pk if author else None, motif=note):
        innovation = edit.innovation
        edit.delete()
        republish([innovation.merged_into_id or innovation.pk])


@transaction.atomic
def keep_ours(edit: FieldEdit, *, author: Any, note: str = "") -> FieldEdit:
    """The partners' newer value was read, and the staff's stays; a still newer one will be told."""
    _take_turn()
    edit = FieldEdit.objects.select_for_update().get(pk=edit.pk)
    with pghistory.context(user=author.pk if author else None, motif=note):
        if edit.difference is not None:
            edit.partner_value = edit.difference
            edit.difference = edit.differs_since = None
            edit.save()
    return edit


def _take_turn() -> None:
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
