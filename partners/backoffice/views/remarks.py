"""What partners say of merges, and what they are told of moderation."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.forms import DsfrForm
from carrefour.keyset import keyset_page
from carrefour.returning import back_of
from partners import remarks
from partners.access import (
    backoffice_page,
    raw_page,
    visible_or_404,
    visible_partners,
    visible_records,
)
from partners.members import acts_for
from partners.models import Remark

PAGE = 25
KEYS = ("created_at", "pk")


class RemarkForm(DsfrForm):
    text = forms.CharField(
        label="Ce n’est pas la même : dites pourquoi",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="L’équipe lit votre remarque et décide ; rien ne change d’ici là.",
    )


@never_cache
@backoffice_page("partners.view_remark")
def listing(request: HttpRequest) -> HttpResponse:
    """Remarks that wait, the oldest first."""
    found = Remark.objects.waiting().select_related(
        "record__source__partner", "record__innovation", "author"
    )
    found = found.defer("record__raw", "record__sites", "record__problems")
    page = keyset_page(found, KEYS, request.GET.get("suite", ""), PAGE)
    return render(request, "backoffice/remarks.html", {"page": page})


@require_POST
@backoffice_page("partners.change_remark")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    remark = get_object_or_404(Remark, pk=pk)
    if remark.settled_at is None:
        remarks.settle(remark, author=request.user)
    messages.success(request, "Remarque traitée.")
    return redirect(back_of(request, "backoffice:remarks"))


@raw_page
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A member of the record's own partner says that the merge is wrong."""
    records = visible_records(request.user).select_related("source__partner", "innovation")
    record = visible_or_404(records, pk=pk)
    if not acts_for(request.user, record.source.partner):
        raise PermissionDenied
    form = RemarkForm(request.POST or None)
    partners = remarks.merged_with(record)
    if partners and form.is_valid():
        remarks.say(record, form.cleaned_data["text"].strip(), author=request.user)
        messages.success(request, "Votre remarque est transmise à l’équipe.")
        return redirect("backoffice:record", pk=pk)
    context = {"record": record, "source": record.source, "form": form, "partners": partners}
    return render(request, "backoffice/remark_form.html", context)


@raw_page
def sent_back(request: HttpRequest, slug: str) -> HttpResponse:
    """What the team sent back to this partner or hid, and why."""
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    found = remarks.sent_back(partner).select_related("innovation").order_by("-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    records: dict[int | None, list[Any]] = {}
    for record in remarks.records_of(list(page), partner).defer("raw"):
        records.setdefault(record.innovation_id, []).append(record)
    context = {
        "partner": partner,
        "page_obj": page,
        "rows": [(decision, records.get(decision.innovation_id, [])) for decision in page],
    }
    return render(request, "backoffice/sent_back.html", context)
