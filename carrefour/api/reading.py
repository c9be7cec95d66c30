"""What every address of the API shares: read only, open to any origin, cacheable, strict."""

import difflib
from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from django.db.models import Model
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    set_response_etag,
)
from django.utils.http import parse_http_date_safe
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from carrefour.api.serializers.errors import ErrorsSerializer
from carrefour.caching import data_version, entity_tag, names_a_page, reading
from carrefour.pagination import ApiPagination

# Seconds during which a cache may answer without asking again.
FRESH_FOR = 60
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Retry-After",
}
PREFLIGHT = {
    "Allow": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class FirstRenderer(BaseContentNegotiation):
    """The view's own format whatever is asked: a browser that prefers HTML still reads the data."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class DescribedErrors(AutoSchema):
    """Adds to each operation the errors it may answer."""

    def get_response_serializers(self) -> Any:
        told = {
            status.HTTP_400_BAD_REQUEST: "Paramètre inconnu ou valeur refusée.",
            status.HTTP_429_TOO_MANY_REQUESTS: "Trop de requêtes : voir l’en-tête Retry-After.",
        }
        if "{" in self.path:
            told[status.HTTP_404_NOT_FOUND] = "Rien sous ce nom."
            if getattr(self.view, "has_withdrawn_items", False):
                told[status.HTTP_410_GONE] = "Fiche retirée de l’annuaire."
        errors = {code: OpenApiResponse(ErrorsSerializer, told[code]) for code in sorted(told)}
        found = OpenApiResponse(super().get_response_serializers(), "Trouvé.")
        return {status.HTTP_200_OK: found, **errors}


class OpenReading(APIView):
    """A public address. Unknown or repeated parameters are refused by name, never ignored."""

    http_method_names = ["get", "head", "options"]
    content_negotiation_class: type[BaseContentNegotiation] = FirstRenderer
    schema = DescribedErrors()

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """304 for one query to who has it already; an answer is the same until the data change."""
        self.tag = ""
        if request.method in {"GET", "HEAD"}:
            version = data_version()
            self.tag = entity_tag(request, version)
            known = get_conditional_response(request, self.tag) if names_a_page(request) else None
            if known:
                open_to_all(known)
                known.headers["ETag"] = self.tag
                patch_cache_control(known, public=True, max_age=FRESH_FOR)
                return known
            with reading(version):
                return super().dispatch(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS":
            refuse_unknown(request, self.single_parameters(), self.repeatable_parameters())

    def single_parameters(self) -> Iterable[str]:
        return ()

    def repeatable_parameters(self) -> Iterable[str]:
        return ()

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """The preflight of a browser on another site."""
        return Response(status=status.HTTP_204_NO_CONTENT, headers=PREFLIGHT)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        open_to_all(response)
        if response.status_code == status.HTTP_200_OK:
            patch_cache_control(response, public=True, max_age=FRESH_FOR)
            if self.tag:
                response["ETag"] = self.tag
            response.add_post_render_callback(partial(unless_known, request))
        else:
            patch_cache_control(response, no_store=True)
        return response


class ReadingList(OpenReading, ListModelMixin, GenericViewSet):
    """A list, filtered and paginated. ``orderings`` and ``orderings_help``: see ApiPagination."""

    orderings: ClassVar[dict[str, tuple[str, ...]]]
    orderings_help = ""

    def single_parameters(self) -> Iterable[str]:
        if self.detail:
            return ()
        return {*self._filters(), *ApiPagination.parameters} - set(self.repeatable_parameters())

    def repeatable_parameters(self) -> Iterable[str]:
        if self.detail:
            return ()
        return {
            name
            for name, each in self._filters().items()
            if getattr(each.field.widget, "allow_multiple_selected", False)
        }

    def _filters(self) -> dict[str, Any]:
        return self.filterset_class.base_filters  # type: ignore[attr-defined]


class ReadingViewSet(RetrieveModelMixin, ReadingList):
    """A list and its items. Only the list takes parameters; an item needs no filter."""

    # Whether an item that was once public answers 410 rather than 404.
    has_withdrawn_items = False

    def get_object(self) -> Any:
        return self.find(self.kwargs[self.lookup_url_kwarg or self.lookup_field])

    def find(self, name: str) -> Model:
        """The item of this name. Raises ``Http404``."""
        return get_object_or_404(self.get_queryset(), **{self.lookup_field: name})


def open_to_all(response: HttpResponseBase) -> None:
    for name, value in CROSS_ORIGIN.items():
        response[name] = value


def unless_known(request: Request, response: Response) -> HttpResponseBase:
    """The response with its ETag, or 304 when the reader has it already.

    Django's middleware would answer 304 without the headers that let another site read it.
    """
    if not response.has_header("ETag"):
        set_response_etag(response)
    modified = parse_http_date_safe(response.get("Last-Modified", ""))
    answer = get_conditional_response(request, response["ETag"], modified, response)
    assert answer is not None  # The response given, or one that stands for it.
    open_to_all(answer)
    return answer


def refuse_unknown(request: Request, single: Iterable[str], repeatable: Iterable[str]) -> None:
    """Raise ``ValidationError`` naming each parameter that is unknown, or repeated in vain."""
    single, repeatable = set(single), set(repeatable)
    known = sorted(single | repeatable)
    errors = {}
    for name, values in request.query_params.lists():
        if name not in known:
            errors[name] = [ErrorDetail(_unknown(name, known), code="unknown_parameter")]
        elif name in single and len(values) > 1:
            message = "Ce paramètre ne peut être donné qu’une fois."
            errors[name] = [ErrorDetail(message, code="repeated_parameter")]
        elif any("\0" in value for value in values):
            errors[name] = [ErrorDetail("Caractère nul interdit.", code="invalid")]
    if errors:
        raise ValidationError(errors)


def _unknown(name: str, known: list[str]) -> str:
    if not known:
        return f"Paramètre inconnu : « {name} ». Cette adresse n’en accepte aucun."
    near = difflib.get_close_matches(name, known, n=1)
    guess = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    return f"Paramètre inconnu : « {name} ».{guess} Paramètres acceptés : {', '.join(known)}."
