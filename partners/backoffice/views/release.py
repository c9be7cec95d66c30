"""Publishing a source's waiting records together: what will be published, then the way back."""

import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.french import agree, counted
from innovations.models import BulkAction
from partners import releasing
from partners.access import backoffice_page, visible_or_404, visible_sources
from partners.models import Source

PAGE = 50


@never_cache
@backoffice_page("innovations.change_innovation")
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """How many, and which; the form that publishes them says when they were shown."""
    source = _source(request, slug)
    # The time of the first page shown, kept by the links to the next: what changed since is not
    # published unseen.
    seen_at = _moment(request.GET.get("vu", "")) or timezone.now()
    kept = request.GET.copy()
    kept["vu"] = seen_at.isoformat()
    request.GET = kept  # type: ignore[assignment]
    found = releasing.waiting(source).order_by("title_key", "pk").select_related("organisation")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "source": source,
        "page_obj": page,
        "held_count": releasing.held(source).count(),
        "most": releasing.MOST,
        "now_count": min(page.paginator.count, releasing.MOST),
        "seen_at": seen_at.isoformat(),
    }
    return render(request, "backoffice/release.html", context)


@require_POST
@backoffice_page("innovations.change_innovation")
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    source = _source(request, slug)
    seen_at = _moment(request.POST.get("vu", ""))
    if seen_at is None:
        return redirect("backoffice:release", slug=source.slug)
    made = releasing.release(source, seen_at, request.user)
    if made is None:
        messages.info(request, "Ces fiches ont changé entre-temps : rien n’a été publié.")
        return redirect("backoffice:release", slug=source.slug)
    messages.success(request, f"{counted(made.changes.count(), 'fiche publiée')}.")
    left = releasing.waiting(source).count()
    if left:
        said = agree(left, "attend", "attendent")
        messages.info(request, f"{counted(left, 'fiche')} de cette source {said} encore.")
    return redirect(f"{reverse('backoffice:review')}?source={source.slug}")


@backoffice_page("innovations.change_innovation")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """The former address of what is now a gesture among the others, undone on its page."""
    made = get_object_or_404(BulkAction, pk=pk, kind=releasing.RELEASE.code)
    return redirect("backoffice:bulk_action", pk=made.pk)


def _moment(text: str) -> datetime.datetime | None:
    """A past moment written as a form keeps it; None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None or timezone.is_naive(found) or found > timezone.now():
        return None
    return found


def _source(request: HttpRequest, slug: str) -> Source:
    return visible_or_404(visible_sources(request.user).select_related("partner"), slug=slug)
