"""What each list can be filtered by. Between parameters « and », between values of one « or »."""

from typing import Any

from django.db.models import Exists, FloatField, OuterRef, QuerySet
from django.db.models.functions import Cast
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from carrefour.api.parameters import (
    TerritoriesFilter,
    WholeNumberFilter,
    choices,
    objects,
    told,
    yes_or_no,
)
from essaimage.models import (
    Approach,
    Effect,
    Extent,
    Facts,
    Replication,
    ReplicationState,
    Strength,
)
from innovations.diffusion import DiffusionForm, Spread
from innovations.equivalents import equivalents
from innovations.models import (
    Citation,
    Innovation,
    LegalForm,
    Maturity,
    Nature,
    SearchRow,
    Term,
    Vocabulary,
)
from innovations.querysets import SearchRowQuerySet
from innovations.search_asked import with_relevance
from innovations.search_criteria import MAX_TEXT, YEARS
from innovations.search_facets import BY_NAME
from innovations.search_words import read
from partners.models import Partner, PartnerKind, Source
from territories.kinds import Kind
from territories.models import Territory

UNREAD = "Ces mots sont trop courants, ou ce sont des signes : ils ne se cherchent pas."
INSTANT = "Attendu : une date ISO 8601, par exemple 2026-01-31 ou 2026-01-31T08:00:00Z."
FIRST_YEAR, LAST_YEAR = YEARS


def terms(vocabulary: str) -> QuerySet[Term]:
    """Those that a code leads to: a merged term is the one that it was merged into."""
    return Term.objects.reachable().of(vocabulary)


