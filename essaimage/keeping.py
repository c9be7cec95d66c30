"""Rows that staff write whole: what someone else wrote meanwhile is told before it is lost."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pghistory
from django.db import models, transaction

LONGEST = 300
# What mails write of themselves: nobody wrote or decided anything.
BY_MAILS = {"aside_told_at"}


class ChangedMeanwhile(Exception):
    """Nothing is written; ``beside``: (label, what the row says now) of what differs from what was
    typed; ``mark``: of the row as it is now."""

    message = (
        "Quelqu’un a enregistré des changements entre-temps. Comparez avec ce qui est dit "
        "maintenant, puis enregistrez de nouveau ce que vous voulez garder."
    )

    def __init__(self, beside: list[tuple[str, str]], mark: str) -> None:
        self.beside, self.mark = beside, mark
        super().__init__(self.message)


def mark(row: models.Model) -> str:
    """Changes whenever the row does: what is written, or decided, is what was read."""
    read = [f for f in row._meta.concrete_fields if f.name not in BY_MAILS]
    said = {f.attname: str(f.value_from_object(row)) for f in read}
    for field in row._meta.many_to_many:
        linked = getattr(row, field.name).order_by("pk") if row.pk else ()
        said[field.name] = ",".join(str(one.pk) for one in linked)
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def held(row: models.Model, seen: str, typed: Mapping[str, Any]) -> Any:
    """The row, locked until the end of the transaction. Raises ``ChangedMeanwhile`` when it is no
    longer the one that was ``seen``."""
    kept = type(row)._base_manager.select_for_update().get(pk=row.pk)
    if (now := mark(kept)) != seen:
        raise ChangedMeanwhile(_beside(kept, typed), now)
    return kept


@transaction.atomic
def write(row: Any, typed: Mapping[str, Any], *, seen: str, author: Any, motive: str) -> Any:
    """Write these fields (field → value, lists of rows included) on a row of the database, or make
    it when it has no key yet. Raises ``ChangedMeanwhile``, and ``ValidationError``."""
    with pghistory.context(user=author.pk, motif=motive):
        kept = held(row, seen, typed) if row.pk else row
        lists = {f.name for f in kept._meta.many_to_many}
        for name, value in typed.items():
            if name not in lists:
                setattr(kept, name, value)
        kept.full_clean()
        kept.save()
        for name in lists & set(typed):
            getattr(kept, name).set(typed[name])
    return kept


def readable(row: models.Model, name: str) -> str:
    """What the row says in this field, as people read it."""
    field: Any = row._meta.get_field(name)
    if field.many_to_many:
        return ", ".join(str(one) for one in getattr(row, name).all())
    value = getattr(row, name)
    if isinstance(value, list):
        return " ; ".join(str(one) for one in value)
    said = dict(field.choices or ()).get(value, value)
    return "" if said is None else str(said)[:LONGEST]


def _beside(kept: models.Model, typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    fields: Any = kept._meta
    return [
        (str(fields.get_field(name).verbose_name).capitalize(), readable(kept, name))
        for name in typed
        if not _same(kept, name, typed[name])
    ]


def _same(kept: models.Model, name: str, value: Any) -> bool:
    if kept._meta.get_field(name).many_to_many:
        return _keys(getattr(kept, name).all()) == _keys(value)
    return bool(getattr(kept, name) == value)


def _keys(rows: Iterable[models.Model]) -> set[Any]:
    return {row.pk for row in rows}
