"""Which addresses the public records give: listed set-based, to be checked one by one."""

from django.db import connection, transaction

# Web site, the partner's own page, and the documents that are quoted by their address.
GIVEN = """
SELECT i.id AS innovation_id, i.website AS url, 'site' AS role, '' AS partner_slug
FROM innovations_innovation i WHERE i.status = 'publiee' AND i.website <> ''
UNION
SELECT c.innovation_id, c.url, 'source', c.partner_slug
FROM innovations_citation c JOIN innovations_innovation i ON i.id = c.innovation_id
WHERE i.status = 'publiee' AND c.url <> ''
UNION
SELECT e.innovation_id, btrim(e.document), 'document', ''
FROM innovations_evidence e JOIN innovations_innovation i ON i.id = e.innovation_id
WHERE i.status = 'publiee' AND e.document ~* '^\\s*https?://\\S+\\s*$'
"""
ADD = f"""
INSERT INTO innovations_link (url, host, state, message, moved_to, failures, next_check_at)
SELECT DISTINCT url, lower(left(coalesce(substring(url from '^\\w+://([^/?#]+)'), ''), 255)),
    'a-verifier', '', '', 0, now()
FROM ({GIVEN}) given WHERE length(url) <= 1000
ON CONFLICT (md5(url)) DO NOTHING
"""
USE = f"""
INSERT INTO innovations_linkuse (link_id, innovation_id, role, partner_slug)
SELECT k.id, given.innovation_id, given.role, given.partner_slug
FROM ({GIVEN}) given JOIN innovations_link k ON md5(k.url) = md5(given.url)
ON CONFLICT DO NOTHING
"""
FORGET_USES = f"""
DELETE FROM innovations_linkuse u USING innovations_link k
WHERE k.id = u.link_id AND NOT EXISTS (
    SELECT 1 FROM ({GIVEN}) given
    WHERE given.innovation_id = u.innovation_id AND given.url = k.url AND given.role = u.role
        AND given.partner_slug = u.partner_slug)
"""
FORGET = """
DELETE FROM innovations_link k
WHERE NOT EXISTS (SELECT 1 FROM innovations_linkuse u WHERE u.link_id = k.id)
"""


@transaction.atomic
def list_links() -> int:
    """Bring the list up to date with what the records give; returns how many addresses are new."""
    with connection.cursor() as cursor:
        cursor.execute(ADD)
        added = cursor.rowcount
        for statement in (USE, FORGET_USES, FORGET):
            cursor.execute(statement)
    return int(added)
