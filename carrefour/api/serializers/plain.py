"""The base of every representation, and what several of them share."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from innovations.licences import Licence


# The schema shows the docstring of a serializer to reusers: here they are in French, or comments.
class PlainSerializer(serializers.Serializer):
    # Read only. What is not known is null: never an empty string.

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {name: None if value == "" else value for name, value in shown.items()}


class PageField(serializers.URLField):
    """The public page of the object, whatever host the request came through."""

    def __init__(self, *, of: str = "", **kwargs: Any) -> None:
        super().__init__(
            source=f"{of}.get_absolute_url" if of else "get_absolute_url",
            read_only=True,
            help_text=kwargs.pop("help_text", "Page publique."),
            **kwargs,
        )

    def to_representation(self, value: str) -> str:
        return f"{settings.BASE_URL}{value}"


class LicenceSerializer(PlainSerializer):
    code = serializers.ChoiceField(choices=Licence.choices, source="value", help_text="Code.")
    label = serializers.CharField(help_text="Libellé.")  # type: ignore[assignment]
    url = serializers.URLField(
        allow_null=True, help_text="Texte de la licence, s’il en existe un en ligne."
    )
    is_open = serializers.BooleanField(
        help_text="Vrai si les textes peuvent être réutilisés à toute fin."
    )
