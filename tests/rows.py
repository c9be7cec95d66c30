"""How many rows a page fetches from the database, whatever the number of queries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass
class Rows:
    count: int = 0


@contextmanager
def counting_rows() -> Iterator[Rows]:
    """Count the rows that statements give back, read or not."""
    rows = Rows()

    def wrapper(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        result = execute(sql, params, many, context)
        cursor = context["cursor"]
        if cursor.description is not None:
            rows.count += max(cursor.rowcount, 0)
        return result

    with connection.execute_wrapper(wrapper):
        yield rows
