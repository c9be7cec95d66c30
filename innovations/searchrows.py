"""Search rows, rebuilt in one set-based statement from the records they stand for."""

from collections.abc import Callable, Collection, Sequence

from django.contrib.postgres.indexes import GinIndex
from django.db import connection, transaction

from innovations.models import Innovation, SearchIndex, SearchRow

# Written at once rather than entry by entry; a search still reads the list in a few milliseconds.
PENDING = "16MB"

AT_ONCE = 5000
# Rows made by another recipe are made again by « manage.py prepare ».
RECIPE = 7

# Weights: A title, B themes and organisation, C summary and places, D the body.
# Merit: seven tenths for completeness, three for freshness, a tenth of a point being a year's.
REFRESH = """
INSERT INTO innovations_searchrow (
    innovation_id, vector, term_ids, territory_ids, partner_slugs, nature, maturity, legal_form,
    year, longitude, latitude, tags, departement_id, is_open, published_at, title_key, merit)
SELECT i.id,
    setweight(to_tsvector('carrefour', carrefour_words(replace(i.title, '/', ' '))), 'A')
    || setweight(to_tsvector('carrefour', carrefour_words(
        replace(concat_ws(' ', t.labels, o.name), '/', ' '))), 'B')
    || setweight(to_tsvector('carrefour', carrefour_words(
        replace(concat_ws(' ', i.summary, l.names), '/', ' '))), 'C')
    -- Tags and entities are tokens of their own, that the configuration has no use for.
    || setweight(to_tsvector('carrefour', carrefour_words(left(
        concat_ws(' ', i.description, r.body), 100000))), 'D')
    -- The mark of each term, by which its synonyms find the row (see equivalents).
    || array_to_tsvector(coalesce(t.marks, '{}')),
    coalesce(t.ids, '{}'), coalesce(l.ids, '{}'), coalesce(c.slugs, '{}'),
    -- Of a reference, only the directory's own indexing can be searched by.
    CASE WHEN i.is_reference THEN '' ELSE i.nature END,
    CASE WHEN i.is_reference THEN '' ELSE i.maturity END,
    CASE WHEN i.is_reference THEN '' ELSE coalesce(o.legal_form, '') END,
    CASE WHEN i.is_reference THEN NULL ELSE i.started_year END,
    l.longitude, l.latitude,
    CASE WHEN i.is_reference THEN coalesce(x.tags, '{}')
        ELSE array_remove(ARRAY[
            CASE i.is_commun WHEN true THEN 'commun:oui' WHEN false THEN 'commun:non' END,
            'portee:' || nullif(i.reach, ''),
            CASE WHEN r.is_documented THEN 'reprise:documentee' END]::varchar[], NULL)
        || coalesce(e.tags, '{}') || coalesce(x.tags, '{}') END,
    l.departement_id, NOT i.is_reference, i.published_at, i.title_key,
    0.007 * coalesce(q.score, 40)
        + 0.03 * extract(epoch FROM i.published_at - timestamptz '2020-01-01') / 31557600
FROM innovations_innovation i
LEFT JOIN innovations_organisation o ON o.id = i.organisation_id
LEFT JOIN innovations_completeness q ON q.innovation_id = i.id
LEFT JOIN innovations_searchextra x ON x.innovation_id = i.id
LEFT JOIN LATERAL (
    SELECT concat_ws(' ', need, core, adaptation_margin, success_conditions,
        duplication_conditions, context, means, lessons, obstacles) AS body,
        core <> '' AND adaptation_margin || duplication_conditions <> '' AS is_documented
    FROM innovations_reproduction WHERE innovation_id = i.id) r ON true
LEFT JOIN LATERAL (
    SELECT array_agg(v.tag) AS tags FROM innovations_economicmodel m CROSS JOIN LATERAL (
        SELECT 'ressource:' || (said->>'kind') FROM jsonb_array_elements(m.resources) AS said
        UNION ALL
        SELECT 'subventions:' || m.grant_dependence WHERE m.grant_dependence <> '') AS v(tag)
    WHERE m.innovation_id = i.id) e ON true
LEFT JOIN LATERAL (
    -- A domaine filters its sous-domaines' records; its words are not theirs.
    SELECT array_agg(DISTINCT x.id) AS ids, string_agg(DISTINCT term.label, ' ') AS labels,
        array_agg(DISTINCT '=' || term.id) AS marks
    FROM innovations_innovation_terms it
    JOIN innovations_term term ON term.id = it.term_id AND term.is_active
    LEFT JOIN innovations_term parent ON parent.id = term.parent_id
    CROSS JOIN LATERAL (VALUES (term.id), (parent.id)) AS x(id)
    WHERE it.innovation_id = i.id AND x.id IS NOT NULL) t ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT a.id) AS ids, string_agg(DISTINCT territory.name, ' ') AS names,
        (array_agg(coalesce(loc.longitude, territory.longitude) ORDER BY loc.position))[1]
            AS longitude,
        (array_agg(coalesce(loc.latitude, territory.latitude) ORDER BY loc.position))[1]
            AS latitude,
        (array_agg(territory.departement_id ORDER BY loc.position))[1] AS departement_id
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
    tags = EXCLUDED.tags, departement_id = EXCLUDED.departement_id,
    is_open = EXCLUDED.is_open, published_at = EXCLUDED.published_at,
    title_key = EXCLUDED.title_key, merit = EXCLUDED.merit
"""
# The centre of a territory stands for a place without a point; of a reference, for every place.
PLACES = """
INSERT INTO innovations_searchplace (innovation_id, location_id, longitude, latitude)
SELECT innovation_id, id, x, y FROM (
    SELECT loc.innovation_id, loc.id,
        CASE WHEN i.is_reference OR loc.longitude IS NULL THEN
            CASE WHEN territory.kind <> 'pays' THEN territory.longitude END
            ELSE loc.longitude END AS x,
        CASE WHEN i.is_reference OR loc.longitude IS NULL THEN
            CASE WHEN territory.kind <> 'pays' THEN territory.latitude END
            ELSE loc.latitude END AS y
    FROM innovations_location loc
    JOIN innovations_innovation i ON i.id = loc.innovation_id AND i.status = 'publiee'
    LEFT JOIN territories_territory territory ON territory.id = loc.territory_id
    WHERE loc.innovation_id = ANY(%s)) AS shown
WHERE x IS NOT NULL
"""
NO_PLACES = "DELETE FROM innovations_searchplace WHERE innovation_id = ANY(%s)"
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
            cursor.execute(NO_PLACES, [known])
        cursor.execute(PLACES, [list(innovation_ids)])


def flush() -> None:
    """Put into the indexes the entries that wait since the last batches."""
    with connection.cursor() as cursor:
        for index in SearchRow._meta.indexes:
            if isinstance(index, GinIndex):
                cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index.name])


def rebuild(progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Rebuild every search row; returns how many innovations were read."""
    ids = list(Innovation.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        refresh(ids[start : start + AT_ONCE])
        progress(min(start + AT_ONCE, len(ids)), len(ids))
    SearchIndex.objects.update_or_create(id=1, defaults={"recipe": RECIPE})
    return len(ids)


def rebuild_if_needed() -> int:
    """The same, only when the rows were made by another recipe."""
    if SearchIndex.objects.filter(recipe=RECIPE).exists():
        return 0
    return rebuild()
