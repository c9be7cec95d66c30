"""What is like an innovation, as the API gives it."""

from rest_framework import serializers

from carrefour.api.serializers.plain import PageField, PlainSerializer


class LikenessReasonSerializer(PlainSerializer):
    code = serializers.CharField(
        help_text="theme, public, method, words, organisation, departement, region ou commune."
    )
    label = serializers.CharField(help_text="La raison en français.")  # type: ignore[assignment]
    shared = serializers.ListField(
        child=serializers.CharField(help_text="Un point commun."),
        help_text="Ce que les deux fiches ont en commun ; vide si le libellé dit tout.",
    )


class AlikeSerializer(PlainSerializer):
    slug = serializers.SlugField(source="innovation.slug", help_text="Identifiant.")
    url = PageField(of="innovation")
    title = serializers.CharField(source="innovation.title", help_text="Titre.")
    is_reference = serializers.BooleanField(
        source="innovation.is_reference",
        help_text="Vrai si aucune source n’est sous licence ouverte.",
    )
    reasons = LikenessReasonSerializer(many=True, help_text="Pourquoi elle est donnée.")


class LikenessesSerializer(PlainSerializer):
    alike = AlikeSerializer(many=True, help_text="Les innovations les plus proches.")
    elsewhere = AlikeSerializer(
        many=True, help_text="Pour le même besoin, une innovation par région autre que les siennes."
    )
