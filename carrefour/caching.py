"""HTTP caching of public pages: shared caches may keep them, browsers ask again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control

View = Callable[..., HttpResponseBase]


def public_page(seconds: int = 60) -> Callable[[View], View]:
    """Let shared caches keep the page ``seconds`` for visitors who are not logged in.

    Browsers keep it but ask each time (the entity tag makes that cheap): what was just published
    or removed shows at once. A logged-in person's page is never shared.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response = view(request, *args, **kwargs)
            if response.status_code != 200 or response.has_header("Cache-Control"):
                return response
            if request.user.is_authenticated:
                patch_cache_control(response, private=True, max_age=0)
            else:
                patch_cache_control(response, public=True, max_age=0, s_maxage=seconds)
            return response

        return cached

    return decorator
