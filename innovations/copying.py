"""Rows written many at a time: ids known beforehand, COPY for new ones, one UPDATE for the others.

Triggers see each row as usual: the history is kept. Nothing of a session is used (no temporary
table), so that a connection pooler in transaction mode does.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone

Model = type[models.Model]


def next_ids(model: Model, number: int) -> list[int]:
    """Primary keys taken from the table's sequence, for rows to be written soon."""
    if not number:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, number],
        )
        return [pk for (pk,) in cursor.fetchall()]


def insert(model: Model, rows: Sequence[models.Model]) -> None:
    """Write new rows by COPY; their primary keys are set. What is « auto now » is filled."""
    if not rows:
        return
    _stamp(model, rows)
    fields = model._meta.concrete_fields
    columns = [str(f.column) for f in fields]
    readers = [(f.attname, _writer(f)) for f in fields]
    copy(model, columns, ([write(row.__dict__[name]) for name, write in readers] for row in rows))
    for row in rows:
        row._state.adding = False


def copy(model: Model, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY of tuples in the order of ``columns``, as PostgreSQL reads them."""
    quoted = ", ".join(f'"{c}"' for c in columns)
    statement = f'COPY "{model._meta.db_table}" ({quoted}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as written:
        for row in rows:
            written.write_row(row)


def insert_free(model: Model, rows: Sequence[models.Model], order: str) -> set[int]:
    """Write the new rows that clash with no other; returns the primary keys of those written.

    A row that another transaction is about to write is waited for. They are written in the order
    of the column ``order``: two transactions at once cannot wait for each other.
    """
    if not rows:
        return set()
    _stamp(model, rows)
    names = ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {names} '
            f'FROM json_populate_recordset(NULL::"{table}", %s) ORDER BY "{order}" '
            "ON CONFLICT DO NOTHING RETURNING id",
            [_document(rows, [f.attname for f in model._meta.concrete_fields])],
        )
        return {pk for (pk,) in cursor.fetchall()}


def update(model: Model, rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of known rows in one statement."""
    if not rows:
        return
    chosen = [f for f in model._meta.concrete_fields if f.name in fields]
    table, key = model._meta.db_table, model._meta.pk
    assignments = ", ".join(f'"{f.column}" = given."{f.column}"' for f in chosen)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET {assignments} '
            f'FROM json_populate_recordset(NULL::"{table}", %s) AS given '
            f'WHERE "{table}"."{key.column}" = given."{key.column}"',
            [_document(rows, [key.attname, *(f.attname for f in chosen)])],
        )


def _document(rows: Sequence[models.Model], names: Sequence[str]) -> str:
    """The rows as one JSON document, columns by name."""
    columns = {f.attname: f.column for f in rows[0]._meta.concrete_fields}
    told = [{columns[name]: row.__dict__[name] for name in names} for row in rows]
    return json.dumps(told, ensure_ascii=False, default=str)


def _stamp(model: Model, rows: Sequence[models.Model]) -> None:
    now = timezone.now()
    for field in _stamped(model):
        for row in rows:
            if row.__dict__[field] is None:
                row.__dict__[field] = now


@cache
def _stamped(model: Model) -> list[str]:
    return [
        f.attname
        for f in model._meta.concrete_fields
        if getattr(f, "auto_now", False) or getattr(f, "auto_now_add", False)
    ]


@cache
def _writer(field: models.Field) -> Callable[[Any], Any]:
    """How a field's value is given to COPY."""
    if isinstance(field, models.JSONField):
        return as_json
    return as_array if isinstance(field, ArrayField) else _as_is


def as_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def as_array(values: Iterable[Any] | None) -> str | None:
    """An array of numbers or texts, as PostgreSQL writes them."""
    if values is None:
        return None
    return "{" + ",".join(str(v) if isinstance(v, int) else _quoted(v) for v in values) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _as_is(value: Any) -> Any:
    return value
