"""The open data of a search as JSON, one record at a time: an array, lines, or places (GeoJSON).

Each record is written by PostgreSQL with the names and shapes of the API: nothing is held here.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from innovations.export import TEXT, WANTED, batches, gathered, open_licences
from innovations.querysets import InnovationQuerySet

TERMS = """
(SELECT coalesce(json_agg(json_build_object(
        'code', term.code, 'label', term.label, 'parent', parent.code)
        ORDER BY term.position, term.id), '[]')
FROM innovations_innovation_terms it
JOIN innovations_term term ON term.id = it.term_id AND term.is_active
LEFT JOIN innovations_term parent ON parent.id = term.parent_id
WHERE it.innovation_id = i.id AND term.vocabulary = '{0}')
"""
SOURCES = """
(SELECT coalesce(json_agg(json_build_object(
        'partner', json_build_object('slug', partner_slug, 'name', partner_name),
        'licence', licence, 'url', nullif(url, ''), 'collected_at', collected_at)
        ORDER BY position), '[]')
FROM innovations_citation WHERE innovation_id = i.id)
"""
TERRITORY = """
CASE WHEN territory.id IS NOT NULL THEN json_build_object(
    'id', territory.kind || '-' || territory.code, 'kind', territory.kind,
    'code', territory.code, 'name', territory.name) END
"""
LOCATIONS = f"""
(SELECT coalesce(json_agg(json_build_object(
        'label', nullif(place.label, ''), 'territory', {TERRITORY},
        'longitude', place.longitude, 'latitude', place.latitude)
        ORDER BY place.position), '[]')
FROM innovations_location place
LEFT JOIN territories_territory territory ON territory.id = place.territory_id
WHERE place.innovation_id = i.id)
"""
ORGANISATION = """
CASE WHEN o.id IS NOT NULL THEN json_build_object(
    'slug', o.slug, 'name', o.name, 'legal_form', nullif(o.legal_form, '')) END
"""
FROM = f"""
{WANTED}
LEFT JOIN innovations_organisation o ON o.id = i.organisation_id
LEFT JOIN LATERAL (
    SELECT array_agg(source_record) FILTER (WHERE licence = ANY(%s)) AS open_records
    FROM innovations_citation WHERE innovation_id = i.id) c ON true
"""
RECORD = f"""
json_build_object(
    'slug', i.slug, 'url', %s || i.slug || '/',
    'title', nullif({TEXT.format("title")}, ''), 'summary', nullif({TEXT.format("summary")}, ''),
    'nature', nullif(i.nature, ''), 'maturity', nullif(i.maturity, ''),
    'reach', nullif(i.reach, ''), 'started_year', i.started_year,
    'website', nullif(i.website, ''), 'organisation', {ORGANISATION},
    'themes', {TERMS.format("theme")}, 'publics', {TERMS.format("public")},
    'methods', {TERMS.format("method")}, 'locations', {LOCATIONS}, 'sources', {SOURCES},
    'published_at', i.published_at, 'updated_at', i.updated_at)
"""
RECORDS = f"SELECT {RECORD}::text {FROM} ORDER BY i.id"
# A point for each place that the map shows; « precision » says what the point is.
FEATURES = f"""
SELECT json_build_object(
    'type', 'Feature',
    'geometry', json_build_object('type', 'Point',
        'coordinates', json_build_array(shown.longitude, shown.latitude)),
    'properties', json_build_object(
        'slug', i.slug, 'url', %s || i.slug || '/',
        'title', nullif({TEXT.format("title")}, ''),
        'place', coalesce(territory.name, nullif(place.label, '')), 'territory', {TERRITORY},
        'precision', CASE WHEN place.longitude IS NULL THEN territory.kind ELSE 'point' END,
        'themes', {TERMS.format("theme")}, 'sources', {SOURCES}))::text
{FROM}
JOIN innovations_searchplace shown ON shown.innovation_id = i.id
JOIN innovations_location place ON place.id = shown.location_id
LEFT JOIN territories_territory territory ON territory.id = place.territory_id
ORDER BY i.id, shown.id
"""


def array(innovations: InnovationQuerySet) -> Iterator[bytes]:
    """A JSON array of records."""
    return gathered(_listed(b"[", RECORDS, innovations, b"\n]\n"))


def lines(innovations: InnovationQuerySet) -> Iterator[bytes]:
    """A record per line (NDJSON)."""
    return gathered(_lines(innovations))


def places(innovations: InnovationQuerySet) -> Iterator[bytes]:
    """A GeoJSON collection: a point per place; records without a place are not in it."""
    start = b'{"type": "FeatureCollection", "features": ['
    return gathered(_listed(start, FEATURES, innovations, b"\n]}\n"))


def _lines(innovations: InnovationQuerySet) -> Iterator[bytes]:
    for record in _read(RECORDS, innovations):
        yield record + b"\n"


def _listed(
    start: bytes, statement: str, innovations: InnovationQuerySet, end: bytes
) -> Iterator[bytes]:
    yield start
    part = b"\n"
    for record in _read(statement, innovations):
        yield part + record
        part = b",\n"
    yield end


def _read(statement: str, innovations: InnovationQuerySet) -> Iterator[bytes]:
    """One JSON text per record or place; a batch is read whole before it is given."""
    pages = f"{settings.BASE_URL}/innovations/"
    for batch in batches(innovations):
        with connection.cursor() as cursor:
            cursor.execute(statement, [pages, batch, open_licences()])
            found = cursor.fetchall()
        yield from (record.encode() for (record,) in found)
