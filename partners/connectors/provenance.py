"""What a source says of a record itself: when it was last changed, under which licence."""

import datetime
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from carrefour.text import key
from innovations.licences import Licence
from partners.mapping import choices
from partners.mapping.dates import partial_date

# Names under which software writes the last change, the surest first.
CHANGED = (
    "updated_at", "updatedat", "updated", "update_date", "date_modified", "datemodified",
    "modified_at", "modifiedat", "modified", "modification_date", "modificationdate",
    "last_modified", "lastmodified", "last_update", "changed", "date_maj", "date_mise_a_jour",
    "date_de_mise_a_jour", "date_derniere_modification", "date_modification", "derniere_maj",
    "record_timestamp",
)  # fmt: skip
DAY = len("2024-01-31")
# Plausible Unix times: 1990 to 2100, in seconds.
UNIX = range(631_152_000, 4_102_444_800)


def changed_in(data: Mapping[str, Any]) -> str:
    """When the row was last changed, as its usual columns say (ISO 8601); "" when none does."""
    for name in _telling(tuple(data)):
        if found := date_of(data[name]):
            return found
    return ""


@lru_cache(maxsize=256)
def _telling(names: tuple[str, ...]) -> tuple[str, ...]:
    """Among a row's names, those that usually tell its last change, the surest first."""
    by_name = {key(str(name)).replace(" ", "_"): name for name in names}
    return tuple(by_name[usual] for usual in CHANGED if usual in by_name)


def date_of(value: Any) -> str:
    """A moment as ISO 8601, from ISO, French writing or Unix time; "" when no day is told."""
    if isinstance(value, bool) or value in (None, ""):
        return ""
    if isinstance(value, int | float):
        return _unix(value)
    return _written(str(value).strip()[:100])


@lru_cache(maxsize=4096)
def _written(text: str) -> str:
    """Many rows change on one day."""
    if text[4:5] == "-" and len(text) > DAY:
        with suppress(ValueError):
            return datetime.datetime.fromisoformat(text).isoformat()
    day = partial_date(text) or ""
    return day if len(day) == DAY else ""


def _unix(value: float) -> str:
    seconds = value / 1000 if value >= UNIX.stop else value
    if int(seconds) not in UNIX:
        return ""
    return datetime.datetime.fromtimestamp(seconds, tz=datetime.UTC).isoformat()


def licence_of(*said: Any) -> str:
    """Our value for the first licence told, by name or address; "" when none is known."""
    for word in said:
        text = str(word or "")
        if "publicdomain/zero" in text.lower():
            return str(Licence.CC0)
        if found := choices.find(Licence, text):
            return found
    return ""
