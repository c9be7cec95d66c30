"""Administrative obstacles and experiments: their lists and their items."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view

from carrefour.api.parameters import TerritoriesFilter, choices, told
from carrefour.api.reading import ReadingViewSet
from carrefour.api.serializers.obstacles import ExperimentSerializer, ObstacleSerializer
from carrefour.text import primary_key
from essaimage.models import (
    Experiment,
    ExperimentOutcome,
    ExperimentState,
    Interpretation,
    Interpreter,
    LegalGround,
    Obstacle,
    ObstacleOrigin,
    ObstacleStage,
    ObstacleState,
    ObstacleStep,
    Relief,
)
from essaimage.obstacles import searching
from innovations.equivalents import equivalents
from innovations.search_criteria import MAX_TEXT
from innovations.search_words import read

NUMBER = "[0-9]+"
TAG = "Obstacles et expérimentations"
ORDERINGS = {"id": ("pk",), "-created_at": ("-created_at", "-pk")}
ORDERINGS_HELP = "id : ordre d’enregistrement ; -created_at : les derniers enregistrés d’abord."
PROJECT = filters.CharFilter(
    method="of_innovation",
    max_length=MAX_TEXT,
    help_text="Identifiant d’une fiche ; celles qui lui ont été réunies comptent.",
)


def obstacles() -> QuerySet[Obstacle]:
    """Public ones, with all that they show: four queries whatever their number."""
    shown: Any = Experiment.objects.of_public()
    told_elsewhere = Interpretation.objects.published().select_related("territory")
    return (
        Obstacle.objects.of_public()
        .select_related("innovation__merged_into", "territory")
        .prefetch_related(
            Prefetch("steps", ObstacleStep.objects.order_by("pk")),
            Prefetch("interpretations", told_elsewhere.order_by("pk")),
            Prefetch("experiments", shown.only("pk").order_by("pk")),
        )
    )


def experiments() -> QuerySet[Experiment]:
    shown: Any = Obstacle.objects.of_public()
    return (
        Experiment.objects.of_public()
        .select_related("innovation__merged_into")
        .prefetch_related(
            "alliance", "territories", Prefetch("obstacles", shown.only("pk").order_by("pk"))
        )
    )


class OfInnovation(filters.FilterSet):
    innovation = told(PROJECT)

    def of_innovation(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Q(innovation__slug=value) | Q(innovation__merged_into__slug=value))


class ObstacleFilters(OfInnovation):
    q = told(
        filters.CharFilter(
            method="with_words",
            max_length=MAX_TEXT,
            help_text="Mots cherchés dans l’obstacle, l’autorité, le texte en cause, la façon dont "
            "il a été levé et les interprétations (accents et terminaisons ignorés).",
        ),
        maxLength=MAX_TEXT,
    )
    authority = told(
        filters.CharFilter(
            method="before",
            max_length=MAX_TEXT,
            help_text="Morceau du nom de l’autorité, accents et majuscules ignorés.",
        )
    )
    state = choices(ObstacleState, "État.")
    origin = choices(ObstacleOrigin, "Ce qui est en cause.")
    stage = choices(ObstacleStage, "Stade du projet.")
    interpreter = choices(Interpreter, "Qui interprète la règle.")
    relief = choices(Relief, "Ce qui est demandé ou obtenu.")
    territory = told(
        TerritoriesFilter(
            method="inside",
            help_text="Niveau et code officiel (« departement-22 ») ; comprend tout ce qu’il "
            "englobe. Plusieurs valeurs possibles.",
        ),
        type="array",
        items={"type": "string"},
    )

    class Meta:
        model = Obstacle
        fields: list[str] = []

    def with_words(self, rows: Any, name: str, value: str) -> QuerySet:
        return searching.saying(rows, read(value, equivalents))

    def before(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(searching.before(value))

    def inside(self, rows: QuerySet, name: str, value: list[Any]) -> QuerySet:
        return rows.filter(searching.within([each.pk for each in value])) if value else rows


class ExperimentFilters(OfInnovation):
    state = told(
        filters.ChoiceFilter(
            choices=ExperimentState.choices,
            method="in_state",
            help_text="État aujourd’hui.",
            error_messages={"invalid_choice": "Valeur inconnue : « %(value)s »."},
        ),
        enum=list(ExperimentState.values),
    )
    ground = choices(LegalGround, "Article de la Constitution.")
    outcome = choices(ExperimentOutcome, "Issue.")

    class Meta:
        model = Experiment
        fields: list[str] = []

    def in_state(self, rows: Any, name: str, value: str) -> QuerySet:
        found: QuerySet = rows.in_state(value)
        return found


def number(of: str) -> OpenApiParameter:
    return OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH, description=of)


class Numbered(ReadingViewSet):
    lookup_field = "id"
    lookup_value_regex = NUMBER
    orderings = ORDERINGS
    orderings_help = ORDERINGS_HELP

    def find(self, name: str) -> Any:
        pk = primary_key(name)
        found = self.get_queryset().filter(pk=pk).first() if pk is not None else None
        if found is None:
            raise Http404
        return found


@extend_schema_view(
    list=extend_schema(
        operation_id="list_obstacles",
        tags=[TAG],
        summary="Chercher et lister les obstacles administratifs",
        description="Ce qui bloque des innovations, devant quelle autorité, comment la même règle "
        "est lue ailleurs et comment l’obstacle a été levé.",
    ),
    retrieve=extend_schema(
        operation_id="read_obstacle",
        tags=[TAG],
        summary="Lire un obstacle",
        description="Un obstacle publié, son journal et ses interprétations.",
        parameters=[number("Numéro de l’obstacle.")],
    ),
)
class ObstacleViewSet(Numbered):
    queryset = obstacles()
    serializer_class = ObstacleSerializer
    filterset_class = ObstacleFilters


@extend_schema_view(
    list=extend_schema(
        operation_id="list_experiments",
        tags=[TAG],
        summary="Lister les expérimentations",
        description="Les dérogations limitées dans le temps : objet, règles, alliance, durée, "
        "bilan et issue.",
    ),
    retrieve=extend_schema(
        operation_id="read_experiment",
        tags=[TAG],
        summary="Lire une expérimentation",
        description="Une expérimentation publiée.",
        parameters=[number("Numéro de l’expérimentation.")],
    ),
)
class ExperimentViewSet(Numbered):
    queryset = experiments()
    serializer_class = ExperimentSerializer
    filterset_class = ExperimentFilters
