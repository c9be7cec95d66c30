"""Where results are and what is known of them, counted without reading their places.

Records are counted by département; those that lie in none (a région, a point alone) by the cells of
a wide grid. Both finders answer this alike: SQL on rows, or bitmaps kept for the same values.
"""

from innovations.models import Vocabulary
from innovations.querysets import SearchRowQuerySet
from innovations.search_facets import BY_DEPARTEMENT, Tally, counts_of

# Side in degrees of the cells of records that lie in no département.
CELL = 0.8
FACETS = ("departement", "cell", "known")
DEPARTEMENTS = (
    "ARRAY(SELECT id FROM territories_territory WHERE kind IN ('departement', 'collectivite'))"
)
REGIONS = "ARRAY(SELECT id FROM territories_territory WHERE kind = 'region')"
PLACED = (
    "EXISTS (SELECT FROM innovations_searchplace p WHERE p.innovation_id = {row}.innovation_id)"
)
# SQL of a row: whether something is known of it, under the name of its facet.
KNOWN = {
    **{
        facet: "{row}.term_ids && ARRAY(SELECT id FROM innovations_term "
        f"WHERE vocabulary = '{vocabulary}')"
        for facet, vocabulary in (
            ("theme", Vocabulary.THEME.value),
            ("public", Vocabulary.PUBLIC.value),
            ("methode", Vocabulary.METHOD.value),
        )
    },
    "ressource": "EXISTS (SELECT FROM unnest({row}.tags) AS tag "
    "WHERE starts_with(tag, 'ressource:'))",
    "diffusion": "EXISTS (SELECT FROM unnest({row}.tags) AS tag "
    "WHERE starts_with(tag, 'diffusion:'))",
    "partenaire": "cardinality({row}.partner_slugs) > 0",
    "region": f"{{row}}.territory_ids && {REGIONS}",
    "departement": f"{{row}}.territory_ids && {DEPARTEMENTS}",
    # On the map, but in no département.
    "ailleurs": f"NOT {{row}}.territory_ids && {DEPARTEMENTS} AND {PLACED}",
}


def values_of(row: str) -> str:
    """SQL: (kind, value) of the row named ``row``, for « known » and « cell »."""
    known = " UNION ALL ".join(
        f"SELECT 'known', '{name}' WHERE {condition.format(row=row)}"
        for name, condition in KNOWN.items()
    )
    cells = (
        f"SELECT 'cell', floor(p.longitude / {CELL})::int || ':' || floor(p.latitude / {CELL})::int"
        f" FROM innovations_searchplace p WHERE p.innovation_id = {row}.innovation_id "
        f"AND NOT {row}.territory_ids && {DEPARTEMENTS} GROUP BY 2"
    )
    return f"{known} UNION ALL {cells}"


BY_VALUE = (
    "SELECT v.kind AS facet, v.value, count(*) AS n FROM base CROSS JOIN LATERAL ("
    f"{values_of('base')}) AS v(kind, value) GROUP BY v.kind, v.value"
)


def spread(rows: SearchRowQuerySet) -> Tally:
    """{« departement », « cell » or « known »: {code: number of rows}}; in one query."""
    return counts_of(rows, {}, [BY_DEPARTEMENT, BY_VALUE])


def middle(cell: str) -> tuple[float, float]:
    """Longitude and latitude of the middle of a cell."""
    column, line = (int(part) for part in cell.split(":"))
    return round((column + 0.5) * CELL, 4), round((line + 0.5) * CELL, 4)
