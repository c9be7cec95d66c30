"""Administrative obstacles and experiments, with how the same rule is read elsewhere."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carrefour.api.serializers.plain import PageField, PlainSerializer
from carrefour.api.serializers.territories import TerritoryReferenceSerializer
from essaimage.models import (
    Experiment,
    ExperimentOutcome,
    ExperimentState,
    Interpreter,
    LegalGround,
    ObstacleOrigin,
    ObstacleStage,
    ObstacleState,
    Relief,
    Teller,
)


class ProjectSerializer(PlainSerializer):
    slug = serializers.SlugField(help_text="Identifiant de la fiche.")
    url = PageField()
    title = serializers.CharField(help_text="Titre.")


class ObstacleStepSerializer(PlainSerializer):
    state = serializers.ChoiceField(choices=ObstacleState.choices, help_text="État.")
    date = serializers.CharField(allow_null=True, help_text="AAAA, AAAA-MM ou AAAA-MM-JJ.")
    reason = serializers.CharField(allow_null=True, help_text="Ce qui le montre, ou pourquoi.")
    author = serializers.CharField(allow_null=True, help_text="Un rôle, jamais une personne.")


class InterpretationSerializer(PlainSerializer):
    authority = serializers.CharField(help_text="Autorité.")
    territory = TerritoryReferenceSerializer(allow_null=True, help_text="Son territoire.")
    allows = serializers.BooleanField(help_text="Vrai si elle permet le projet.")
    text = serializers.CharField(help_text="Comment elle entend la règle.")
    source = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="D’où on le tient."
    )


class ObstacleSerializer(PlainSerializer):
    id = serializers.IntegerField(help_text="Numéro.")
    url = PageField()
    title = serializers.CharField(help_text="L’obstacle en une phrase.")
    description = serializers.CharField(help_text="Ce qui bloque.")
    innovation = ProjectSerializer(source="shown_innovation", help_text="Innovation bloquée.")
    authority = serializers.CharField(help_text="Autorité qui décide.")
    interpreter = serializers.ChoiceField(
        choices=Interpreter.choices, allow_null=True, help_text="Qui interprète la règle."
    )
    territory = TerritoryReferenceSerializer(allow_null=True, help_text="Territoire.")
    legal_basis = serializers.CharField(allow_null=True, help_text="Texte en cause.")
    origin = serializers.ChoiceField(
        choices=ObstacleOrigin.choices, allow_null=True, help_text="Ce qui est en cause."
    )
    stage = serializers.ChoiceField(
        choices=ObstacleStage.choices, allow_null=True, help_text="Stade du projet."
    )
    relief = serializers.ChoiceField(
        choices=Relief.choices, allow_null=True, help_text="Ce qui est demandé ou obtenu."
    )
    state = serializers.ChoiceField(choices=ObstacleState.choices, help_text="État.")
    resolution = serializers.CharField(allow_null=True, help_text="Comment il a été levé.")
    told_by = serializers.ChoiceField(choices=Teller.choices, help_text="Qui l’a dit : un rôle.")
    steps = ObstacleStepSerializer(many=True, help_text="Journal de ses états.")
    interpretations = InterpretationSerializer(
        many=True, help_text="Comment la même règle est lue ailleurs."
    )
    experiments = serializers.SerializerMethodField(
        help_text="Numéros des expérimentations qui le concernent."
    )
    created_at = serializers.DateTimeField(help_text="Enregistré le.")

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_experiments(self, obstacle: Any) -> list[int]:
        return [experiment.pk for experiment in obstacle.experiments.all()]


class AllySerializer(PlainSerializer):
    slug = serializers.SlugField(help_text="Identifiant de l’organisation.")
    name = serializers.CharField(help_text="Nom.")


class ExperimentSerializer(PlainSerializer):
    id = serializers.IntegerField(help_text="Numéro.")
    url = PageField()
    title = serializers.CharField(help_text="Objet en une phrase.")
    object = serializers.CharField(help_text="Objet.")
    innovation = ProjectSerializer(
        source="shown_innovation", allow_null=True, help_text="Innovation qu’elle sert."
    )
    ground = serializers.ChoiceField(
        choices=LegalGround.choices, allow_null=True, help_text="Article de la Constitution."
    )
    rules = serializers.ListField(
        child=serializers.CharField(), help_text="Règles auxquelles il est dérogé."
    )
    alliance = AllySerializer(many=True, help_text="Organisations qui la portent.")
    territories = TerritoryReferenceSerializer(many=True, help_text="Territoires.")
    starts_on = serializers.DateField(allow_null=True, help_text="Début.")
    ends_on = serializers.DateField(allow_null=True, help_text="Terme.")
    state = serializers.ChoiceField(
        choices=ExperimentState.choices,
        help_text="État aujourd’hui, déduit des dates et de l’issue.",
    )
    bilan = serializers.CharField(allow_null=True, help_text="Bilan.")
    outcome = serializers.ChoiceField(
        choices=ExperimentOutcome.choices, allow_null=True, help_text="Issue."
    )
    closed_on = serializers.DateField(allow_null=True, help_text="Close le.")
    obstacles = serializers.SerializerMethodField(help_text="Numéros des obstacles concernés.")
    created_at = serializers.DateTimeField(help_text="Enregistrée le.")

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_obstacles(self, experiment: Experiment) -> list[int]:
        return [obstacle.pk for obstacle in experiment.obstacles.all()]
