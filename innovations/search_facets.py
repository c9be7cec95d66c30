"""The facets of the search: what may be chosen, how it filters, and exact counts per value.

Counts are disjunctive: a facet counts as if nothing were chosen in it, the others kept, so that a
visitor sees what adding a value would bring.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import BooleanField, ExpressionWrapper, Q

from carrefour.caching import of_version
from innovations.diffusion import DiffusionForm, Spread
from innovations.models import (
    GrantDependence,
    LegalForm,
    Maturity,
    Nature,
    Reach,
    Resource,
    Vocabulary,
)
from innovations.querysets import SearchRowQuerySet
from territories.kinds import Kind

Selection = Mapping[str, Sequence[Any]]
Tally = dict[str, dict[str, int]]


class YesNo(models.TextChoices):
    YES = "oui", "Oui"
    NO = "non", "Non"


class Documented(models.TextChoices):
    YES = "documentee", "Conditions de reprise décrites"


@dataclass(frozen=True)
class Facet:
    """``name`` in addresses, ``column`` of the search row, and what its values are.

    ``tag`` is what stands before the value in a column of tags. ``counted_as`` are the names of its
    counts in the bitmaps. ``of_one`` is what one value is, at the head of a column.
    """

    name: str
    label: str
    column: str
    vocabulary: str = ""
    choices: type[models.TextChoices] | None = None
    tag: str = ""
    singular: str = ""

    @property
    def of_one(self) -> str:
        return self.singular or self.label

    @property
    def is_array(self) -> bool:
        return self.column.endswith("s")

    @property
    def counted_as(self) -> tuple[str, ...]:
        if self.column == "territory_ids":
            return ("region", "departement")
        return (self.vocabulary or self.tag or self.column,)

    def condition(self, values: Sequence[Any]) -> Q:
        """Rows that hold at least one of ``values``: term or territory ids, slugs or codes."""
        if self.tag:
            values = [self.held(value) for value in values]
        lookup = "overlap" if self.is_array else "in"
        return Q(**{f"{self.column}__{lookup}": list(values)})

    def held(self, value: Any) -> str:
        """The value as its column holds it, in text."""
        return f"{self.tag}:{value}" if self.tag else str(value)


FACETS = (
    Facet("theme", "Thèmes", "term_ids", vocabulary=Vocabulary.THEME, singular="Thème"),
    Facet("public", "Publics", "term_ids", vocabulary=Vocabulary.PUBLIC, singular="Public"),
    Facet("methode", "Méthodes", "term_ids", vocabulary=Vocabulary.METHOD, singular="Méthode"),
    Facet("zone", "Territoires", "territory_ids"),
    Facet("partenaire", "Sources", "partner_slugs", singular="Source"),
    Facet("nature", "Nature de l’innovation", "nature", choices=Nature),
    Facet("maturite", "Maturité", "maturity", choices=Maturity),
    Facet("reprise", "Reprise possible", "tags", choices=Documented, tag="reprise"),
    Facet("essaimee", "Essaimage", "tags", choices=Spread, tag="essaimee"),
    Facet("diffusion", "Forme de diffusion", "tags", choices=DiffusionForm, tag="diffusion"),
    Facet("portee", "Portée", "tags", choices=Reach, tag="portee"),
    Facet("ressource", "Modèle économique", "tags", choices=Resource, tag="ressource"),
    Facet(
        "dependance",
        "Dépendance aux subventions",
        "tags",
        choices=GrantDependence,
        tag="subventions",
    ),
    Facet("commun", "Commun", "tags", choices=YesNo, tag="commun"),
    Facet("forme", "Forme juridique", "legal_form", choices=LegalForm),
)
BY_NAME = {facet.name: facet for facet in FACETS}
NAMES = """
SELECT asked.slug, cited.partner_name FROM unnest(%s::text[]) AS asked(slug)
CROSS JOIN LATERAL (
    SELECT partner_name FROM innovations_citation WHERE partner_slug = asked.slug LIMIT 1) AS cited
"""
COLUMNS = (
    "innovation_id", "term_ids", "partner_slugs", "nature", "maturity", "legal_form", "year",
    "territory_ids", "tags",
)  # fmt: skip
BY_YEAR = (
    "SELECT 'annee' AS facet, year::text AS value, count(*) AS n FROM base "
    "WHERE year IS NOT NULL GROUP BY year"
)
BY_DEPARTEMENT = (
    "SELECT 'departement' AS facet, t.kind || '-' || t.code AS value, count(*) AS n FROM base "
    "CROSS JOIN LATERAL unnest(territory_ids) AS v(id) JOIN territories_territory t ON t.id = v.id "
    "WHERE t.kind IN ('departement', 'collectivite') GROUP BY t.kind, t.code"
)


def filtered(rows: SearchRowQuerySet, chosen: Selection) -> SearchRowQuerySet:
    """The rows that satisfy every facet's choice."""
    for name, values in chosen.items():
        rows = rows.filter(BY_NAME[name].condition(values))
    return rows


def tally(rows: SearchRowQuerySet, chosen: Selection) -> Tally:
    """{facet: {value: number of rows}}, each facet ignoring its own choice; in one query.

    Term facets share the key "terms" by vocabulary-free id, as text; see ``condition`` for values.
    """
    return counts_of(rows, chosen, [_grouped(facet, chosen) for facet in FACETS])


def figures(rows: SearchRowQuerySet) -> Tally:
    """{facet: {value: number of rows}} of these very rows, years and départements included."""
    return counts_of(
        rows, {}, [*(_grouped(facet, {}) for facet in FACETS), BY_YEAR, BY_DEPARTEMENT]
    )


