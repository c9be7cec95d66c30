"""What staff write is public at once: told when it looks like someone's own data, never blocked."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from innovations.record_page import field_label
from partners.screening import label_of
from partners.screening.reading import looked_at


def warn(request: HttpRequest, values: Mapping[str, Any]) -> None:
    """Say which of these fields, just written, seem to hold personal data."""
    for name, value in values.items():
        told = {f"{label_of(d.kind).lower()} ({d.masked})": None for d in looked_at(value)}
        if told:
            messages.warning(
                request,
                f"Enregistré, et public : « {field_label(name)} » semble contenir une donnée "
                f"personnelle, {', '.join(told)}. Retirez-la si elle est celle d’une personne.",
            )
