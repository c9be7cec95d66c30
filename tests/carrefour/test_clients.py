"""Rate limits count visitors, not proxies, and believe no one's own word."""

import pytest
from django.test import RequestFactory
from rest_framework.settings import api_settings

from carrefour.clients import client_address


def address(proxies: int, forwarded: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(api_settings.user_settings, "NUM_PROXIES", proxies)
    api_settings.__dict__.pop("NUM_PROXIES", None)
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    try:
        return client_address(request)
    finally:
        api_settings.__dict__.pop("NUM_PROXIES", None)


def test_without_proxy_the_header_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address(0, "203.0.113.9", monkeypatch) == "10.0.0.1"


def test_behind_one_proxy_the_last_address_is_the_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address(1, "198.51.100.7, 203.0.113.9", monkeypatch) == "203.0.113.9"
