"""Which picture each public record has: one among those its sources give.

The same rule as composition, open licences first: only these may be copied; any other is linked.
"""

import logging

from django.db import connection, transaction

from innovations.licences import OPEN
from partners.models import Run, Source

log = logging.getLogger(__name__)

# %(source)s: the source whose records changed, or NULL for all.
CONCERNED = """
SELECT DISTINCT innovation_id FROM partners_sourcerecord
WHERE innovation_id IS NOT NULL AND (%(source)s::bigint IS NULL OR source_id = %(source)s)
"""
CHOSEN = f"""
SELECT DISTINCT ON (r.innovation_id) r.innovation_id, r.id AS source_record,
    r."values"->>'picture' AS source_url, p.name AS partner_name, r.licence,
    r.licence = ANY(%(open)s) AS is_open, EXISTS (
        SELECT 1 FROM innovations_removedpicture g WHERE g.innovation_id = r.innovation_id
        AND g.address_digest = encode(sha256(convert_to(
            regexp_replace(r."values"->>'picture', '^https?://[^/]+', '', 'i'), 'UTF8')), 'hex')
    ) AS is_removed
FROM partners_sourcerecord r
JOIN partners_source s ON s.id = r.source_id
JOIN partners_partner p ON p.id = s.partner_id
WHERE r.innovation_id IN ({CONCERNED}) AND r.state <> 'retiree' AND r.record_type = 'innovation'
    AND r."values"->>'picture' ~* '^https?://' AND length(r."values"->>'picture') <= 1000
ORDER BY r.innovation_id, r.licence = ANY(%(open)s) DESC, s.priority DESC, r.changed_at DESC, r.id
"""
# A record whose sources give no picture any more, or another, loses the one it had. What staff
# removed stays in the table: a source may give it again.
FORGET = f"""
DELETE FROM innovations_picture i
WHERE i.innovation_id IN ({CONCERNED}) AND i.state <> 'retiree' AND NOT EXISTS (
    SELECT 1 FROM ({CHOSEN}) c
    WHERE c.innovation_id = i.innovation_id AND c.source_url = i.source_url)
"""
# A licence that closes takes the copy away, one that opens lets it be made; what is no picture
# stays as it is until another address makes another; what staff removed never comes back.
LIST = f"""
INSERT INTO innovations_picture AS i (innovation_id, source_record, source_url, partner_name,
    licence, state, content, thumbnail, digest, width, height, thumbnail_width, thumbnail_height,
    problem, tries)
SELECT innovation_id, source_record, source_url, partner_name, licence,
    CASE WHEN is_removed THEN 'retiree' WHEN is_open THEN 'a-copier' ELSE 'liee' END,
    ''::bytea, ''::bytea, '', 0, 0, 0, 0, '', 0
FROM ({CHOSEN}) c
ON CONFLICT (innovation_id) DO UPDATE SET
    source_record = excluded.source_record, source_url = excluded.source_url,
    partner_name = excluded.partner_name, licence = excluded.licence,
    tries = CASE WHEN i.source_url = excluded.source_url THEN i.tries ELSE 0 END,
    try_after = CASE WHEN i.source_url = excluded.source_url THEN i.try_after END,
    state = CASE
        WHEN excluded.state = 'retiree' OR i.source_url <> excluded.source_url
            THEN excluded.state
        WHEN i.state = 'retiree' THEN i.state
        WHEN excluded.state = 'liee' THEN 'liee'
        WHEN i.state = 'liee' THEN 'a-copier'
        ELSE i.state END,
    content = CASE WHEN excluded.state IN ('liee', 'retiree') THEN ''::bytea ELSE i.content END,
    thumbnail = CASE WHEN excluded.state IN ('liee', 'retiree') THEN ''::bytea ELSE i.thumbnail END,
    digest = CASE WHEN excluded.state IN ('liee', 'retiree') THEN '' ELSE i.digest END
WHERE (i.source_record, i.source_url, i.partner_name, i.licence) IS DISTINCT FROM
    (excluded.source_record, excluded.source_url, excluded.partner_name, excluded.licence)
"""


@transaction.atomic
def list_pictures(source: Source | None = None) -> int:
    """Write which picture the records have (those that the source speaks of, or all), without
    fetching any; returns how many were added, changed or forgotten."""
    given = {"source": source.pk if source else None, "open": [str(licence) for licence in OPEN]}
    with connection.cursor() as cursor:
        cursor.execute(FORGET, given)
        changed = cursor.rowcount
        cursor.execute(LIST, given)
        return int(changed + cursor.rowcount)


def after_run(run: Run) -> None:
    """Have the pictures of the run's source listed and copied, once this is committed."""
    transaction.on_commit(lambda: _list_later(run.source_id))


def _list_later(source_id: int) -> None:
    from partners.tasks import list_pictures as task

    try:
        task.delay(source_id)
    except task.OperationalError:
        log.warning("Le service de tâches est injoignable : images de la source %s", source_id)
