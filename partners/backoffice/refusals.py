"""A refused row as people read it: why, and the fields received, those at fault first."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from carrefour.text import key
from partners.models import RejectedRow
from partners.quarantine import label_of

# A row is told by its first fields; the others open on demand.
FIRST = 4

Field = tuple[str, Any]


@dataclass(frozen=True)
class Refusal:
    """``reasons`` are (message, field label, address of its rule or ""), ``fields`` and ``more``
    are (name, value) of what was received."""

    row: RejectedRow
    reasons: list[tuple[str, str, str]]
    fields: list[Field]
    more: list[Field]


def readable(row: RejectedRow) -> Refusal:
    """The row, whatever the shape of what was received; its source must be at hand."""
    rule = reverse("backoffice:source_mapping", args=[row.source.slug])
    reasons, targets = [], []
    for error in row.errors:
        target = str(error.get("field", ""))
        label = label_of(target)
        reasons.append((error.get("message", ""), label, f"{rule}#champ-{target}" if label else ""))
        targets.append(target)
    # The database keeps no order of columns: those at fault first, then the title's.
    ranks = _ranks(row.source.mapping, [*targets, "title", "external_id"])
    fields = sorted(_fields(row.raw), key=lambda field: ranks.get(key(field[0]), len(ranks)))
    return Refusal(row, reasons, fields[:FIRST], fields[FIRST:])


def _fields(raw: Any) -> list[Field]:
    """The filled fields of the rows of a refused project."""
    rows = raw if isinstance(raw, list) else [raw]
    parts = [row if isinstance(row, dict) else {"valeur": row} for row in rows]
    return [field for part in parts for field in part.items() if field[1] not in ("", None)]


def _ranks(mapping: list[dict[str, Any]], targets: list[str]) -> dict[str, int]:
    """Column → rank, in the order in which the rules of these targets read them."""
    paths = [
        path
        for target in targets
        for rule in mapping
        if rule.get("target") == target
        for path in rule.get("paths") or [rule.get("path") or ""]
    ]
    return {key(path): rank for rank, path in reversed(list(enumerate(paths))) if path}
