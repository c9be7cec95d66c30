"""Answering the differences that wait: the partner's newer value taken, or the staff's kept.

Many at once, journaled, undone as a whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from innovations import bulk
from innovations.models import BulkAction, FieldEdit
from innovations.record_page import field_label
from partners.publishing import republish
from partners.suppression import take_turn

TAKEN, KEPT = "Valeur du partenaire prise", "Valeur de l’équipe gardée"
COLUMNS = ("innovation_id", "field", "value", "partner_value", "difference", "note", "author_id")


def answer(
    edits: Sequence[int],
    *,
    takes: bool,
    author: Any,
    note: str = "",
    seen: Mapping[int, str] | None = None,
) -> BulkAction:
    """Take the partners' values of these edits, or keep the staff's.

    Those that no longer differ, or whose ``mark`` is not that which was ``seen``, are left alone.
    """
    label, judged = TAKEN if takes else KEPT, seen or {}
    with bulk.recorded(DIFFERENCES, edits, label, author=author, reason=note) as action:
        rows = FieldEdit.objects.differing().filter(pk__in=edits).select_related("innovation")
        differing = rows.select_for_update(of=("self",))
        concerned = [e for e in differing if (judged.get(e.pk) or e.mark) == e.mark]
        if takes:
            FieldEdit.objects.filter(pk__in=[e.pk for e in concerned]).delete()
            republish({e.innovation.merged_into_id or e.innovation_id for e in concerned})
        else:
            for edit in concerned:
                edit.partner_value = edit.difference
                edit.difference = edit.differs_since = None
            FieldEdit.objects.bulk_update(
                concerned, ["partner_value", "difference", "differs_since"]
            )
    return action


def _read(ids: Sequence[int]) -> dict[int, Any]:
    return {
        edit.pk: {name: getattr(edit, name) for name in COLUMNS}
        | {"differs_since": edit.differs_since.isoformat() if edit.differs_since else None}
        for edit in FieldEdit.objects.filter(pk__in=ids)
    }


def _restore(states: bulk.States, author: Any) -> set[int]:
    """The edits as they were; one whose field was written again meanwhile is left alone."""
    restored = set()
    for pk, before in states.items():
        if before is None:
            continue
        since = before["differs_since"]
        values = {**before, "differs_since": parse_datetime(since) if since else None}
        try:
            with transaction.atomic():
                FieldEdit.objects.update_or_create(pk=pk, defaults=values)
        except IntegrityError:
            continue
        restored.add(pk)
    rows = FieldEdit.objects.filter(pk__in=restored)
    republish(
        {into or own for own, into in rows.values_list("innovation", "innovation__merged_into")}
    )
    return restored


def _names(ids: Sequence[int]) -> dict[int, tuple[str, int | None]]:
    found = FieldEdit.objects.filter(pk__in=ids)
    rows = found.values_list("pk", "innovation__title", "field", "innovation")
    return {pk: (f"{title} – {field_label(name)}", i) for pk, title, name, i in rows}


DIFFERENCES = bulk.register(
    bulk.Kind("differences", "innovations.change_fieldedit", _read, _restore, _names, take_turn)
)
