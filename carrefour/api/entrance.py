"""The API's front door, and what it answers where there is nothing."""

from typing import Any, NoReturn

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from carrefour.api.reading import OpenReading

RESOURCES = (
    "innovations",
    "partners",
    "replications",
    "facts",
    "territories",
    "terms",
    "obstacles",
    "experiments",
)


@extend_schema(exclude=True)
class Entrance(OpenReading):
    """Where everything is, so that a program or a person can start from here."""

    def get(self, request: Request) -> Response:
        lists = {name: reverse(f"api:{name}-list", request=request) for name in RESOURCES}
        described = {name: reverse(f"api:{name}", request=request) for name in ("schema", "docs")}
        return Response({**lists, **described})


@extend_schema(exclude=True)
class Nowhere(OpenReading):
    """An unknown address answers as the rest of the API does, not with a page."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404
