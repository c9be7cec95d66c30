"""The open data of a search as CSV, streamed from PostgreSQL row by row."""

from collections.abc import Iterator

from django.db import connection

from innovations.licences import OPEN
from innovations.querysets import InnovationQuerySet

BOM = b"\xef\xbb\xbf"
CHUNK = 64 * 1024
# A text is exported only when the record it comes from has an open licence, or staff wrote it.
TEXT = (
    "CASE WHEN coalesce(i.origins->>'{0}', 'staff') = 'staff' OR (i.origins->>'{0}')::bigint = "
    "ANY(c.open_records) THEN i.{0} ELSE '' END"
)


def disarmed(text: str) -> str:
    """SQL of a text whose leading =, +, - or @ a spreadsheet would run: a quote disarms it.

    Every item of a joined list too: spreadsheets may cut the list into cells.
    """
    return f"regexp_replace({text}, '^([=+@\\t\\r\\n-])', '''\\1')"


COPY = f"""
COPY (
SELECT i.slug AS identifiant, {disarmed(TEXT.format("title"))} AS titre,
    {disarmed(TEXT.format("summary"))} AS resume,
    i.nature, i.maturity AS maturite, i.started_year AS annee_demarrage,
    {disarmed("o.name")} AS structure_porteuse, {disarmed("o.legal_form")} AS forme_juridique,
    t.themes, t.publics, t.methodes, l.territoires, l.codes_territoires, l.longitude, l.latitude,
    {disarmed("i.website")} AS site_web, e.resources AS ressources,
    m.grant_dependence AS dependance_subventions, {disarmed("m.payers")} AS qui_paie,
    {disarmed("m.beneficiaries")} AS qui_beneficie, m.beneficiary_cost AS cout_par_beneficiaire,
    {disarmed("m.cost_basis")} AS base_du_cout, {disarmed("m.autonomy")} AS autonomie,
    {disarmed("n.budget")} AS moyens_budget, {disarmed("n.staff")} AS moyens_equipe,
    {disarmed("n.partners")} AS moyens_partenaires, {disarmed("n.premises")} AS moyens_locaux,
    {disarmed("n.data")} AS moyens_donnees, c.partenaires, c.licences, c.fiches_sources,
    i.published_at::date AS publiee_le, i.updated_at::date AS modifiee_le
FROM (%s) AS wanted JOIN innovations_innovation i ON i.id = wanted.id
LEFT JOIN innovations_organisation o ON o.id = i.organisation_id
LEFT JOIN innovations_means n ON n.innovation_id = i.id
LEFT JOIN innovations_economicmodel m ON m.innovation_id = i.id
LEFT JOIN LATERAL (
    SELECT string_agg(said->>'kind' || coalesce(' ' || (said->>'share') || ' %%%%', ''), '|')
        AS resources
    FROM jsonb_array_elements(m.resources) said) e ON true
LEFT JOIN LATERAL (
    SELECT string_agg({disarmed("term.label")}, '|' ORDER BY term.position)
            FILTER (WHERE term.vocabulary = 'theme') AS themes,
        string_agg({disarmed("term.label")}, '|' ORDER BY term.position)
            FILTER (WHERE term.vocabulary = 'public') AS publics,
        string_agg({disarmed("term.label")}, '|' ORDER BY term.position)
            FILTER (WHERE term.vocabulary = 'method') AS methodes
    FROM innovations_innovation_terms it JOIN innovations_term term ON term.id = it.term_id
        AND term.is_active
    WHERE it.innovation_id = i.id) t ON true
LEFT JOIN LATERAL (
    SELECT string_agg({disarmed("coalesce(territory.name, place.label)")}, '|'
            ORDER BY place.position)
            AS territoires,
        string_agg(territory.kind || '-' || territory.code, '|' ORDER BY place.position)
            AS codes_territoires,
        (array_agg(coalesce(place.longitude, territory.longitude) ORDER BY place.position))[1]
            AS longitude,
        (array_agg(coalesce(place.latitude, territory.latitude) ORDER BY place.position))[1]
            AS latitude
    FROM innovations_location place
    LEFT JOIN territories_territory territory ON territory.id = place.territory_id
    WHERE place.innovation_id = i.id) l ON true
LEFT JOIN LATERAL (
    SELECT string_agg({disarmed("partner_name")}, '|' ORDER BY position) AS partenaires,
        string_agg({disarmed("licence")}, '|' ORDER BY position) AS licences,
        string_agg({disarmed("url")}, '|' ORDER BY position) AS fiches_sources,
        array_agg(source_record) FILTER (WHERE licence = ANY(%%s)) AS open_records
    FROM innovations_citation WHERE innovation_id = i.id) c ON true
) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';')
"""


def csv(innovations: InnovationQuerySet) -> Iterator[bytes]:
    """The open records among ``innovations``: a byte-order mark (spreadsheets need it to read
    accents), the header, then a line per record; several values are separated by « | ».

    References (no open licence) are left out, whatever ``innovations`` holds.
    """
    wanted, params = innovations.open_data().order_by("id").values("id").query.sql_with_params()
    yield BOM
    with connection.cursor() as cursor, cursor.copy(COPY % wanted, [*params, _open()]) as copy:
        waiting = bytearray()
        for part in copy:
            waiting += part
            if len(waiting) > CHUNK:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting)


def _open() -> list[str]:
    return [licence.value for licence in OPEN]
