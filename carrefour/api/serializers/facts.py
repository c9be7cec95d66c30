"""The evidence in three facts, as the API gives it: what each tells, nobody's address."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carrefour.api.serializers.plain import PageField, PlainSerializer
from essaimage.models import Cost, Effect, Facts, Origin, Strength, StrengthReason


def label(of: str, help_text: str) -> serializers.CharField:
    return serializers.CharField(
        source=f"get_{of}_display", allow_null=True, help_text=help_text, read_only=True
    )


class EffectSerializer(PlainSerializer):
    code = serializers.ChoiceField(
        source="effect", choices=Effect.choices, allow_null=True, help_text="Code."
    )
    label = label("effect", "Libellé.")  # type: ignore[assignment]
    text = serializers.CharField(source="effect_text", allow_null=True, help_text="En clair.")


class StrengthSerializer(PlainSerializer):
    code = serializers.ChoiceField(
        source="strength", choices=Strength.choices, allow_null=True, help_text="Code."
    )
    label = label("strength", "Libellé.")  # type: ignore[assignment]
    reasons = serializers.ListField(
        child=serializers.ChoiceField(choices=StrengthReason.choices),
        help_text="Ce sur quoi elle repose.",
    )


class CostSerializer(PlainSerializer):
    code = serializers.ChoiceField(
        source="cost", choices=Cost.choices, allow_null=True, help_text="Code."
    )
    label = label("cost", "Libellé.")  # type: ignore[assignment]
    text = serializers.CharField(source="cost_text", allow_null=True, help_text="En clair.")


class ToldOfSerializer(PlainSerializer):
    slug = serializers.SlugField(help_text="Identifiant de l’innovation.")
    url = PageField()
    title = serializers.CharField(help_text="Titre.")


class FactsSerializer(PlainSerializer):
    id = serializers.IntegerField(source="pk", help_text="Identifiant stable.")
    innovation = ToldOfSerializer(source="shown_innovation", help_text="Innovation.")
    replication = serializers.SerializerMethodField(
        help_text="Identifiant de la reprise ; null : là où le projet est né."
    )
    months = serializers.IntegerField(
        allow_null=True, help_text="Mois après le début (0 : au démarrage)."
    )
    effect = EffectSerializer(source="*", help_text="Premier fait : l’effet constaté.")
    strength = StrengthSerializer(source="*", help_text="Deuxième fait : la solidité du constat.")
    cost = CostSerializer(source="*", help_text="Troisième fait : l’ordre de coût d’un site.")
    beyond = serializers.CharField(
        allow_null=True, help_text="Ce que les indicateurs habituels ne disent pas."
    )
    stopped_because = serializers.CharField(
        allow_null=True, help_text="D’une reprise arrêtée : pourquoi."
    )
    learnt = serializers.CharField(
        allow_null=True, help_text="D’une reprise arrêtée : ce qui a été appris."
    )
    origin = serializers.ChoiceField(
        source="told_by", choices=Origin.choices, help_text="Qui le dit."
    )
    told_name = serializers.CharField(
        source="teller", help_text="La structure ou la fonction qui le dit."
    )
    reported_at = serializers.DateTimeField(help_text="Dit le.")

    @extend_schema_field({"type": "string", "nullable": True})
    def get_replication(self, facts: Facts) -> Any:
        return facts.replication.code if facts.replication else None
