"""Which rows the API gives, with all that a page of them shows, in a fixed number of queries."""

from django.db.models import (
    Count,
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce, Lower

from essaimage.models import Facts, Replication
from innovations.models import Citation, Innovation, Location, SearchRow, Status, Term
from partners.models import Partner, Source
from territories.models import Territory


def search_rows() -> QuerySet[SearchRow]:
    """The narrow rows that filters and sorting read, without their index of words."""
    return SearchRow.objects.only("published_at", "title_key")


def innovations() -> QuerySet[Innovation]:
    """Published innovations, each with its parts: ten queries whatever their number."""
    told = Replication.objects.published().for_counts()
    places = Location.objects.select_related("territory__departement", "territory__region")
    return (
        Innovation.objects.published()
        .select_related(
            "organisation", "reproduction", "means", "economics", "documentation", "completeness"
        )
        .prefetch_related(
            Prefetch("terms", Term.objects.active().select_related("parent")),
            Prefetch("locations", places),
            "citations",
            "evidence",
            Prefetch("replications", told, to_attr="told_replications"),
            Prefetch("merged", Innovation.objects.only("slug", "merged_into")),
            Prefetch(  # type: ignore[no-redef]
                "merged__replications", told, to_attr="told_replications"
            ),
        )
    )


def replications() -> QuerySet[Replication]:
    """Public replications, each with what it tells: six queries whatever their number."""
    return (
        Replication.objects.of_public()
        .for_record()
        .select_related(
            "innovation__merged_into", "parent", "territory__departement", "territory__region"
        )
        .prefetch_related("public_actors")
    )


def partners() -> QuerySet[Partner]:
    """Active partners, with ``innovations`` (how many published ones cite them) and a sort key."""
    cited = (
        Citation.objects.filter(partner_slug=OuterRef("slug"), innovation__status=Status.PUBLISHED)
        .order_by()
        .values("partner_slug")
        .annotate(number=Count("innovation", distinct=True))
        .values("number")
    )
    sources = Source.objects.filter(is_active=True)
    return (
        Partner.objects.active()
        .annotate(
            innovations=Coalesce(Subquery(cited, output_field=IntegerField()), 0),
            name_key=Lower(Func(F("name"), function="unaccent")),
        )
        .prefetch_related(Prefetch("sources", sources, to_attr="active_sources"))
    )


def territories() -> QuerySet[Territory]:
    return Territory.objects.select_related("epci", "departement", "region", "successor")


def facts() -> QuerySet[Facts]:
    """Published facts, each with its record and its replication: one query."""
    return Facts.objects.of_public().select_related("innovation__merged_into", "replication")


def terms() -> QuerySet[Term]:
    return Term.objects.active().select_related("parent")
