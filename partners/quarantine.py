"""What partners sent that could not be used: why, how many, and as a file to send back to them."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from carrefour import spreadsheets
from partners.mapping.targets import TARGETS
from partners.models import RejectedRow

COLUMNS = ("source", "où", "identifiant", "champ", "motif", "ligne brute")
# A reason that quotes the value: « Année illisible : « vers 2012 ». »
QUOTED = re.compile("[ \u00a0]: «")

BY_REASON = """
    SELECT coalesce(e->>'field', ''), coalesce(e->>'code', ''), count(DISTINCT r.id),
           min(e->>'message'), max(e->>'message')
      FROM partners_rejectedrow r, jsonb_array_elements(r.errors) e
     WHERE r.id IN ({rows})
     GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
BY_SOURCE = """
    SELECT r.source_id, coalesce(e->>'field', ''), coalesce(e->>'code', ''), count(DISTINCT r.id)
      FROM partners_rejectedrow r, jsonb_array_elements(r.errors) e
     WHERE r.source_id = ANY(%s) GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Reason:
    """Why ``count`` rows are refused; ``text`` in French, without what each row says."""

    field: str
    code: str
    text: str
    count: int

    @property
    def label(self) -> str:
        """The French name of the field at fault."""
        return label_of(self.field)


def label_of(target: str) -> str:
    """The French name of a mapping target; "" when the fault is of no field."""
    return TARGETS[target].label if target in TARGETS else ""


def reasons(rows: QuerySet[RejectedRow]) -> list[Reason]:
    """The reasons of these rows, the most frequent first, in one query."""
    inside, parameters = rows.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(BY_REASON.format(rows=inside), parameters)
        found = cursor.fetchall()
    return [
        Reason(field, code, first if first == last else _common(first or ""), count)
        for field, code, count, first, last in found
    ]


def _common(message: str) -> str:
    """The part of a message that does not depend on the row: before what it quotes."""
    head, *quoted = QUOTED.split(message, maxsplit=1)
    return f"{head}." if quoted else message


def reasons_by_source(source_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Source → « champ:code » → number of its refused rows, in one query."""
    found: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(BY_SOURCE, [list(source_ids)])
        for source_id, field, code, count in cursor.fetchall():
            found.setdefault(source_id, {})[f"{field}:{code}"] = count
    return found


def with_reason(rows: QuerySet[RejectedRow], field: str, code: str) -> QuerySet[RejectedRow]:
    """Those refused for this reason; all when neither is given."""
    wanted = {name: said for name, said in (("field", field), ("code", code)) if said}
    return rows.filter(errors__contains=[wanted]) if wanted else rows


def in_order(rows: QuerySet[RejectedRow]) -> QuerySet[RejectedRow]:
    """Source by source, as the rows were read."""
    return rows.select_related("source").order_by("source__name", "source", "pk")


def spreadsheet(rows: QuerySet[RejectedRow]) -> Iterator[str]:
    """The rows as the lines of a CSV file, one per reason, for the partner to mend them."""
    return spreadsheets.lines(_told(rows))


def _told(rows: QuerySet[RejectedRow]) -> Iterator[Sequence[Any]]:
    yield COLUMNS
    for row in rows.iterator(chunk_size=500):
        raw = json.dumps(row.raw, ensure_ascii=False)
        for error in row.errors or [{}]:
            field = str(error.get("field", ""))
            yield [
                row.source.name, row.position, row.external_id, label_of(field) or field,
                error.get("message"), raw,
            ]  # fmt: skip
