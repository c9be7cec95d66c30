"""What is proposed while a visitor types, as JSON."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from carrefour import limits
from carrefour.caching import public_page
from carrefour.text import one_line
from innovations.search_suggestions import LONGEST, suggest, suggest_places

# A visitor who types all day; shared caches answer most of it.
PER_HOUR = 6000
FIELDS = {"": suggest, "quoi": suggest, "lieu": suggest_places}


@require_safe
@public_page()
def suggestions(request: HttpRequest) -> JsonResponse:
    """``q``: what is typed; ``champ=lieu``: places only. See ``Suggestions.to_json``."""
    asked = request.GET.get("champ", "")
    if asked not in FIELDS:
        return _refused(400, "Le champ demandé n’existe pas : « quoi » ou « lieu ».")
    typed = one_line(request.GET.get("q", "").replace("\x00", " "))
    if len(typed) > LONGEST:
        return _refused(400, f"Les suggestions se demandent en {LONGEST} caractères au plus.")
    if limits.too_many(request, "suggestions", PER_HOUR):
        response = _refused(429, "Trop de demandes : réessayez dans une heure.")
        response["Retry-After"] = str(limits.HOUR)
        return response
    response = JsonResponse(FIELDS[asked](typed).to_json())
    response["X-Robots-Tag"] = "noindex"
    return response


def _refused(status: int, message: str) -> JsonResponse:
    return JsonResponse({"message": message}, status=status)
