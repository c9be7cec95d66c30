"""The shape of errors, as the schema tells it (built in carrefour.api.errors)."""

from rest_framework import serializers


class ErrorSerializer(serializers.Serializer):
    code = serializers.CharField(
        help_text="Code stable, pour les programmes : unknown_parameter, invalid_choice, "
        "not_found, gone, throttled…"
    )
    message = serializers.CharField(help_text="Explication en français.")
    field = serializers.CharField(
        allow_null=True, help_text="Paramètre en cause ; null si l’erreur porte sur le tout."
    )


class ErrorsSerializer(serializers.Serializer):
    errors = ErrorSerializer(  # type: ignore[assignment]
        many=True, help_text="Toutes les erreurs relevées, au moins une."
    )
