"""Writing a replication field by field: what two people write at once is never lost."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction

from essaimage.models import Replication
from essaimage.tagging import follow

# What staff may write; the state and the publication have verbs of their own.
TEXTS = (
    "repreneur_name", "sector", "service", "network", "approach", "extent", "take_up", "summary",
    "adaptation", "kept", "changed", "changed_by", "workshop", "results", "lessons",
)  # fmt: skip
LISTS = ("forms", "strategies", "dynamics")
LINKED = ("parent", "repreneur", "territory")
FIELDS = (*LINKED, *TEXTS, *LISTS, "partners", "evidence")


@dataclass(frozen=True)
class Meanwhile:
    """A field that someone else wrote while the form was open: what it says now."""

    label: str
    value: Any


class ChangedMeanwhile(Exception):
    """Nothing is written; ``changes``: field → what someone else wrote there."""

    def __init__(self, changes: dict[str, Meanwhile]) -> None:
        self.changes = changes
        super().__init__("Modifiée entre-temps.")


def values(replication: Replication) -> dict[str, Any]:
    """Field → what it holds: texts, lists, references, and the numbers of what it points to."""
    told: dict[str, Any] = {name: getattr(replication, f"{name}_id") for name in LINKED}
    told |= {name: getattr(replication, name) for name in (*TEXTS, "evidence")}
    told |= {name: sorted(getattr(replication, name)) for name in LISTS}
    told["partners"] = sorted(o.pk for o in replication.partners.all()) if replication.pk else []
    return told


def digest(value: Any) -> str:
    """What a form remembers of the value that it was opened on."""
    said = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def mark(replication: Replication) -> str:
    """Changes whenever the replication does: what is decided is what was read."""
    return digest([replication.publication, replication.state, values(replication)])


def label_of(name: str) -> str:
    field: Any = Replication._meta.get_field(name)
    return str(field.verbose_name)


def plain(name: str, value: Any) -> Any:
    """A form's value as ``values`` gives it."""
    if name in LINKED:
        return value.pk if value else None
    if name == "partners":
        return sorted(o.pk for o in value)
    if name in LISTS:
        return sorted(value)
    # As browsers send the ends of lines.
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def write(
    replication: Replication,
    typed: Mapping[str, Any],
    seen: Mapping[str, str],
    *,
    author: Any,
    reason: str,
) -> list[str]:
    """Write the fields typed otherwise than ``seen`` (field → digest); returns their names.

    ``typed``: field → the form's value. Raises ``ChangedMeanwhile`` when someone else wrote one of
    them since, ``ValidationError`` for what cannot be.
    """
    with transaction.atomic(), pghistory.context(user=author.pk, motif=reason):
        held = Replication.objects.select_for_update().get(pk=replication.pk)
        now = values(held)
        wanted = {name: plain(name, value) for name, value in typed.items()}
        changed = [n for n in wanted if digest(wanted[n]) != seen[n]]
        if beside := {
            n: Meanwhile(label_of(n), now[n])
            for n in changed
            if digest(now[n]) != seen[n] and now[n] != wanted[n]
        }:
            raise ChangedMeanwhile(beside)
        fill(held, {n: typed[n] if n in (*LINKED, "partners") else wanted[n] for n in changed})
        if columns := [n for n in changed if n != "partners"]:
            held.save(update_fields=columns)
        if "partners" in changed:
            held.partners.set(typed["partners"])
        if "forms" in changed:
            follow([held.innovation_id])
        return changed


def fill(row: Replication, given: Mapping[str, Any]) -> None:
    """Put these values on the row, not saved. Raises ``ValidationError`` for what cannot be."""
    for name, value in given.items():
        if name != "partners":
            setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        # A field that this form does not ask for is told above it.
        known = {n if n in FIELDS else "__all__": e for n, e in error.message_dict.items()}
        raise ValidationError(known) from error


def readable(name: str, value: Any) -> str:
    """What ``values`` gives of this field, as people read it; "" when it says nothing."""
    field: Any = Replication._meta.get_field(name)
    if name == "evidence":
        return "\n".join(" · ".join(str(v) for v in one.values() if v) for one in value or ())
    if name in LINKED:
        row = field.related_model._base_manager.filter(pk=value).first() if value else None
        return str(row or "")
    if name == "partners":
        rows = field.related_model._base_manager.filter(pk__in=value).order_by("name")
        return "\n".join(str(row) for row in rows)
    if name in LISTS:
        labels = dict(field.base_field.choices)
        return ", ".join(str(labels.get(one, one)) for one in value)
    return str(dict(field.choices or ()).get(value, value))
