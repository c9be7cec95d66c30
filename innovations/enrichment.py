"""What only the staff writes of an innovation: its economic model, means and documentation.

Each is told as edits named « economics.payers », composed like any other field (a merged record
keeps its own words before those of the records merged into it), and kept in a table of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models

from innovations.composition import Composed
from innovations.models import Documentation, EconomicModel, Innovation, Means

TABLES: dict[str, type[models.Model]] = {
    "documentation": Documentation,
    "means": Means,
    "economics": EconomicModel,
}


def columns(family: str) -> list[str]:
    """The fields of a family, in the order in which they are shown."""
    fields = TABLES[family]._meta.concrete_fields
    return [f.name for f in fields if not f.primary_key]


FIELDS = tuple(f"{family}.{name}" for family in TABLES for name in columns(family))


def label(field: str) -> str:
    family, _, name = field.partition(".")
    known = TABLES[family]._meta.concrete_fields
    return next(str(f.verbose_name) for f in known if f.name == name)


def is_told(names: Iterable[str]) -> bool:
    """Whether some of these fields are the staff's own."""
    return any(name.partition(".")[0] in TABLES for name in names)


def value_of(innovation: Innovation, field: str) -> Any:
    """What the record shows; None when nothing was ever told."""
    family, _, name = field.partition(".")
    found = getattr(getattr(innovation, family, None), name, None)
    return float(found) if name in EconomicModel.NUMBERS and found is not None else found


def replace(pairs: Sequence[tuple[Innovation, Composed]]) -> None:
    """Write what was composed; what the staff took back is emptied."""
    for family, model in TABLES.items():
        rows = [row for pair in pairs if (row := _row(family, model, *pair))]
        written = {row.pk for row in rows}
        emptied = [innovation.pk for innovation, _ in pairs if innovation.pk not in written]
        model._base_manager.filter(innovation__in=emptied).delete()
        model._base_manager.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["innovation"],
            update_fields=columns(family),
        )


def _row(
    family: str, model: type[models.Model], innovation: Innovation, composed: Composed
) -> models.Model | None:
    told = {name: composed.values.get(f"{family}.{name}") for name in columns(family)}
    said = {name: value for name, value in told.items() if value not in (None, "", [])}
    return model(innovation_id=innovation.pk, **said) if said else None


def touched(
    pairs: Sequence[tuple[Innovation, Composed]], before: Mapping[int, Iterable[str]]
) -> list[tuple[Innovation, Composed]]:
    """The pairs whose own words changed or may have; ``before``: id → fields told until now."""
    return [
        (innovation, composed)
        for innovation, composed in pairs
        if is_told(composed.origins) or is_told(before.get(innovation.pk, ()))
    ]
