"""Which column tells projects apart: one value per project, the same on all its rows."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from carrefour.text import key
from partners.mapping.emptiness import is_no_identifier

# Letters and figures of one length or parted by marks: « W262001234 », « INI-2012-07 », a UUID.
CODE = re.compile(
    r"[A-Za-z]{1,6}[-_./]?\d{4,}[A-Za-z]?|[A-Z]{2,6}(?:[-_./][A-Z\d]{1,8}){1,4}"
    r"|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?=[a-z]*\d)[\da-z]{20,40}"
)


def best_identifier(
    candidates: Mapping[str, tuple[Sequence[Any], float]],
    titles: Sequence[Any] | None,
    descriptions: Sequence[Any] | None,
) -> tuple[str, float] | None:
    """(path, confidence) of the best candidate; None when none tells projects apart.

    ``candidates`` maps a path to its values and the score of its name. A project is what shares a
    title and a description (one row per place): a good identifier is the same on its rows.
    """
    projects = _projects(titles, descriptions)
    scored = {
        path: score * _fitness(values, projects) for path, (values, score) in candidates.items()
    }
    path = max(scored, key=lambda p: scored[p], default=None)
    return (path, round(scored[path], 2)) if path is not None and scored[path] >= 0.3 else None


def by_shape(columns: Sequence[Any]) -> dict[str, tuple[Sequence[Any], float]]:
    """The columns that look like an identifier whatever they are called: a code of its own on each
    row, written by a machine. Candidates for ``best_identifier``."""
    found = {}
    for rank, column in enumerate(columns):
        is_own = column.fill > 0.99 and column.distinct == len(column.values) > 3
        if not is_own or column.is_private or column.is_list or column.addresses or column.moments:
            continue
        counted = [int(s) for s in column.strings if s.isdigit()]
        is_count = rank == 0 and len(counted) == len(column.values) and counted == sorted(counted)
        if is_count or column.share(CODE.fullmatch) > 0.99:
            found[column.path] = (column.values, 0.5)
    return found


def grouping(
    titles: Sequence[Any] | None,
    chosen: Mapping[str, Sequence[tuple[str, float]]],
    columns: Mapping[str, Any],
) -> str:
    """Path of the column to group by when several rows, at different places, are one project.

    That is the identifier when it gathers them, else the title; "" when each row is a project, or
    when rows of one title have other texts.
    """
    told = chosen.get("description") or chosen.get("summary")
    place = next((chosen[t] for t in WHERE if t in chosen), None)
    if titles is None or told is None or place is None:
        return ""
    abouts, places = values_at(columns, told), values_at(columns, place)
    if abouts is None or places is None:
        return ""
    rows_of: dict[str, list[int]] = defaultdict(list)
    for index, title in enumerate(titles):
        rows_of[key(str(title or ""))].append(index)
    several = [rows for title, rows in rows_of.items() if title and len(rows) > 1]
    one = [
        rows
        for rows in several
        if len({str(abouts[i]) for i in rows}) == 1 and len({str(places[i]) for i in rows}) > 1
    ]
    if not one or len(one) < 0.7 * len(several):
        return ""
    if _gathers(chosen, columns, one):
        return str(chosen["external_id"][0][0])
    return str(chosen["title"][0][0]) if len(one) > 1 else ""


WHERE = ("place", "address", "postcode", "insee_code", "latitude", "departement")


def values_at(
    columns: Mapping[str, Any], pairs: Sequence[tuple[str, float]]
) -> Sequence[Any] | None:
    path = pairs[0][0]
    return columns[path].values if path in columns else None


def _gathers(
    chosen: Mapping[str, Sequence[tuple[str, float]]],
    columns: Mapping[str, Any],
    projects: Sequence[Sequence[int]],
) -> bool:
    """Whether the identifier is the same on the rows of most of these projects."""
    if "external_id" not in chosen:
        return False
    values = values_at(columns, chosen["external_id"]) or []
    same = sum(len({str(values[i]) for i in rows}) == 1 for rows in projects)
    return same > 0.5 * len(projects)


def _projects(titles: Sequence[Any] | None, descriptions: Sequence[Any] | None) -> list[str] | None:
    if titles is None:
        return None
    about = descriptions or [""] * len(titles)
    return [f"{key(str(t))}|{key(str(d))[:300]}" for t, d in zip(titles, about, strict=True)]


def _fitness(values: Sequence[Any], projects: Sequence[str] | None) -> float:
    """Share of identifiers that name one project, times share of projects with one identifier."""
    named = [(str(v), i) for i, v in enumerate(values) if not is_no_identifier(v)]
    if not named:
        return 0.0
    if projects is None:
        return len({v for v, _ in named}) / len(named)
    by_identifier: dict[str, set[str]] = defaultdict(set)
    by_project: dict[str, set[str]] = defaultdict(set)
    for value, index in named:
        by_identifier[value].add(projects[index])
        by_project[projects[index]].add(value)
    alone = sum(len(p) == 1 for p in by_identifier.values()) / len(by_identifier)
    united = sum(len(v) == 1 for v in by_project.values()) / len(by_project)
    return alone * united * (len(named) / len(values))
