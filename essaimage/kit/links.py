"""Addresses of other pages of the essaimage."""

from typing import Any

from django.urls import NoReverseMatch, reverse


def page_of(name: str, *args: Any) -> str:
    """The address of a page of the essaimage; "" when the site has none of that name."""
    try:
        return reverse(f"essaimage:{name}", args=args)
    except NoReverseMatch:
        return ""
