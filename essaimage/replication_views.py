"""The public page of a replication."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from carrefour.caching import public_page
from essaimage.models import Replication
from essaimage.replication_page import ReplicationPage


@require_safe
@public_page()
def replication(request: HttpRequest, code: str) -> HttpResponse:
    """404 when it is not published, or when the record that it takes up is not."""
    found = get_object_or_404(Replication.objects.of_public().for_page(), code=code)
    context = {
        "replication": found,
        "innovation": found.shown_innovation,
        "page": ReplicationPage(found),
    }
    return render(request, "essaimage/replication.html", context)
