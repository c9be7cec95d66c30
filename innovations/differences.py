"""What partners say since staff wrote: a newer value waits, to be taken or left."""

import datetime
from collections.abc import Sequence
from typing import Any

from innovations.composition import Composed
from innovations.models import FieldEdit, Innovation

WRITTEN = ["partner_value", "difference", "differs_since"]


def note(pairs: Sequence[tuple[Innovation, Composed]], now: datetime.datetime) -> None:
    """Compare, edit by edit, what the partners say now with what they said when it was written."""
    said = {i.pk: c.under_edits for i, c in pairs if c.under_edits}
    if not said:
        return
    changed, met = [], set()
    for edit in FieldEdit.objects.of(said):
        subject = edit.subject  # type: ignore[attr-defined]
        applies = (subject, edit.field) not in met
        met.add((subject, edit.field))
        if applies and _compare(edit, said[subject].get(edit.field), now):
            changed.append(edit)
    FieldEdit.objects.bulk_update(changed, WRITTEN)


def _compare(edit: FieldEdit, said: Any, now: datetime.datetime) -> bool:
    """Set what the edit knows of the partners' value; whether anything changed."""
    before = (edit.partner_value, edit.difference)
    if edit.partner_value is None:
        edit.partner_value = {"value": said}
    is_news = said not in (None, "", [], {}, edit.value, edit.partner_value["value"])
    edit.difference = {"value": said} if is_news else None
    if (edit.partner_value, edit.difference) == before:
        return False
    edit.differs_since = now if is_news else None
    return True
