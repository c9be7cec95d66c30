"""What every page of the site needs in its frame."""

from django.conf import settings
from django.http import HttpRequest

from partners.access import may_enter


def site(request: HttpRequest) -> dict[str, object]:
    # A shared page is the same for everyone: nothing of who asks is read (carrefour.caching).
    is_shared = getattr(request, "is_shared", False)
    user = None if is_shared else getattr(request, "user", None)
    has_account = bool(user and user.is_authenticated)
    return {
        "SITE_CONFIG": {
            "site_title": "Carrefour des innovations sociales",
            "site_tagline": "L’annuaire national des innovations sociales",
        },
        "base_url": settings.BASE_URL,
        "is_demo": settings.MODE == "demo",
        "is_shared": is_shared,
        "has_account": has_account,
        # A porteur manages its own projects only.
        "shows_projects": has_account and not may_enter(user),
    }
