"""What the pages of the essaimage tell staff in the same words."""

from django.contrib import messages
from django.db import models
from django.http import HttpRequest

from essaimage import personal
from essaimage.personal import Noticed

TEXTS = (models.CharField, models.TextField, models.JSONField)
# What staff say of the row to one another.
INNER = {"publication_reason"}


def looked_at(row: models.Model) -> list[tuple[str, Noticed]]:
    """(name of the field, what looks like someone's own data) of all that the row says."""
    fields = {
        field.name: field
        for field in row._meta.concrete_fields
        if isinstance(field, TEXTS) and field.name not in INNER
    }
    said = personal.noticed({n: field.value_from_object(row) for n, field in fields.items()})
    return [(str(fields[one.field].verbose_name), one) for one in said]


def warn(request: HttpRequest, row: models.Model) -> None:
    """What staff write is public at once: told when it looks like someone's own data."""
    for label, one in looked_at(row):
        messages.warning(
            request,
            f"« {label} » semble contenir une donnée personnelle : {one.kind} "
            f"({one.excerpt}). Retirez-la si elle est celle d’une personne.",
        )
