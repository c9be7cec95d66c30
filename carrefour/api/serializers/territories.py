"""Territories of the official geography: as a reference inside a record, and whole."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carrefour.api.serializers.plain import PageField, PlainSerializer
from territories.kinds import Kind
from territories.models import Territory

ID_HELP = "Niveau et code officiel (« departement-22 ») : ce qu’attend le paramètre « territory »."


def identifier(territory: Territory) -> str:
    return f"{territory.kind}-{territory.code}"


class TerritoryReferenceSerializer(PlainSerializer):
    id = serializers.SerializerMethodField(help_text=ID_HELP)
    kind = serializers.ChoiceField(choices=Kind.choices, help_text="Niveau.")
    code = serializers.CharField(help_text="Code INSEE, ou SIREN d’une intercommunalité.")
    name = serializers.CharField(help_text="Nom officiel.")

    def get_id(self, territory: Territory) -> str:
        return identifier(territory)


class LocatedTerritorySerializer(TerritoryReferenceSerializer):
    # With the codes that statistics group by.
    departement = serializers.SerializerMethodField(
        help_text="Code INSEE du département (ou de la collectivité d’outre-mer)."
    )
    region = serializers.SerializerMethodField(help_text="Code INSEE de la région.")

    @extend_schema_field({"type": "string", "nullable": True})
    def get_departement(self, territory: Territory) -> str | None:
        return _code(territory, "departement")

    @extend_schema_field({"type": "string", "nullable": True})
    def get_region(self, territory: Territory) -> str | None:
        return _code(territory, "region")


class TerritorySerializer(TerritoryReferenceSerializer):
    form = serializers.ChoiceField(
        choices=Territory.EpciForm.choices,
        allow_null=True,
        help_text="Forme juridique d’une intercommunalité.",
    )
    population = serializers.IntegerField(allow_null=True, help_text="Nombre d’habitants.")
    longitude = serializers.FloatField(allow_null=True, help_text="Du centre, en degrés (WGS 84).")
    latitude = serializers.FloatField(allow_null=True, help_text="Du centre, en degrés (WGS 84).")
    postal_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Codes postaux (communes)."
    )
    epci = TerritoryReferenceSerializer(allow_null=True, help_text="Intercommunalité.")
    departement = TerritoryReferenceSerializer(allow_null=True, help_text="Département.")
    region = TerritoryReferenceSerializer(allow_null=True, help_text="Région.")
    active = serializers.BooleanField(
        help_text="Faux si le territoire n’existe plus ; son code n’est jamais réattribué."
    )
    successor = TerritoryReferenceSerializer(
        allow_null=True, help_text="Territoire qui l’a remplacé."
    )
    vintage = serializers.IntegerField(help_text="Millésime du Code officiel géographique.")
    url = PageField()


def _code(territory: Territory, level: str) -> str | None:
    if territory.kind == level:
        return territory.code
    parent = getattr(territory, level)
    return parent.code if parent else None
