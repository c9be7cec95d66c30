"""Pages opened by a link sent by e-mail: kept by no cache, told to no other site, journaled without
their secret."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import pghistory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from essaimage.links import DeadLink

View = Callable[..., HttpResponse]


def secret_page(view: View) -> View:
    """``view`` takes the request and a token; 410 with the reason when the link opens nothing."""

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def opened(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        # The history keeps the address of what made a change.
        with pghistory.context(url=request.path.replace(token, "…")):
            try:
                response = view(request, token, **kwargs)
            except DeadLink as error:
                context = {"message": error.message}
                response = render(request, "essaimage/link_over.html", context, status=410)
        # « no-referrer » would have browsers post without their origin, which is then refused.
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return opened
