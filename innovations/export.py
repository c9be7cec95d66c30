"""The open data of a search as CSV, streamed from PostgreSQL a few thousand records at a time.

The identifiers are read first, eight bytes each; each batch is then a statement of its own, so that
a stop leaves nothing running and what is withdrawn meanwhile is not given.
"""

from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from django.db import connection

from innovations.licences import OPEN
from innovations.querysets import InnovationQuerySet

BOM = b"\xef\xbb\xbf"
CHUNK = 64 * 1024
BATCH = 2000
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


WANTED = """
FROM unnest(%s::bigint[]) AS wanted(id)
JOIN innovations_innovation i ON i.id = wanted.id AND i.status = 'publiee' AND NOT i.is_reference
"""


def select(text: Callable[[str], str]) -> str:
    """SQL of the lines of a batch of records; ``text`` makes of a text what a cell may hold."""
    return f"""
SELECT i.slug AS identifiant, {text(TEXT.format("title"))} AS titre,
    {text(TEXT.format("summary"))} AS resume,
    i.nature, i.maturity AS maturite, i.started_year AS annee_demarrage,
    {text("o.name")} AS structure_porteuse, {text("o.legal_form")} AS forme_juridique,
    t.themes, t.publics, t.methodes, {text("l.territoires")} AS territoires,
    {text("l.codes_territoires")} AS codes_territoires, l.longitude, l.latitude,
    {text("i.website")} AS site_web, e.resources AS ressources,
    m.grant_dependence AS dependance_subventions, {text("m.payers")} AS qui_paie,
    {text("m.beneficiaries")} AS qui_beneficie, m.beneficiary_cost AS cout_par_beneficiaire,
    {text("m.cost_basis")} AS base_du_cout, {text("m.autonomy")} AS autonomie,
    {text("n.budget")} AS moyens_budget, {text("n.staff")} AS moyens_equipe,
    {text("n.partners")} AS moyens_partenaires, {text("n.premises")} AS moyens_locaux,
    {text("n.data")} AS moyens_donnees, c.partenaires, c.licences, c.fiches_sources,
    d.forms AS formes_de_diffusion, d.spread AS deja_reprise_ailleurs,
    i.published_at::date AS publiee_le, i.updated_at::date AS modifiee_le
{WANTED}
{joined(text)}
ORDER BY i.id
"""


def joined(text: Callable[[str], str]) -> str:
    """SQL of what a line gathers of other tables."""
    return f"""
LEFT JOIN innovations_organisation o ON o.id = i.organisation_id
LEFT JOIN LATERAL (
    SELECT string_agg(split_part(tag, ':', 2), '|')
            FILTER (WHERE starts_with(tag, 'diffusion:')) AS forms,
        CASE WHEN bool_or(tag = 'essaimee:oui') THEN 'oui' END AS spread
    FROM innovations_searchextra x CROSS JOIN LATERAL unnest(x.tags) AS tag
    WHERE x.innovation_id = i.id) d ON true
LEFT JOIN innovations_means n ON n.innovation_id = i.id
LEFT JOIN innovations_economicmodel m ON m.innovation_id = i.id
LEFT JOIN LATERAL (
    SELECT string_agg(said->>'kind' || coalesce(' ' || (said->>'share') || ' %%', ''), '|')
        AS resources
    FROM jsonb_array_elements(m.resources) said) e ON true
LEFT JOIN LATERAL (
    SELECT string_agg({text("term.label")}, '|' ORDER BY term.position)
            FILTER (WHERE term.vocabulary = 'theme') AS themes,
        string_agg({text("term.label")}, '|' ORDER BY term.position)
            FILTER (WHERE term.vocabulary = 'public') AS publics,
        string_agg({text("term.label")}, '|' ORDER BY term.position)
            FILTER (WHERE term.vocabulary = 'method') AS methodes
    FROM innovations_innovation_terms it JOIN innovations_term term ON term.id = it.term_id
        AND term.is_active
    WHERE it.innovation_id = i.id) t ON true
LEFT JOIN LATERAL (
    SELECT string_agg({text("coalesce(territory.name, place.label)")}, '|'
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
    SELECT string_agg({text("partner_name")}, '|' ORDER BY position) AS partenaires,
        string_agg({text("licence")}, '|' ORDER BY position) AS licences,
        string_agg({text("url")}, '|' ORDER BY position) AS fiches_sources,
        array_agg(source_record) FILTER (WHERE licence = ANY(%s)) AS open_records
    FROM innovations_citation WHERE innovation_id = i.id) c ON true
"""


def csv(innovations: InnovationQuerySet) -> Iterator[bytes]:
    """The open records among ``innovations``: a byte-order mark (spreadsheets need it to read
    accents), the header, then a line per record; several values are separated by « | ».

    References (no open licence) are left out, whatever ``innovations`` holds.
    """
    yield BOM
    yield from table(innovations, disarmed)


def table(innovations: InnovationQuerySet, text: Callable[[str], str]) -> Iterator[bytes]:
    """The lines as PostgreSQL writes them, the header first, in pieces of whole lines."""
    statement = select(text)
    for rank, batch in enumerate(batches(innovations)):
        header = "true" if rank == 0 else "false"
        command = f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, HEADER {header}, DELIMITER ';')"
        yield from _copied(command, [batch, open_licences()])


def batches(innovations: InnovationQuerySet) -> Iterator[list[int]]:
    """The identifiers of the open records in order, some at a time; at least one batch."""
    wanted, params = innovations.open_data().order_by("id").values("id").query.sql_with_params()
    ids = array("q")
    for part in _copied(f"COPY ({wanted}) TO STDOUT", params):
        ids.extend(map(int, part.split()))
    for start in range(0, max(1, len(ids)), BATCH):
        yield ids[start : start + BATCH].tolist()


def _copied(command: str, params: Sequence[Any]) -> list[bytes]:
    """All that the statement answers: read whole, so that a slow reader holds nothing open."""
    pieces, waiting = [], bytearray()
    # Django's cursor that counts queries takes no parameters of a copy.
    with connection.cursor() as cursor, cursor.copy(cursor.mogrify(command, params)) as copy:
        for line in copy:
            waiting += line
            if len(waiting) > CHUNK:
                pieces.append(bytes(waiting))
                waiting.clear()
    return [*pieces, bytes(waiting)]


def gathered(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in larger pieces; a stop closes what they are read from."""
    waiting = bytearray()
    try:
        for part in parts:
            waiting += part
            if len(waiting) > CHUNK:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting)
    finally:
        if isinstance(parts, Generator):
            parts.close()


def open_licences() -> list[str]:
    return [licence.value for licence in OPEN]
