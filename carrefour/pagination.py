"""Keyset pagination for the API: no gap and no duplicate while records change.

Django REST framework's ``CursorPagination`` follows one column and counts the rows that share its
value; a harvest publishes thousands of records at the same instant. Here the cursor holds the whole
sorting key, whose last part is unique, so that any page costs the same.
"""

import json
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Model, Q, QuerySet
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param


def refuse(parameter: str, code: str, message: str) -> ValidationError:
    return ValidationError({parameter: [ErrorDetail(message, code=code)]})


class ApiPagination(BasePagination):
    """Pages of a queryset, forward and backward, along one of the view's ``orderings``.

    ``view.orderings``: name given in the address → sorting keys (« -published_at », « -pk »), the
    last one unique and none of them null; the first name is the default.
    """

    page_size = 20
    max_page_size = 100
    cursor_parameter = "cursor"
    size_parameter = "page_size"
    ordering_parameter = "ordering"
    parameters = (cursor_parameter, size_parameter, ordering_parameter)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page asked for. Raises ``ValidationError`` naming the wrong parameter."""
        self.request = request
        self.ordering, keys = self._ordering(request, view.orderings)
        self.keys = keys
        size = self._size(request)
        backward, position = self._position(request)
        queryset = queryset.order_by(*keys)
        if position is not None:
            try:
                queryset = beyond(queryset, self.keys, position, backward)
            except (ValueError, TypeError, OverflowError, InvalidValue):
                raise self._wrong_cursor() from None
        if backward:
            queryset = queryset.reverse()
        rows = list(queryset[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backward:
            rows.reverse()
        started = position is not None
        self.next = self._link(rows[-1], False) if rows and (more or backward) else None
        goes_back = more if backward else started
        self.previous = self._link(rows[0], True) if rows and goes_back else None
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "Adresse de la page suivante, ou null."},
                "previous": {**link, "description": "Adresse de la page précédente, ou null."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        names = list(view.orderings)
        return [
            _parameter(self.cursor_parameter, {"type": "string"}, "Position dans la liste : "
                       "suivez les liens « next » et « previous » plutôt que de la construire."),
            _parameter(self.size_parameter, {**size, "default": self.page_size},
                       f"Nombre d’éléments par page, de 1 à {self.max_page_size}."),
            _parameter(self.ordering_parameter,
                       {"type": "string", "enum": names, "default": names[0]},
                       f"Ordre de la liste. {view.orderings_help}"),
        ]  # fmt: skip

    def _ordering(
        self, request: Request, orderings: Mapping[str, Sequence[str]]
    ) -> tuple[str, Sequence[str]]:
        name = request.query_params.get(self.ordering_parameter) or next(iter(orderings))
        if name not in orderings:
            known = ", ".join(orderings)
            raise refuse(
                self.ordering_parameter,
                "invalid_choice",
                f"Ordre inconnu : « {name} ». Ordres possibles : {known}.",
            )
        return name, orderings[name]

    def _size(self, request: Request) -> int:
        text = request.query_params.get(self.size_parameter) or str(self.page_size)
        if not (text.isdecimal() and len(text) < 5 and 1 <= int(text) <= self.max_page_size):
            raise refuse(
                self.size_parameter, "invalid", f"Attendu : un nombre de 1 à {self.max_page_size}."
            )
        return int(text)

    def _position(self, request: Request) -> tuple[bool, list[Any] | None]:
        """(backward, values of the sorting keys to go beyond), or (False, None) at the start."""
        token = request.query_params.get(self.cursor_parameter)
        if not token:
            return False, None
        try:
            ordering, backward, values = json.loads(urlsafe_base64_decode(token))
        except (ValueError, TypeError):
            raise self._wrong_cursor() from None
        sound = (
            ordering == self.ordering
            and isinstance(values, list)
            and len(values) == len(self.keys)
            and all(isinstance(v, str | int | float) and "\0" not in str(v) for v in values)
        )
        if not sound:
            raise self._wrong_cursor()
        return bool(backward), values

    def _wrong_cursor(self) -> ValidationError:
        return refuse(
            self.cursor_parameter,
            "invalid_cursor",
            "Position illisible ou faite pour un autre ordre : repartez de la première page.",
        )

    def _link(self, row: Model, backward: bool) -> str:
        plain = values_of(row, self.keys)
        token = urlsafe_base64_encode(json.dumps([self.ordering, backward, plain]).encode())
        address = remove_query_param(self.request.build_absolute_uri(), self.cursor_parameter)
        return replace_query_param(address, self.cursor_parameter, token)


def beyond(
    queryset: QuerySet, keys: Sequence[str], values: Sequence[Any], backward: bool
) -> QuerySet:
    """Rows after these values along the keys; the first bound alone lets an index serve.

    Raises what the database's fields raise of a value that is not theirs.
    """
    condition, bound = Q(), Q()
    equal: dict[str, Any] = {}
    for rank, (key, value) in enumerate(zip(keys, values, strict=True)):
        name = key.removeprefix("-")
        way = "lt" if key.startswith("-") != backward else "gt"
        if rank == 0:
            bound = Q(**{f"{name}__{way}e": value})
        condition |= Q(**equal, **{f"{name}__{way}": value})
        equal[name] = value
    return queryset.filter(bound, condition)


def values_of(row: Model, keys: Sequence[str]) -> list[Any]:
    """A row's place along the keys, as JSON."""
    values = [attrgetter(key.removeprefix("-").replace("__", "."))(row) for key in keys]
    return [v.isoformat() if hasattr(v, "isoformat") else v for v in values]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "required": False,
        "in": "query",
        "description": description,
        "schema": schema,
    }
