"""The resources of the API: their lists and their items."""

from typing import Any

from django.db.models import F, Q
from django.http import Http404
from django.urls import reverse
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from carrefour.api import querysets
from carrefour.api.errors import Gone, Moved
from carrefour.api.filters import (
    FactsFilters,
    InnovationFilters,
    PartnerFilters,
    ReplicationFilters,
    TermFilters,
    TerritoryFilters,
)
from carrefour.api.reading import ReadingList, ReadingViewSet
from carrefour.api.serializers.facts import FactsSerializer
from carrefour.api.serializers.innovations import InnovationSerializer
from carrefour.api.serializers.partners import PartnerSerializer
from carrefour.api.serializers.replications import ReplicationSerializer
from carrefour.api.serializers.similar import LikenessesSerializer
from carrefour.api.serializers.terms import TermSerializer
from carrefour.api.serializers.territories import TerritorySerializer
from carrefour.pagination import refuse
from innovations.models import Innovation, Status
from innovations.search_asked import ORDERS
from innovations.similar import similar
from partners.suppression import page_is_gone
from territories.models import Territory

SLUG = "[-a-zA-Z0-9_]+"


def named(parameter: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(
        parameter, OpenApiTypes.STR, OpenApiParameter.PATH, description=description
    )


@extend_schema_view(
    list=extend_schema(
        operation_id="list_innovations",
        tags=["Innovations"],
        summary="Chercher et lister les innovations publiées",
        description="Les filtres se combinent : « et » entre paramètres, « ou » entre les valeurs "
        "d’un même paramètre. Les fiches sont complètes : il n’est pas utile de les relire une "
        "à une.",
    ),
    retrieve=extend_schema(
        operation_id="read_innovation",
        tags=["Innovations"],
        summary="Lire une innovation",
        description="Répond 404 si l’adresse est inconnue, 410 si la fiche a été retirée, 301 "
        "si elle a été réunie à une autre.",
        parameters=[named("slug", "Identifiant de la fiche.")],
    ),
)
class InnovationViewSet(ReadingViewSet):
    queryset = querysets.search_rows()
    serializer_class = InnovationSerializer
    filterset_class = InnovationFilters
    lookup_field = "slug"
    lookup_value_regex = SLUG
    has_withdrawn_items = True
    orderings = {
        "id": ("innovation_id",),
        "updated_at": ("updated_at", "innovation_id"),
        "-published_at": ORDERS["recentes"],
        "title": ORDERS["titre"],
        "relevance": ("-relevance", *ORDERS["pertinence"][1:]),
    }
    orderings_help = (
        "id : ordre d’enregistrement, le plus sûr pour tout recopier ; updated_at : les plus "
        "anciennement modifiées d’abord, pour suivre les changements ; -published_at : les "
        "dernières publiées d’abord ; title : alphabétique ; relevance : pertinence, avec « q »."
    )

    def filter_queryset(self, queryset: Any) -> Any:
        asked = self.request.query_params
        if asked.get("ordering") == "relevance" and not asked.get("q", "").strip():
            raise refuse(
                "ordering", "invalid", "Le tri par pertinence demande des mots dans « q »."
            )
        rows = super().filter_queryset(queryset)
        if asked.get("ordering") == "updated_at":
            rows = rows.annotate(updated_at=F("innovation__updated_at"))
        return rows

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        """Sorted and cut on the narrow rows; then only the page's innovations are read whole."""
        keys = [row.pk for row in super().paginate_queryset(queryset) or ()]
        found = querysets.innovations().in_bulk(keys)
        return [found[key] for key in keys if key in found]

    def find(self, name: str) -> Innovation:
        found = querysets.innovations().filter(slug=name).first()
        if found:
            return found
        if kept := Innovation.objects.published().filter(merged__slug=name).first():
            raise Moved(reverse("api:innovations-detail", kwargs={"slug": kept.slug}))
        was_public = Q(status=Status.WITHDRAWN) | Q(published_at__isnull=False)
        withdrawn = Innovation.objects.filter(was_public, slug=name)
        if withdrawn.exists() or page_is_gone(name):
            raise Gone
        raise Http404

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        innovation = self.get_object()
        return Response(
            self.get_serializer(innovation).data,
            headers={"Last-Modified": http_date(innovation.updated_at.timestamp())},
        )

    @extend_schema(
        operation_id="list_similar",
        tags=["Innovations"],
        summary="Lire ce qui ressemble à une innovation",
        description="« alike » : les plus proches ; « elsewhere » : une par région autre que les "
        "siennes, pour le même besoin. Chacune avec ses raisons. Deux listes vides quand rien ne "
        "ressemble vraiment. Mêmes réponses 301, 404 et 410 que la fiche.",
        parameters=[named("slug", "Identifiant de la fiche.")],
    )
    @action(
        detail=True,
        serializer_class=LikenessesSerializer,
        filterset_class=None,
        pagination_class=None,
    )
    def similar(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(similar(self.get_object())).data)


@extend_schema_view(
    list=extend_schema(
        operation_id="list_replications",
        tags=["Essaimage"],
        summary="Lister les reprises",
        description="Les innovations reprises ailleurs, ou qu’il est prévu d’y reprendre. Tout est "
        "déclaré, et relu sur la forme seulement ; une reprise ne compte comme essaimage que si "
        "« has_begun » est vrai.",
    ),
    retrieve=extend_schema(
        operation_id="read_replication",
        tags=["Essaimage"],
        summary="Lire une reprise",
        description="Une reprise publiée, ses états et leurs dates.",
        parameters=[named("code", "Identifiant de la reprise.")],
    ),
)
class ReplicationViewSet(ReadingViewSet):
    queryset = querysets.replications()
    serializer_class = ReplicationSerializer
    filterset_class = ReplicationFilters
    lookup_field = "code"
    lookup_value_regex = SLUG
    orderings = {"id": ("pk",), "-id": ("-pk",)}
    orderings_help = "id : ordre d’enregistrement ; -id : les dernières enregistrées d’abord."


@extend_schema_view(
    list=extend_schema(
        operation_id="list_partners",
        tags=["Partenaires"],
        summary="Lister les partenaires",
        description="Les plateformes partenaires en activité, leurs sources et leur licence.",
    ),
    retrieve=extend_schema(
        operation_id="read_partner",
        tags=["Partenaires"],
        summary="Lire un partenaire",
        description="Un partenaire en activité, ses sources et leur licence.",
        parameters=[named("slug", "Identifiant du partenaire.")],
    ),
)
class PartnerViewSet(ReadingViewSet):
    queryset = querysets.partners()
    serializer_class = PartnerSerializer
    filterset_class = PartnerFilters
    lookup_field = "slug"
    lookup_value_regex = SLUG
    orderings = {"name": ("name_key", "pk"), "id": ("pk",)}
    orderings_help = "name : alphabétique ; id : ordre d’enregistrement."


@extend_schema_view(
    list=extend_schema(
        operation_id="list_territories",
        tags=["Territoires"],
        summary="Chercher et lister les territoires",
        description="Le référentiel géographique officiel : régions, départements, collectivités "
        "d’outre-mer, intercommunalités et communes.",
    ),
    retrieve=extend_schema(
        operation_id="read_territory",
        tags=["Territoires"],
        summary="Lire un territoire",
        description="Un territoire, en vigueur ou remplacé (« active », « successor »).",
        parameters=[named("id", "Niveau et code officiel, par exemple departement-22.")],
    ),
)
class TerritoryViewSet(ReadingViewSet):
    queryset = querysets.territories()
    serializer_class = TerritorySerializer
    filterset_class = TerritoryFilters
    lookup_field = "id"
    lookup_value_regex = "[a-z]+-[0-9A-Za-z]+"
    orderings = {"name": ("name_key", "pk"), "code": ("kind", "code")}
    orderings_help = "name : alphabétique ; code : par niveau puis code officiel."

    def find(self, name: str) -> Territory:
        kind, _, code = name.partition("-")
        found = querysets.territories().filter(kind=kind, code=code).first()
        if found is None:
            raise Http404
        return found


@extend_schema_view(
    list=extend_schema(
        operation_id="list_terms",
        tags=["Vocabulaires"],
        summary="Lister les thèmes, publics et méthodes",
        description="Les codes qu’attendent les paramètres « theme », « public » et « method ».",
    )
)
class TermViewSet(ReadingList):
    queryset = querysets.terms()
    serializer_class = TermSerializer
    filterset_class = TermFilters
    orderings = {"vocabulary": ("vocabulary", "position", "pk")}
    orderings_help = "vocabulary : par vocabulaire, dans l’ordre de l’annuaire."


@extend_schema_view(
    list=extend_schema(
        operation_id="list_facts",
        tags=["Essaimage"],
        summary="Lire les résultats en trois faits",
        description="Ce que chacun constate, là où le projet est né ou d’une de ses reprises : "
        "l’effet, la solidité du constat avec ses raisons, l’ordre de coût. Chacun parle pour "
        "soi : rien n’est noté, classé ni moyenné.",
    )
)
class FactsViewSet(ReadingList):
    queryset = querysets.facts()
    serializer_class = FactsSerializer
    filterset_class = FactsFilters
    orderings = {"id": ("pk",), "-id": ("-pk",)}
    orderings_help = "id : ordre d’enregistrement ; -id : les derniers dits d’abord."