def departements(rows: SearchRowQuerySet) -> dict[str, int]:
    """{"kind-code" of a département or collectivité: number of rows}."""
    return counts_of(rows, {}, [BY_DEPARTEMENT]).get("departement", {})


def within(rows: SearchRowQuerySet, territory_id: int, kind: str) -> dict[int, int]:
    """{id of a territory of ``kind`` inside this one: number of rows}."""
    part = (
        "SELECT 'inside' AS facet, t.id::text AS value, count(*) AS n FROM base "
        "CROSS JOIN LATERAL unnest(territory_ids) AS v(id) JOIN territories_territory t "
        f"ON t.id = v.id AND t.kind = '{Kind(kind).value}' "
        f"AND t.ancestor_ids @> ARRAY[{int(territory_id)}]::bigint[] "
        f"WHERE t.id <> {int(territory_id)} GROUP BY t.id"
    )
    return {int(pk): n for pk, n in counts_of(rows, {}, [part]).get("inside", {}).items()}


def by_partner(rows: SearchRowQuerySet) -> dict[str, int]:
    """{partner's slug: number of rows}."""
    return counts_of(rows, {}, [_grouped(BY_NAME["partenaire"], {})]).get("partenaire", {})


def partner_names(slugs: Collection[str]) -> dict[str, str]:
    """{slug: name} of the partners that records cite, as cited; a query for those not read since
    the data changed."""
    known: dict[str, str] = of_version("partner_names", dict) if slugs else {}
    if unread := [slug for slug in slugs if slug not in known]:
        with connection.cursor() as cursor:
            cursor.execute(NAMES, [unread])
            known.update(cursor.fetchall())
    return {slug: known[slug] for slug in slugs if slug in known}


def named(counts: Mapping[str, Sequence[tuple[str, str, int]]], codes: Mapping[int, str]) -> Tally:
    """The counts of the bitmaps by the names of facets; ``codes`` are those of active terms."""
    found: Tally = {}
    for facet in FACETS:
        for name in facet.counted_as:
            for _, code, number in counts.get(name, ()):
                known = codes.get(int(code)) if facet.vocabulary else code
                if known is not None:
                    found.setdefault(facet.name, {})[known] = number
    return found


def more_named(counts: Mapping[str, Sequence[tuple[str, str, int]]]) -> Tally:
    """The years and the départements among the counts of the bitmaps."""
    named = {"annee": counts.get("year", ()), "departement": counts.get("departement", ())}
    return {name: {code: n for _, code, n in rows} for name, rows in named.items() if rows}


def counts_of(rows: SearchRowQuerySet, chosen: Selection, parts: Sequence[str]) -> Tally:
    """{facet: {value: n}} of what each part selects (facet, value, n) FROM base: these rows."""
    matches = {
        f"match_{name}": ExpressionWrapper(
            BY_NAME[name].condition(values), output_field=BooleanField()
        )
        for name, values in chosen.items()
    }
    base, params = rows.order_by().values(*COLUMNS, **matches).query.sql_with_params()
    found: Tally = {}
    with connection.cursor() as cursor:
        cursor.execute(f"WITH base AS MATERIALIZED ({base}) {' UNION ALL '.join(parts)}", params)
        for facet, value, number in cursor.fetchall():
            found.setdefault(facet, {})[value] = number
    return found


def _grouped(facet: Facet, chosen: Selection) -> str:
    """SQL: the rows of each value of ``facet``, the other facets' choices kept."""
    others = " AND ".join(f"match_{name}" for name in chosen if name != facet.name) or "true"
    if facet.vocabulary:
        return (
            f"SELECT '{facet.name}' AS facet, term.code AS value, count(*) AS n FROM base "
            "CROSS JOIN LATERAL unnest(term_ids) AS v(id) JOIN innovations_term term "
            f"ON term.id = v.id AND term.vocabulary = '{facet.vocabulary}' "
            f"WHERE {others} GROUP BY term.code"
        )
    if facet.column == "territory_ids":
        return (
            f"SELECT '{facet.name}' AS facet, t.kind || '-' || t.code AS value, count(*) AS n "
            "FROM base CROSS JOIN LATERAL unnest(territory_ids) AS v(id) "
            "JOIN territories_territory t ON t.id = v.id "
            "AND t.kind IN ('region', 'departement', 'collectivite') "
            f"WHERE {others} GROUP BY t.kind, t.code"
        )
    if facet.tag:
        return (
            f"SELECT '{facet.name}' AS facet, split_part(v.value, ':', 2) AS value, "
            "count(*) AS n FROM base CROSS JOIN LATERAL unnest(tags) AS v(value) "
            f"WHERE {others} AND v.value LIKE '{facet.tag}:%%' GROUP BY v.value"
        )
    if facet.is_array:
        return (
            f"SELECT '{facet.name}' AS facet, v.value, count(*) AS n FROM base "
            f"CROSS JOIN LATERAL unnest({facet.column}) AS v(value) WHERE {others} GROUP BY v.value"
        )
    return (
        f"SELECT '{facet.name}' AS facet, {facet.column} AS value, count(*) AS n FROM base "
        f"WHERE {others} AND {facet.column} <> '' GROUP BY {facet.column}"
    )


def added(tally: Tally, more: Tally) -> Tally:
    """Both counts together."""
    for facet, counts in more.items():
        known = tally.setdefault(facet, {})
        for code, number in counts.items():
            known[code] = known.get(code, 0) + number
    return tally
