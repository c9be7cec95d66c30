"""Keyboard decisions: which keys a page answers to, and whether a person wants them."""

from dataclasses import dataclass

from django.http import HttpRequest

SESSION = "touches"


@dataclass(frozen=True)
class Key:
    key: str
    does: str


def are_on(request: HttpRequest) -> bool:
    return bool(request.session.get(SESSION, True))


def switch(request: HttpRequest, *, on: bool) -> None:
    request.session[SESSION] = on
