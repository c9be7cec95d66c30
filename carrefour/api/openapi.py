"""The OpenAPI 3 description: made once per process from the resources, then served from memory."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from carrefour.api.reading import OpenReading

SETTINGS = {
    "TITLE": "API du Carrefour des innovations sociales",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Lecture libre et sans inscription de l’annuaire national des innovations "
    "sociales. Chaque fiche cite ses sources et leur licence ; chaque champ dit d’où il vient. "
    "Une fiche sans source sous licence ouverte est une simple référence : titre, court extrait "
    "et lien.",
    "SERVERS": [{"url": settings.BASE_URL, "description": "Ce site."}],
    "TAGS": [
        {"name": "Innovations", "description": "Les fiches publiées de l’annuaire."},
        {"name": "Partenaires", "description": "Les plateformes moissonnées."},
        {"name": "Essaimage", "description": "Les reprises des innovations ailleurs."},
        {"name": "Territoires", "description": "La géographie officielle."},
        {
            "name": "Obstacles et expérimentations",
            "description": "Ce qui bloque les innovations, et comment c’est levé.",
        },
        {"name": "Vocabulaires", "description": "Les thèmes, publics et méthodes."},
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_NAME_OVERRIDES": settings.SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"],
}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole OpenAPI document. Do not change what it returns: it is shared."""
    with patched_settings(SETTINGS):
        return SchemaGenerator().get_schema(request=None, public=True)


@extend_schema(exclude=True)
class SchemaView(OpenReading):
    """JSON by default; YAML when asked by « ?format=yaml » or by the Accept header."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiYamlRenderer2]
    content_negotiation_class: type[BaseContentNegotiation] = DefaultContentNegotiation

    def single_parameters(self) -> list[str]:
        return ["format"]

    def get(self, request: Request) -> Response:
        return Response(document())
