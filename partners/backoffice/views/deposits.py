"""Files dropped for a source: by the team, or by the members of its partner."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header

from partners import deposits, onboarding
from partners.access import backoffice_page, may_deposit, visible_or_404, visible_sources
from partners.backoffice.forms import DepositForm
from partners.models import Source

PAGE = 20


@backoffice_page()
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    source = _source(request, slug)
    is_sent = request.method == "POST"
    form = DepositForm(request.POST, request.FILES) if is_sent else DepositForm()
    if form.is_valid():
        kept = deposits.store(source, form.cleaned_data["file"], request.user)
        messages.success(request, f"Fichier « {kept.name} » déposé.")
        return redirect("backoffice:deposits", slug=slug)
    page = Paginator(deposits.listed(source), PAGE).get_page(request.GET.get("page"))
    context = {
        "source": source,
        "form": form,
        "page_obj": page,
        "is_deposited": deposits.is_deposited(source),
        "is_draft": onboarding.is_draft(source),
        "read_since": _read_since(source),
    }
    return render(request, "backoffice/deposits.html", context)


@backoffice_page()
def download(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    deposit = get_object_or_404(_source(request, slug).deposits, pk=pk)
    if not deposit.is_held:
        raise Http404
    # Never shown by the browser: what someone dropped is not trusted.
    return HttpResponse(
        bytes(deposit.content),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, deposit.name) or "attachment",
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _read_since(source: Source) -> bool:
    """Whether the latest file was already harvested."""
    latest = source.deposits.defer("content").first()
    if latest is None:
        return True
    return source.runs.filter(started_at__gte=latest.created_at).exists()


def _source(request: HttpRequest, slug: str) -> Source:
    """The source, for who may drop its files: 404 when it is not to be seen, 403 when it is."""
    sources = visible_sources(request.user).select_related("partner")
    source = visible_or_404(sources, slug=slug)
    if not may_deposit(request.user, source):
        raise PermissionDenied
    return source
