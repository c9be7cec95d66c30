"""What was noticed in records: personal data to decide upon, texts to mend."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.text import primary_key
from partners.access import backoffice_page, raw_page, visible_or_404, visible_partners
from partners.backoffice.filters import FlagFilter
from partners.models import Flag
from partners.screening import deciding

PAGE = 50
DECISIONS = {
    "masquer": (deciding.mask, "masquée(s) : le public ne les verra pas"),
    "laisser": (deciding.leave, "laissée(s) : elles ne seront plus signalées"),
    "rouvrir": (deciding.reopen, "à décider de nouveau"),
}


@never_cache
@backoffice_page("partners.view_flag")
def queue(request: HttpRequest) -> HttpResponse:
    """Personal data to decide upon, unless asked otherwise."""
    form = FlagFilter(request.GET, request.user)
    context = {"form": form, "can_decide": request.user.has_perm("partners.change_flag")}
    return render(request, "backoffice/flags.html", context | _page(request, form.apply(_flags())))


@never_cache
@raw_page
def of_partner(request: HttpRequest, slug: str) -> HttpResponse:
    """A partner's own records: what is kept from the public, and why."""
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    flags = _flags().visible_to(request.user).filter(record__source__partner=partner)
    flags = flags.exclude(state="corrigee").order_by("family", "-first_seen_at", "-pk").distinct()
    return render(
        request, "backoffice/partner_flags.html", {"partner": partner} | _page(request, flags)
    )


@require_POST
@backoffice_page("partners.change_flag")
def decide(request: HttpRequest) -> HttpResponse:
    """Apply a decision to the flags that are ticked; it can be taken back from the same list."""
    action = request.POST.get("action", "")
    ids = [pk for said in request.POST.getlist("signalement") if (pk := primary_key(said))]
    if action not in DECISIONS or not ids:
        messages.warning(request, "Choisissez au moins un signalement, puis la décision.")
        return redirect(_back(request))
    apply, told = DECISIONS[action]
    messages.success(request, f"{apply(ids, by=request.user)} donnée(s) {told}.")
    return redirect(_back(request))


def flags_of(innovation: Any, user: Any) -> list[Flag]:
    """What the template « _flags.html » shows of an innovation, to who may see flags."""
    if not user.has_perm("partners.view_flag"):
        return []
    found = Flag.objects.about(innovation).select_related("decided_by")
    return list(found.order_by("family", "state", "pk"))


def _flags() -> Any:
    return Flag.objects.select_related(
        "record__source__partner", "record__innovation", "decided_by"
    ).defer("record__raw", "record__sites", "record__innovation__description")


def _page(request: HttpRequest, flags: QuerySet[Flag]) -> dict[str, Any]:
    page = Paginator(flags, PAGE).get_page(request.GET.get("page"))
    return {"page_obj": page, "flags": page.object_list}


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("retour", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted and is_ours else "backoffice:flags"
