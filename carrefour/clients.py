"""Whose request it is: the visitor's address, as far as our own proxies can be believed."""

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address, behind as many proxies as CARREFOUR_PROXIES says (0: none).

    What a visitor writes itself in X-Forwarded-For is never believed. The rule is that of the
    API's rate limits (REST_FRAMEWORK["NUM_PROXIES"]), so that every limit counts the same people.
    """
    return str(BaseThrottle().get_ident(Request(request)) or "")
