"""Search rows, rebuilt in one set-based statement from the records they stand for."""

from collections.abc import Collection, Sequence

from django.contrib.postgres.indexes import GinIndex
from django.db import connection, transaction

from innovations.models import Innovation, SearchRow

# Written at once rather than entry by entry; a search still reads the list in a few milliseconds.
PENDING = "16MB"

# Weights: A title, B themes and organisation, C summary and places, D the body.
REFRESH = """
INSERT INTO innovations_searchrow (
    innovation_id, vector, term_ids, territory_ids, partner_slugs, nature, maturity, legal_form,
    year, longitude, latitude, is_open, published_at, title_key)
SELECT i.id,
    setweight(to_tsvector('carrefour', i.title), 'A')
    || setweight(to_tsvector('carrefour', concat_ws(' ', t.labels, o.name)), 'B')
    || setweight(to_tsvector('carrefour', i.summary || ' ' || coalesce(l.names, '')), 'C')
    -- Tags and entities are tokens of their own, that the configuration has no use for.
    || setweight(to_tsvector('carrefour', left(
        i.description || ' ' || coalesce(r.body, ''), 100000)), 'D'),
    coalesce(t.ids, '{}'), coalesce(l.ids, '{}'), coalesce(c.slugs, '{}'),
    -- Of a reference, only the directory's own indexing can be searched by.
    CASE WHEN i.is_reference THEN '' ELSE i.nature END,
    CASE WHEN i.is_reference THEN '' ELSE i.maturity END,
    CASE WHEN i.is_reference THEN '' ELSE coalesce(o.legal_form, '') END,
    CASE WHEN i.is_reference THEN NULL ELSE i.started_year END,
    l.longitude, l.latitude, NOT i.is_reference, i.published_at, i.title_key
FROM innovations_innovation i
LEFT JOIN innovations_organisation o ON o.id = i.organisation_id
LEFT JOIN LATERAL (
    SELECT concat_ws(' ', need, core, adaptation_margin, success_conditions,
        duplication_conditions, context, means, lessons, obstacles) AS body
    FROM innovations_reproduction WHERE innovation_id = i.id) r ON true
LEFT JOIN LATERAL (
    -- A domaine filters its sous-domaines' records; its words are not theirs.
    SELECT array_agg(DISTINCT x.id) AS ids, string_agg(DISTINCT term.label, ' ') AS labels
    FROM innovations_innovation_terms it
    JOIN innovations_term term ON term.id = it.term_id AND term.is_active
    LEFT JOIN innovations_term parent ON parent.id = term.parent_id
    CROSS JOIN LATERAL (VALUES (term.id), (parent.id)) AS x(id)
    WHERE it.innovation_id = i.id AND x.id IS NOT NULL) t ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT a.id) AS ids, string_agg(DISTINCT territory.name, ' ') AS names,
        (array_agg(coalesce(loc.longitude, territory.longitude) ORDER BY loc.position))[1]
            AS longitude,
        (array_agg(coalesce(loc.latitude, territory.latitude) ORDER BY loc.position))[1] AS latitude
    FROM innovations_location loc
    LEFT JOIN territories_territory territory ON territory.id = loc.territory_id
    LEFT JOIN LATERAL unnest(territory.ancestor_ids) AS a(id) ON true
    WHERE loc.innovation_id = i.id) l ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT partner_slug) AS slugs
    FROM innovations_citation WHERE innovation_id = i.id) c ON true
WHERE i.status = 'publiee' AND i.id = ANY(%s)
ON CONFLICT (innovation_id) DO UPDATE SET
    vector = EXCLUDED.vector, term_ids = EXCLUDED.term_ids,
    territory_ids = EXCLUDED.territory_ids, partner_slugs = EXCLUDED.partner_slugs,
    nature = EXCLUDED.nature, maturity = EXCLUDED.maturity, legal_form = EXCLUDED.legal_form,
    year = EXCLUDED.year, longitude = EXCLUDED.longitude, latitude = EXCLUDED.latitude,
    is_open = EXCLUDED.is_open, published_at = EXCLUDED.published_at,
    title_key = EXCLUDED.title_key
"""
REMOVE = """
DELETE FROM innovations_searchrow s USING innovations_innovation i
WHERE s.innovation_id = i.id AND i.status <> 'publiee' AND i.id = ANY(%s)
"""


@transaction.atomic
def refresh(innovation_ids: Sequence[int], new: Collection[int] = ()) -> None:
    """Bring the search rows of these innovations up to date; the unpublished lose theirs.

    Those of ``new`` innovations have no row to lose. Full-text entries wait in a list that
    PostgreSQL reads along with the index: larger than usual here, see ``flush``.
    """
    if not innovation_ids:
        return
    known = [pk for pk in innovation_ids if pk not in new]
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL gin_pending_list_limit = '{PENDING}'")
        cursor.execute(REFRESH, [list(innovation_ids)])
        if known:
            cursor.execute(REMOVE, [known])


def flush() -> None:
    """Put into the indexes the entries that wait since the last batches."""
    with connection.cursor() as cursor:
        for index in SearchRow._meta.indexes:
            if isinstance(index, GinIndex):
                cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index.name])


def rebuild() -> int:
    """Rebuild every search row; returns how many innovations were read."""
    ids = list(Innovation.objects.values_list("pk", flat=True))
    for start in range(0, len(ids), 5000):
        refresh(ids[start : start + 5000])
    return len(ids)
