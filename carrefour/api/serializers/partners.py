"""Partner platforms and their sources. Contact address and harvest settings are never shown."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carrefour.api.serializers.plain import LicenceSerializer, PageField, PlainSerializer
from innovations.licences import Licence
from partners.models import PartnerKind, RecordType, Source


class SourceSerializer(PlainSerializer):
    slug = serializers.SlugField(help_text="Ce qu’attend le paramètre « source ».")
    name = serializers.CharField(help_text="Nom.")
    record_type = serializers.ChoiceField(
        choices=RecordType.choices, help_text="Ce que sont ses fiches."
    )
    licence = serializers.SerializerMethodField(help_text="Licence de ses fiches.")

    @extend_schema_field(LicenceSerializer)
    def get_licence(self, source: Source) -> dict[str, Any]:
        return LicenceSerializer(Licence(source.licence)).data


class PartnerSerializer(PlainSerializer):
    slug = serializers.SlugField(help_text="Identifiant ; ce qu’attend le paramètre « partner ».")
    url = PageField()
    name = serializers.CharField(help_text="Nom.")
    type = serializers.ChoiceField(choices=PartnerKind.choices, source="kind", help_text="Nature.")
    description = serializers.CharField(allow_null=True, help_text="Présentation.")
    website = serializers.URLField(help_text="Site web.")
    charter_signed_on = serializers.DateField(
        allow_null=True, help_text="Date de signature de la charte."
    )
    innovations = serializers.IntegerField(help_text="Nombre d’innovations publiées qui la citent.")
    sources = SourceSerializer(many=True, source="active_sources", help_text="Sources moissonnées.")
