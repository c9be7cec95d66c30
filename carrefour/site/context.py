"""What every page of the site needs in its frame."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "SITE_CONFIG": {
            "site_title": "Carrefour des innovations sociales",
            "site_tagline": "L’annuaire national des innovations sociales",
        },
        "base_url": settings.BASE_URL,
        "is_demo": settings.MODE == "demo",
        # The same for everyone: nothing of who asks is read (carrefour.caching).
        "is_shared": getattr(request, "is_shared", False),
    }
