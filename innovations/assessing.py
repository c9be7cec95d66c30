"""Completeness of public records, written for many at once from what their tables say."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

from django.db import connection

from innovations import copying
from innovations.models import Completeness, Reproduction
from innovations.quality import Assessment, Facts, assess

Assessed = Sequence[tuple[int, Assessment]]

TEXTS = [f.name for f in Reproduction.text_fields()]
NAMES = [f.name for f in fields(Facts)]
BATCH = 2000
LENGTHS = ", ".join(f"coalesce(length(r.{name}), 0)" for name in TEXTS)
# One row per record, in the order of ``_facts``; lengths only, the texts stay where they are.
SAID = f"""
SELECT i.id, length(i.title), i.title = upper(i.title) AND i.title <> lower(i.title),
    length(i.summary), length(regexp_replace(i.description, '<[^>]*>', '', 'g')),
    l.certainty, t.themes, t.publics, t.methods,
    i.organisation_id IS NOT NULL, coalesce(o.legal_form, '') <> '',
    i.started_year IS NOT NULL, i.maturity, i.reach, i.website <> '',
    i.website <> '' AND EXISTS (SELECT 1 FROM innovations_link k
        WHERE md5(k.url) = md5(i.website) AND k.state = 'mort'),
    p.innovation_id IS NOT NULL, NOT i.is_reference,
    extract(day FROM now() - c.newest)::int, c.partners, e.number,
    i.is_commun IS TRUE, i.commun_governance <> '',
    {LENGTHS}
FROM innovations_innovation i
LEFT JOIN innovations_organisation o ON o.id = i.organisation_id
LEFT JOIN innovations_reproduction r ON r.innovation_id = i.id
LEFT JOIN innovations_picture p ON p.innovation_id = i.id AND p.state IN ('copiee', 'a-copier')
LEFT JOIN LATERAL (SELECT max(CASE WHEN territory_id IS NULL THEN 0 ELSE confidence END)
        AS certainty
    FROM innovations_location WHERE innovation_id = i.id) l ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE term.vocabulary = 'theme') AS themes,
        count(*) FILTER (WHERE term.vocabulary = 'public') AS publics,
        count(*) FILTER (WHERE term.vocabulary = 'method') AS methods
    FROM innovations_innovation_terms it JOIN innovations_term term ON term.id = it.term_id
    WHERE it.innovation_id = i.id) t ON true
LEFT JOIN LATERAL (SELECT max(collected_at) AS newest, count(DISTINCT partner_slug) AS partners
    FROM innovations_citation WHERE innovation_id = i.id) c ON true
LEFT JOIN LATERAL (SELECT count(*) AS number
    FROM innovations_evidence WHERE innovation_id = i.id) e ON true
WHERE i.id = ANY(%s)
"""
WRITE = """
INSERT INTO innovations_completeness AS known (innovation_id, score, "values", gains)
SELECT innovation_id, score, "values", gains
FROM json_populate_recordset(NULL::innovations_completeness, %s)
ON CONFLICT (innovation_id) DO UPDATE SET
    score = excluded.score, "values" = excluded."values", gains = excluded.gains
WHERE (known.score, known."values", known.gains)
    IS DISTINCT FROM (excluded.score, excluded."values", excluded.gains)
"""


def refresh(innovation_ids: Sequence[int], new: Collection[int] = ()) -> None:
    """Bring the completeness of these records up to date; three statements at most, whatever
    their number. The ``new`` ones have none yet."""
    if not innovation_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(SAID, [list(innovation_ids)])
        assessed = [(row[0], assess(_facts(row))) for row in cursor.fetchall()]
    _insert([told for told in assessed if told[0] in new])
    _update([told for told in assessed if told[0] not in new])


def _insert(assessed: Assessed) -> None:
    if assessed:
        as_json = copying.as_json
        rows = ([pk, a.score, as_json(a.values), as_json(a.gains)] for pk, a in assessed)
        copying.copy(Completeness, ["innovation_id", "score", "values", "gains"], rows)


def _update(assessed: Assessed) -> None:
    """In the order of their keys: two writers at once cannot wait for each other."""
    told = [
        {"innovation_id": pk, "score": a.score, "values": a.values, "gains": a.gains}
        for pk, a in sorted(assessed, key=lambda pair: pair[0])
    ]
    if told:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [copying.as_json(told)])


def refresh_all() -> int:
    """The completeness of every record, which time alone changes; returns how many there are."""
    last = done = 0
    while ids := _after(last):
        refresh(ids)
        last, done = ids[-1], done + len(ids)
    return done


def _after(pk: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM innovations_innovation WHERE id > %s AND status <> 'reunie'"
            " ORDER BY id LIMIT %s",
            [pk, BATCH],
        )
        return [found for (found,) in cursor.fetchall()]


def _facts(row: Sequence[Any]) -> Facts:
    texts = dict(zip(TEXTS, row[-len(TEXTS) :], strict=True))
    said = dict(zip(NAMES, (*row[1 : -len(TEXTS)], texts), strict=True))
    return Facts(**said)
