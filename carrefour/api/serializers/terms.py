"""The directory's vocabularies: themes, publics and methods."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carrefour.api.serializers.plain import PlainSerializer
from innovations.models import Term, Vocabulary


class TermReferenceSerializer(PlainSerializer):
    code = serializers.SlugField(help_text="Code stable.")
    label = serializers.CharField(help_text="Libellé.")  # type: ignore[assignment]
    parent = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="Code du domaine dont ce sous-domaine relève ; null au premier niveau."
    )

    @extend_schema_field({"type": "string", "nullable": True})
    def get_parent(self, term: Term) -> str | None:
        return term.parent.code if term.parent else None


class TermSerializer(TermReferenceSerializer):
    vocabulary = serializers.ChoiceField(
        choices=Vocabulary.choices,
        help_text="Vocabulaire : c’est aussi le nom du paramètre qui filtre les innovations.",
    )
    description = serializers.CharField(allow_null=True, help_text="Ce que le terme recouvre.")
