"""Errors that a program can act upon and a person can read: always the same shape, in French."""

import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

logger = logging.getLogger("carrefour.api")

# What Django REST framework says of these is too terse, or names things a reuser does not know.
MESSAGES = {
    "not_found": "Aucune ressource à cette adresse.",
    "method_not_allowed": "Cette API se lit seulement : méthodes GET, HEAD et OPTIONS.",
    "permission_denied": "Vous n’avez pas accès à cette ressource.",
    "unreadable": "L’adresse ne peut pas être lue : elle a trop de paramètres.",
    "error": "Une erreur est survenue de notre côté. Elle a été enregistrée ; réessayez plus tard.",
}
WHOLE_REQUEST = {"__all__", "non_field_errors"}


class Gone(exceptions.APIException):
    status_code = status.HTTP_410_GONE
    default_code = "gone"
    default_detail = "Cette fiche a été retirée de l’annuaire."


class Moved(exceptions.APIException):
    """The record is another's now: the answer's Location leads to it."""

    status_code = status.HTTP_301_MOVED_PERMANENTLY
    default_code = "moved"
    default_detail = "Cette fiche a été réunie à une autre : suivez l’adresse donnée."

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location


def handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The response to any exception: {"errors": [{"code", "message", "field"}, …]}.

    ``field`` is the parameter at fault, or null. An exception that nobody foresaw answers 500 in
    the same shape, once logged and told to whatever listens to Django's failures.
    """
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, SuspiciousOperation):
        # Thousands of parameters: Django refuses to read them.
        exc = exceptions.ParseError(code="unreadable")
    response = exception_handler(exc, context)
    if response is None:
        return _unforeseen(context)
    if isinstance(exc, Moved):
        response["Location"] = exc.location
    response.data = {"errors": list(_errors(exc))}
    return response


def _unforeseen(context: dict[str, Any]) -> Response | None:
    if settings.DEBUG:
        return None
    request = context["request"]
    logger.exception("%s %s", request.method, request.path)
    got_request_exception.send(sender=None, request=request)
    set_rollback()
    return Response(
        {"errors": [_error("error", MESSAGES["error"])]},
        status=status.HTTP_500_INTERNAL_SERVER_ERROR,
    )


def _errors(exc: Any) -> Iterator[dict[str, Any]]:
    if isinstance(exc, exceptions.Throttled):
        wait = round(getattr(exc, "wait", None) or 0)
        yield _error("throttled", f"Trop de requêtes : réessayez dans {wait} s.")
        return
    yield from _flattened(exc.get_full_details(), None)


def _flattened(details: Any, field: str | None) -> Iterator[dict[str, Any]]:
    """Every {"message", "code"} found in the nested details, with the parameter it stands under."""
    if isinstance(details, list):
        for each in details:
            yield from _flattened(each, field)
    elif "message" in details and "code" in details:
        code = str(details["code"])
        yield _error(code, MESSAGES.get(code, str(details["message"])), field)
    else:
        for name, each in details.items():
            yield from _flattened(each, None if name in WHOLE_REQUEST else name)


def _error(code: str, message: str, field: str | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "field": field}
