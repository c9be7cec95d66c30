"""What a page of results tells once shown: which search it was. Nothing else is sent or read."""

from urllib.parse import urlsplit

import redis
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from carrefour.clients import client_address
from carrefour.limits import too_many
from innovations import search_log

PER_HOUR = 120
LONGEST = 2000


@never_cache
# Nothing is done in anyone's name, and the page bears no token: the origin is checked instead.
@csrf_exempt
@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """204 whatever is counted: who asks learns nothing. 403 to another site's page."""
    if not _from_here(request):
        return HttpResponse(status=403)
    agent = request.headers.get("User-Agent", "")
    if int(request.META.get("CONTENT_LENGTH") or 0) <= LONGEST and not search_log.is_robot(agent):
        try:
            if not too_many(request, "recherches", PER_HOUR):
                said = request.body.decode("utf-8", "replace").removeprefix("?")
                search_log.note(QueryDict(said), client_address(request))
        except redis.RedisError:
            pass  # A count is lost; nobody waits for it.
    return HttpResponse(status=204)


def _from_here(request: HttpRequest) -> bool:
    """Browsers say where a beacon comes from, and pages cannot say it for them."""
    try:
        origin = urlsplit(request.headers.get("Origin", ""))
    except ValueError:
        return False
    return bool(origin.netloc) and origin.netloc == request.get_host()
