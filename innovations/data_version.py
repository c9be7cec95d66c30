"""The version of the public data, on which the entity tags of pages rest; see carrefour.caching."""

from django.db import connection
from django.db.models import Max, Sum

from carrefour.caching import DataVersion
from innovations.models import DataChange

# One statement: a reader sees the rows, or the row that stands for them, never neither.
SUM_UP = """
WITH gone AS (
    DELETE FROM innovations_datachange
    WHERE (SELECT count(*) FROM innovations_datachange) > 1 RETURNING weight)
INSERT INTO innovations_datachange (weight, at)
SELECT sum(weight), clock_timestamp() FROM gone HAVING count(*) > 0
"""


def current() -> DataVersion:
    """The version as committed; one query of a few rows."""
    found = DataChange.objects.aggregate(number=Sum("weight"), at=Max("at"))
    return DataVersion(int(found["number"] or 0), found["at"])


def sum_up() -> None:
    """Put the changes noted so far into one row; the version stays the same.

    Its moment is that of now: who asks by the date alone (If-Modified-Since) then also sees what a
    long transaction wrote before the date that he was told.
    """
    with connection.cursor() as cursor:
        cursor.execute(SUM_UP)
