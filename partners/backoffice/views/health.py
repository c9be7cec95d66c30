"""How harvests are doing, source by source; and the withdrawals that wait for a decision."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.french import agree, counted
from partners import withdrawals
from partners.access import backoffice_page, raw_page, visible_or_404, visible_sources
from partners.backoffice.filters import HealthFilter
from partners.backoffice.workers import workers
from partners.health import Cause, Health, health_of
from partners.models import Source, SourceRecord

PAGE = 50
RECORDS = 30
REMOVE, KEEP = "retirer", "garder"
STILL = ("Si elle manque", "Si elles manquent")


@never_cache
@backoffice_page()
def overview(request: HttpRequest) -> HttpResponse:
    form = HealthFilter(request.GET, request.user)
    sources = form.sources(visible_sources(request.user))
    healths = health_of(sources.taken_on())
    page = Paginator(form.apply(healths), PAGE).get_page(request.GET.get("page"))
    is_team = request.user.has_perm("partners.view_source")
    context = {
        "form": form,
        "page_obj": page,
        "totals": _totals(healths),
        "drafts": sources.drafts().select_related("partner"),
        "is_team": is_team,
        "workers": workers() if is_team and "programmes" in request.GET else None,
    }
    return render(request, "backoffice/health.html", context)


@never_cache
@backoffice_page("partners.view_source")
def programs(request: HttpRequest) -> HttpResponse:
    """The state of the workers, asked by the page once it is shown: they may take a second."""
    return render(request, "backoffice/_workers.html", {"workers": workers()})


def _totals(healths: list[Health]) -> list[tuple[str, int, str]]:
    """(what, how many, value of the filter that shows them)."""

    def having(*causes: Cause) -> int:
        return sum(any(t.cause in causes for t in h.troubles) for h in healths)

    held = having(Cause.HELD_BACK)
    return [
        (agree(len(healths), "source"), len(healths), ""),
        ("sans rien à faire", sum(not h.troubles for h in healths), ""),
        ("en échec", having(Cause.FAILED), Cause.FAILED.value),
        (f"{agree(held, 'retrait')} à décider", held, Cause.HELD_BACK.value),
        ("en retard", having(Cause.LATE), Cause.LATE.value),
        ("au contenu inhabituel", having(Cause.CONTRACT), Cause.CONTRACT.value),
    ]


@never_cache
@raw_page
def held_back(request: HttpRequest, slug: str) -> HttpResponse:
    """The records that a reading no longer found, too many to be withdrawn without a decision."""
    source = _source(request, slug)
    page = Paginator(_missing(source), RECORDS).get_page(request.GET.get("page"))
    return render(request, "backoffice/held_back.html", {"source": source, "page_obj": page})


@require_POST
@backoffice_page("partners.change_sourcerecord")
def decide(request: HttpRequest, slug: str) -> HttpResponse:
    """« retirer » or « garder », asked once more before it is done."""
    source = _source(request, slug)
    action = request.POST.get("action", "")
    if not source.held_back or action not in {REMOVE, KEEP}:
        messages.info(request, "Plus aucun retrait n’attend de décision pour cette source.")
        return redirect("backoffice:source", slug=source.slug)
    if request.POST.get("confirme") != "oui":
        context = {"source": source, "action": action, "count": source.held_back.get("missing", 0)}
        return render(request, "backoffice/held_back_confirm.html", context)
    if action == REMOVE:
        count = withdrawals.confirm_loss(source, request.user)
        messages.success(request, f"{counted(count, 'fiche retirée')}.")
    else:
        count = withdrawals.dismiss_loss(source, request.user)
        messages.success(
            request,
            f"{counted(count, 'fiche gardée')}. {agree(count, *STILL)} encore à la prochaine "
            "lecture, la question sera posée de nouveau.",
        )
    return redirect("backoffice:source", slug=source.slug)


def _missing(source: Source) -> QuerySet[SourceRecord]:
    """The records whose withdrawal waits, in alphabetical order."""
    missing = withdrawals.lost_records(source)
    return missing.defer("raw").select_related("innovation").order_by("values__title", "pk")


def _source(request: HttpRequest, slug: str) -> Source:
    return visible_or_404(visible_sources(request.user).select_related("partner"), slug=slug)