class InnovationFilters(filters.FilterSet):
    """Over the search rows, with the conditions of the search page itself."""

    q = told(
        filters.CharFilter(
            method="with_words",
            max_length=MAX_TEXT,
            help_text="Mots cherchés dans toute la fiche (accents et terminaisons ignorés) ; "
            '« "expression exacte" », « -mot exclu » et « or » sont compris.',
        ),
        maxLength=MAX_TEXT,
    )
    theme = objects(
        terms(Vocabulary.THEME), "code", "Thème ; un domaine comprend ses sous-domaines.",
        facet="theme",
    )  # fmt: skip
    public = objects(terms(Vocabulary.PUBLIC), "code", "Public.", facet="public")
    method = objects(terms(Vocabulary.METHOD), "code", "Méthode.", facet="methode")
    territory = told(
        TerritoriesFilter(
            field_name="territory_ids",
            help_text="Niveau et code officiel (« region-53 », « departement-22 », "
            "« commune-22278 », « epci-… ») ; comprend tout ce qu’il englobe. Plusieurs valeurs "
            "possibles.",
        ),
        type="array",
        items={"type": "string"},
    )
    partner = objects(Partner.objects.all(), "slug", "Partenaire cité.", facet="partenaire")
    source = objects(Source.objects.all(), "slug", "Source citée.", method="from_sources")
    nature = choices(Nature, "Nature.", facet="nature")
    maturity = choices(Maturity, "Maturité.", facet="maturite")
    diffusion_form = choices(
        DiffusionForm,
        "Forme de diffusion, déclarée par une reprise ou établie par une reprise nationale.",
        facet="diffusion",
    )
    replicated = yes_or_no(
        "« true » : déjà reprise ailleurs (une reprise au moins a commencé) ; « false » : les "
        "autres.",
        method="taken_elsewhere",
    )
    legal_form = choices(LegalForm, "Forme juridique de la structure porteuse.", facet="forme")
    open_data = yes_or_no(
        "« true » : fiches sous licence ouverte ; « false » : simples références.",
        field_name="is_open",
    )
    year_min = told(
        WholeNumberFilter(
            field_name="year", lookup_expr="gte", min_value=FIRST_YEAR, max_value=LAST_YEAR,
            help_text="Démarrée cette année-là ou après.",
        ),
        type="integer", minimum=FIRST_YEAR, maximum=LAST_YEAR,
    )  # fmt: skip
    year_max = told(
        WholeNumberFilter(
            field_name="year", lookup_expr="lte", min_value=FIRST_YEAR, max_value=LAST_YEAR,
            help_text="Démarrée cette année-là ou avant.",
        ),
        type="integer", minimum=FIRST_YEAR, maximum=LAST_YEAR,
    )  # fmt: skip
    completeness_min = told(
        WholeNumberFilter(
            field_name="innovation__completeness__score", lookup_expr="gte", min_value=0,
            max_value=100, help_text="Complétude d’au moins (de 0 à 100).",
        ),
        type="integer", minimum=0, maximum=100,
    )  # fmt: skip
    updated_since = told(
        filters.IsoDateTimeFilter(
            field_name="innovation__updated_at",
            lookup_expr="gte",
            help_text="Modifiée à cette date (ISO 8601) ou après.",
            error_messages={"invalid": INSTANT},
        ),
        format="date-time",
    )

    class Meta:
        model = SearchRow
        fields: list[str] = []

    def with_words(self, rows: SearchRowQuerySet, name: str, value: str) -> QuerySet:
        """Rows that hold all the words, with ``relevance``.

        The rank is a float of 4 bytes that PostgreSQL writes in a shorter form than its value:
        widened, it comes back from a cursor equal to itself.
        """
        words = read(value, equivalents)
        if words.is_empty:
            raise ValidationError({name: [UNREAD]})
        found = with_relevance(rows, words)
        return found.annotate(relevance=Cast("rank", FloatField()))

    def taken_elsewhere(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        spread = BY_NAME["essaimee"].condition([Spread.YES.value])
        return rows.filter(spread if value else ~spread)

    def from_sources(self, rows: QuerySet, name: str, value: list[Source]) -> QuerySet:
        if not value:
            return rows
        cited = Citation.objects.filter(
            innovation=OuterRef("innovation"), source_slug__in=[s.slug for s in value]
        )
        return rows.filter(Exists(cited))


class PartnerFilters(filters.FilterSet):
    type = choices(PartnerKind, "Nature.", field_name="kind")
    name = told(
        filters.CharFilter(
            lookup_expr="unaccent__icontains",
            max_length=MAX_TEXT,
            help_text="Morceau du nom, accents et majuscules ignorés.",
        )
    )

    class Meta:
        model = Partner
        fields: list[str] = []


class TerritoryFilters(filters.FilterSet):
    kind = choices(Kind, "Niveau.")
    code = told(filters.CharFilter(max_length=9, help_text="Code officiel exact, zéros compris."))
    name = told(
        filters.CharFilter(
            method="named",
            max_length=MAX_TEXT,
            help_text="Début du nom ou d’un autre nom connu (ancien nom, sigle…), accents et "
            "majuscules ignorés.",
        )
    )
    postcode = told(
        filters.CharFilter(
            method="at_postcode", max_length=5, help_text="Code postal de la commune."
        )
    )
    within = told(
        TerritoriesFilter(
            field_name="ancestor_ids",
            help_text="Territoire englobant (« departement-22 »), lui-même compris. Plusieurs "
            "valeurs possibles.",
        ),
        type="array",
        items={"type": "string"},
    )
    active = yes_or_no(
        "« false » : territoires qui n’existent plus, au lieu de ceux qui sont en vigueur."
    )

    class Meta:
        model = Territory
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if self.form.cleaned_data["active"] == "":
            queryset = queryset.filter(active=True)
        return super().filter_queryset(queryset)

    def named(self, rows: Any, name: str, value: str) -> QuerySet:
        return rows.filter(pk__in=Territory.objects.named(value).values("pk"))

    def at_postcode(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(postal_codes__contains=[value])


class ReplicationFilters(filters.FilterSet):
    innovation = told(
        filters.CharFilter(
            method="of_innovation",
            max_length=120,
            help_text="Identifiant d’une innovation, ou d’une fiche réunie à elle.",
        )
    )
    state = choices(ReplicationState, "État.")
    begun = yes_or_no(
        "« true » : commencées ailleurs, arrêtées depuis ou non ; « false » : les autres.",
        method="that_began",
    )
    approach = choices(Approach, "Approche.")
    form = choices(DiffusionForm, "Forme de diffusion.", method="in_forms")
    extent = choices(Extent, "Portée.")
    territory = told(
        TerritoriesFilter(
            field_name="territory__ancestor_ids",
            help_text="Territoire visé (« region-53 », « departement-22 »…), ou qui l’englobe. "
            "Plusieurs valeurs possibles.",
        ),
        type="array",
        items={"type": "string"},
    )

    class Meta:
        model = Replication
        fields: list[str] = []

    def of_innovation(self, rows: Any, name: str, value: str) -> QuerySet:
        found = Innovation.objects.filter(slug=value).select_related("merged_into").first()
        return rows.of(found.merged_into or found) if found else rows.none()

    def that_began(self, rows: Any, name: str, value: bool) -> QuerySet:
        begun = Replication.objects.spread().values("pk")
        return rows.filter(pk__in=begun) if value else rows.exclude(pk__in=begun)

    def in_forms(self, rows: QuerySet, name: str, value: list[str]) -> QuerySet:
        return rows.filter(forms__overlap=value) if value else rows


class TermFilters(filters.FilterSet):
    vocabulary = choices(Vocabulary, "Vocabulaire.")

    class Meta:
        model = Term
        fields: list[str] = []


class FactsFilters(filters.FilterSet):
    innovation = told(
        filters.CharFilter(
            method="of_innovation",
            max_length=120,
            help_text="Identifiant d’une innovation, ou d’une fiche réunie à elle.",
        )
    )
    replication = told(
        filters.CharFilter(
            field_name="replication__code", max_length=80, help_text="Identifiant d’une reprise."
        )
    )
    at_origin = yes_or_no(
        "« true » : là où le projet est né ; « false » : de ses reprises.",
        field_name="replication",
        lookup_expr="isnull",
    )
    effect = choices(Effect, "Effet constaté.")
    strength = choices(Strength, "Solidité du constat.")

    class Meta:
        model = Facts
        fields: list[str] = []

    def of_innovation(self, rows: Any, name: str, value: str) -> QuerySet:
        found = Innovation.objects.filter(slug=value).select_related("merged_into").first()
        return rows.of(found.merged_into or found) if found else rows.none()
