"""A replication as the API gives it: what is public of it, nobody's address."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carrefour.api.serializers.plain import PageField, PlainSerializer
from carrefour.api.serializers.territories import LocatedTerritorySerializer
from essaimage.models import (
    Adaptation,
    Approach,
    DiffusionForm,
    Dynamic,
    Extent,
    Origin,
    PublicAction,
    PublicActor,
    PublicRole,
    Replication,
    ReplicationState,
    Strategy,
    TakeUpMode,
)


def several(choices: Any, help_text: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=choices.choices), help_text=help_text
    )


class ReplicatedSerializer(PlainSerializer):
    slug = serializers.SlugField(help_text="Identifiant de l’innovation.")
    url = PageField()
    title = serializers.CharField(help_text="Titre.")


class PublicActorSerializer(PlainSerializer):
    name = serializers.CharField(help_text="Acteur public.")
    roles = serializers.SerializerMethodField(
        help_text="Rôles, dits ou impliqués par ce qu’il fait."
    )
    actions = several(PublicAction, "Ce qu’il fait concrètement.")

    @extend_schema_field(several(PublicRole, ""))
    def get_roles(self, actor: PublicActor) -> list[str]:
        return [role.value for role in actor.all_roles]


class ReplicationStepSerializer(PlainSerializer):
    state = serializers.ChoiceField(choices=ReplicationState.choices, help_text="État atteint.")
    date = serializers.CharField(
        allow_null=True, help_text="AAAA, AAAA-MM ou AAAA-MM-JJ ; null si elle n’est pas connue."
    )
    reason = serializers.CharField(allow_null=True, help_text="Motif.")


class ReplicationSerializer(PlainSerializer):
    code = serializers.SlugField(help_text="Identifiant stable.")
    url = PageField(help_text="Page publique de la reprise.")
    innovation = ReplicatedSerializer(source="shown_innovation", help_text="Innovation reprise.")
    parent = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="Identifiant de la reprise qui a été reprise à son tour ; null : le projet "
        "d’origine."
    )
    repreneur = serializers.CharField(
        source="repreneur_shown", allow_null=True, help_text="Structure qui reprend."
    )
    territory = LocatedTerritorySerializer(allow_null=True, help_text="Territoire visé.")
    sector = serializers.CharField(allow_null=True, help_text="Autre secteur visé.")
    service = serializers.CharField(allow_null=True, help_text="Service d’une administration visé.")
    network = serializers.CharField(allow_null=True, help_text="Réseau qui la porte.")
    state = serializers.ChoiceField(choices=ReplicationState.choices, help_text="État.")
    has_begun = serializers.BooleanField(
        help_text="Vrai si elle a commencé ailleurs, arrêtée depuis ou non : elle compte alors "
        "comme essaimage."
    )
    began_on = serializers.CharField(allow_null=True, help_text="Début (AAAA, AAAA-MM…).")
    stopped_on = serializers.CharField(allow_null=True, help_text="Arrêt (AAAA, AAAA-MM…).")
    steps = ReplicationStepSerializer(
        many=True, source="journal", help_text="Les états par où elle est passée, dans l’ordre."
    )
    approach = serializers.ChoiceField(
        choices=Approach.choices, allow_null=True, help_text="Approche."
    )
    forms = several(DiffusionForm, "Formes de diffusion.")
    strategies = several(Strategy, "Stratégies de changement d’échelle.")
    dynamics = several(Dynamic, "Dynamiques.")
    extent = serializers.ChoiceField(choices=Extent.choices, allow_null=True, help_text="Portée.")
    take_up = serializers.ChoiceField(
        choices=TakeUpMode.choices, allow_null=True, help_text="Mode de reprise publique."
    )
    adaptation = serializers.ChoiceField(
        choices=Adaptation.choices, allow_null=True, help_text="Degré d’adaptation."
    )
    public_actors = PublicActorSerializer(many=True, help_text="Acteurs publics.")
    summary = serializers.CharField(allow_null=True, help_text="Ce qui est repris.")
    kept = serializers.CharField(allow_null=True, help_text="Ce qui est resté du cœur du concept.")
    changed = serializers.CharField(allow_null=True, help_text="Ce qui a changé.")
    results = serializers.CharField(allow_null=True, help_text="Résultats.")
    lessons = serializers.CharField(allow_null=True, help_text="Enseignements.")
    origin = serializers.ChoiceField(choices=Origin.choices, help_text="Qui l’a dite d’abord.")

    @extend_schema_field({"type": "string", "nullable": True})
    def get_parent(self, replication: Replication) -> str | None:
        above = replication.parent
        return above.code if above and above.is_public else None


class SpreadSerializer(PlainSerializer):
    url = serializers.URLField(help_text="Page de l’essaimage de l’innovation.")
    begun = serializers.IntegerField(
        help_text="Reprises commencées ailleurs, arrêtées depuis ou non."
    )
    running = serializers.IntegerField(help_text="Reprises en activité aujourd’hui.")
    planned = serializers.IntegerField(
        help_text="Reprises envisagées ou en préparation, qui n’ont pas commencé."
    )
    given_up = serializers.IntegerField(help_text="Expériences inabouties avant de commencer.")
