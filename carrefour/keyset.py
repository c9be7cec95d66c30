"""Pages of a queue, whatever its length: from one row's place to the next, never by counting."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from carrefour.pagination import beyond, values_of


@dataclass(frozen=True)
class KeysetPage:
    """Some rows, and the tokens of the pages beside it ("" when there is none)."""

    rows: list[Any]
    previous: str
    next: str


def keyset_page(queryset: QuerySet, keys: Sequence[str], token: str, size: int) -> KeysetPage:
    """The page that ``token`` leads to; the first one when it leads nowhere. The last key is
    unique."""
    backward, position = _read(token, len(keys))
    rows = queryset.order_by(*keys)
    if position is not None:
        try:
            rows = beyond(rows, keys, position, backward)
        except (ValueError, TypeError, OverflowError, ValidationError):
            backward, position = False, None
    found = list((rows.reverse() if backward else rows)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    goes_on = more or backward
    goes_back = more if backward else position is not None
    return KeysetPage(
        found,
        token_of(found[0], keys, backward=True) if found and goes_back else "",
        token_of(found[-1], keys) if found and goes_on else "",
    )


def token_of(row: Model, keys: Sequence[str], *, backward: bool = False) -> str:
    return urlsafe_base64_encode(json.dumps([backward, values_of(row, keys)]).encode())


def _read(token: str, length: int) -> tuple[bool, list[Any] | None]:
    try:
        backward, values = json.loads(urlsafe_base64_decode(token))
    except (ValueError, TypeError):
        return False, None
    is_sound = isinstance(values, list) and len(values) == length
    is_sound = is_sound and all(isinstance(v, str | int | float) for v in values)
    return (bool(backward), values) if is_sound else (False, None)
