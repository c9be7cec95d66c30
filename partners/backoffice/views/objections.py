"""Settling objections: the queue, what one would remove, applying or refusing it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from partners import objections
from partners.access import backoffice_page
from partners.data_erasure import findings
from partners.erasure import counted
from partners.models import Objection, ObjectionState
from partners.models.objection import ObjectionScope
from partners.objection_forms import AnswerForm, DecisionForm, OnBehalfForm
from partners.objections import ObjectionError
from partners.suppression import is_common_word

PAGE = 30
PREVIEWED = 100


@never_cache
@backoffice_page("partners.view_objection")
def queue(request: HttpRequest) -> HttpResponse:
    objections.purge()
    first = Case(
        When(state=ObjectionState.CONFIRMED, then=Value(0)),
        When(state=ObjectionState.RECEIVED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = Objection.objects.select_related("innovation", "settled_by").order_by(
        first, "-settled_at", "created_at", "pk"
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "backoffice/objections.html", {"page_obj": page})


@never_cache
@backoffice_page("partners.change_objection")
def add(request: HttpRequest) -> HttpResponse:
    """A request received by letter or telephone, written down by staff."""
    form = OnBehalfForm(request.POST or None)
    if form.is_valid():
        objection = form.save(commit=False)
        objection.state = ObjectionState.CONFIRMED
        objection.confirmed_at = timezone.now()
        objection.save()
        return redirect("backoffice:objection", pk=objection.pk)
    return render(request, "backoffice/objection_form.html", {"form": form})


@never_cache
@backoffice_page("partners.view_objection")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked, what would be removed as the request stands, and the decision."""
    objection = _objection(pk)
    if objection.state != ObjectionState.CONFIRMED:
        return render(request, "backoffice/objection_settled.html", {"objection": objection})
    form = DecisionForm(request.POST or None, instance=objection)
    if request.method == "POST" and request.user.has_perm("partners.change_objection"):
        if form.is_valid():
            form.save()
            messages.info(request, "Demande précisée : relisez ce qui sera retiré.")
            return redirect("backoffice:objection", pk=pk)
        objection = _objection(pk)
    context = {"objection": objection, "form": form, **_preview(objection)}
    return render(request, "backoffice/objection.html", context)


@require_POST
@backoffice_page("partners.change_objection")
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    objection = _objection(pk)
    if request.POST.get("confirme") != "oui":
        messages.warning(request, "Cochez la case pour confirmer le retrait, qui est définitif.")
        return redirect("backoffice:objection", pk=pk)
    try:
        objections.apply(objection, request.user, request.POST.get("answer", "").strip()[:2000])
        messages.success(request, "Demande appliquée. Rien de ce qui a été retiré ne reviendra.")
    except ObjectionError as error:
        messages.error(request, str(error))
    return redirect("backoffice:objection", pk=pk)


@require_POST
@backoffice_page("partners.change_objection")
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.warning(request, "Écrivez la raison du refus : elle est envoyée à la personne.")
        return redirect("backoffice:objection", pk=pk)
    try:
        objections.refuse(_objection(pk), request.user, form.cleaned_data["answer"])
        messages.success(request, "Demande refusée.")
    except ObjectionError as error:
        messages.error(request, str(error))
    return redirect("backoffice:objection", pk=pk)


def _objection(pk: int) -> Objection:
    rows = Objection.objects.select_related("innovation__organisation", "settled_by")
    return get_object_or_404(rows, pk=pk)


def _preview(objection: Objection) -> dict[str, Any]:
    if objection.scope == ObjectionScope.RECORD:
        target = objections.target(objection)
        return {"target": target, "counts": [] if target.is_empty else counted(target)}
    data = objections.data_of(objection)
    found = findings(data)
    shown = [f for f in found if not f.is_history]
    return {
        "data": data,
        "findings": shown[:PREVIEWED],
        "findings_count": len(shown),
        "history_count": len(found) - len(shown),
        "common": [d for d in data if is_common_word(d)],
    }
