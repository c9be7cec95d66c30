"""Corrections from outside: the queue, one of them beside what everyone says, the decision."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import strip_tags
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.forms import DsfrForm
from carrefour.word_changes import Piece, in_one
from innovations import fields
from innovations.inputs import form_over, initial
from innovations.models import Innovation, Term
from partners import statements, suggestions
from partners.access import backoffice_page, visible_or_404, visible_partners
from partners.backoffice import personal
from partners.editing import CannotEdit
from partners.members import acts_for
from partners.models import Suggestion, SuggestionState
from partners.suggestions import SuggestionError

PAGE = 20
VIEW, CHANGE = "partners.view_suggestion", "partners.change_suggestion"
ORIGINS = {"visiteur": True, "porteur": False}
# What nobody confirmed is not read.
STATES = [s for s in SuggestionState.choices if s[0] != SuggestionState.RECEIVED]


class SuggestionFilter(DsfrForm):
    etat = forms.ChoiceField(label="État", choices=STATES, required=False)
    origine = forms.ChoiceField(
        label="Proposée par",
        choices=[("", "Tous"), ("visiteur", "Un visiteur"), ("porteur", "Un porteur de projet")],
        required=False,
    )


@dataclass(frozen=True)
class Row:
    suggestion: Suggestion
    label: str
    pieces: list[Piece]

    @property
    def seen(self) -> str:
        """The one click of the list judges against what the record said then."""
        return suggestions.mark(self.suggestion, self.suggestion.shown)


@never_cache
@backoffice_page(VIEW)
def queue(request: HttpRequest) -> HttpResponse:
    """Those to examine, the oldest first; « etat » and « origine » show others."""
    form = SuggestionFilter({"etat": SuggestionState.WAITING.value} | request.GET.dict())
    form.is_valid()
    state = form.cleaned_data.get("etat") or SuggestionState.WAITING
    found = Suggestion.objects.filter(state=state).select_related(
        "innovation", "author", "partner", "decided_by"
    )
    origin = form.cleaned_data.get("origine") or ""
    if origin in ORIGINS:
        found = found.filter(author__isnull=ORIGINS[origin])
    page = Paginator(found.order_by("created_at", "pk"), PAGE).get_page(request.GET.get("page"))
    labels = _labels()
    rows = [Row(s, fields.FIELDS[s.field].label, _pieces(s, labels)) for s in page]
    context = {"page_obj": page, "rows": rows, "form": form, "state": state}
    return render(request, "backoffice/suggestions.html", context)


@never_cache
@backoffice_page(VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The proposal beside what the record and each partner say now."""
    return _page(request, pk)


def _page(request: HttpRequest, pk: int, *, status: int = 200) -> HttpResponse:
    """``status``: of a decision that could not be taken; what was written is kept."""
    suggestion = _suggestion(pk)
    field = fields.FIELDS[suggestion.field]
    target = _target(suggestion)
    labels = _labels()
    now = fields.shown(target)[suggestion.field]
    said = statements.of(target).get(suggestion.field, [])
    made: Any = form_over([field])
    context = {
        "suggestion": suggestion,
        "innovation": target,
        "field": field,
        "now": fields.readable(field.name, now, labels),
        "proposed": fields.readable(field.name, suggestion.value, labels),
        "pieces": _compared(field.name, now, suggestion.value, labels),
        "seen": suggestions.mark(suggestion, now),
        "has_changed": not fields.same(field.name, now, suggestion.shown),
        "said": [(s, fields.readable(field.name, s.value, labels)) for s in said],
        "form": made(initial=initial([field], {field.name: suggestion.value})),
        "partners": statements.partners_of(target),
        "given": request.POST,
    }
    return render(request, "backoffice/suggestion.html", context, status=status)


@require_POST
@backoffice_page(CHANGE)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """As proposed, or as adapted in the form."""
    suggestion = _suggestion(pk)
    field = fields.FIELDS[suggestion.field]
    value = None
    is_adapted = "adapter" in request.POST
    if is_adapted:
        form: Any = form_over([field])(request.POST)
        if not form.is_valid():
            problem = " ".join(e for found in form.errors.values() for e in found)
            messages.error(request, f"Texte adapté à corriger : {problem}")
            return redirect("backoffice:suggestion", pk=pk)
        value = form.typed()[field.name]
    try:
        written = suggestions.accept(
            suggestion,
            request.user,
            value=value,
            is_adapted=is_adapted,
            seen=request.POST.get("vu", ""),
        )
        personal.warn(request, {e.field: e.value for e in written})
        messages.success(request, f"Acceptée : la fiche est corrigée ({field.label}).")
    except (SuggestionError, CannotEdit) as error:
        messages.error(request, str(error))
        return redirect("backoffice:suggestion", pk=pk)
    return redirect("backoffice:suggestions")


@require_POST
@backoffice_page(CHANGE)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    answer = request.POST.get("answer", "").strip()[:2000]
    if not answer:
        messages.warning(request, "Écrivez la raison : elle est envoyée à la personne.")
        return redirect("backoffice:suggestion", pk=pk)
    seen = request.POST.get("vu", "")
    return _done(
        request,
        pk,
        lambda: suggestions.refuse(_suggestion(pk), request.user, answer, seen=seen),
        "Non retenue.",
    )


@require_POST
@backoffice_page(CHANGE)
def send(request: HttpRequest, pk: int) -> HttpResponse:
    suggestion = _suggestion(pk)
    concerned = statements.partners_of(_target(suggestion))
    partner = concerned.filter(slug=request.POST.get("partner", "")).first()
    if partner is None:
        messages.warning(request, "Choisissez un partenaire de cette fiche.")
        return redirect("backoffice:suggestion", pk=pk)
    seen = request.POST.get("vu", "")
    return _done(
        request,
        pk,
        lambda: suggestions.send(suggestion, partner, request.user, seen=seen),
        f"Transmise à {partner}.",
    )


@never_cache
@backoffice_page()
def of_partner(request: HttpRequest, slug: str) -> HttpResponse:
    """What was sent to a partner: its people say what they make of it, nobody else does."""
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    is_member = acts_for(request.user, partner)
    if not is_member and not request.user.has_perm(VIEW):
        raise PermissionDenied
    found = Suggestion.objects.for_partner(partner).select_related("innovation")
    if request.method == "POST":
        return _answer(request, found, slug, is_member=is_member)
    page = Paginator(found.order_by("sent_at", "pk"), PAGE).get_page(request.GET.get("page"))
    labels = _labels()
    rows = [Row(s, fields.FIELDS[s.field].label, _pieces(s, labels)) for s in page]
    context = {"partner": partner, "page_obj": page, "rows": rows, "is_member": is_member}
    return render(request, "backoffice/partner_suggestions.html", context)


def _answer(request: HttpRequest, found: Any, slug: str, *, is_member: bool) -> HttpResponse:
    if not is_member:
        raise PermissionDenied
    suggestion = get_object_or_404(found, pk=request.POST.get("suggestion") or 0)
    answer = request.POST.get("answer", "").strip()[:2000]
    if not answer:
        messages.warning(request, "Écrivez votre réponse.")
        return redirect("backoffice:partner_suggestions", slug=slug)
    try:
        suggestions.answer_for_partner(suggestion, request.user, answer)
        messages.success(request, "Votre réponse est transmise à l’équipe.")
    except SuggestionError as error:
        messages.error(request, error.message)
    return redirect("backoffice:partner_suggestions", slug=slug)


def _done(request: HttpRequest, pk: int, act: Any, done: str) -> HttpResponse:
    try:
        act()
    except SuggestionError as error:
        messages.error(request, error.message)
        return _page(request, pk, status=409)
    messages.success(request, done)
    return redirect("backoffice:suggestions")


def _suggestion(pk: int) -> Suggestion:
    rows = Suggestion.objects.select_related(
        "innovation__merged_into", "author", "partner", "answered_by", "decided_by"
    ).exclude(state=SuggestionState.RECEIVED)
    return get_object_or_404(rows, pk=pk)


def _target(suggestion: Suggestion) -> Innovation:
    """The record to correct, all its parts read."""
    pk = suggestion.innovation.merged_into_id or suggestion.innovation_id
    return Innovation.objects.for_detail().get(pk=pk)


def _pieces(suggestion: Suggestion, labels: dict[str, str]) -> list[Piece]:
    return _compared(suggestion.field, suggestion.shown, suggestion.value, labels)


def _compared(name: str, before: Any, after: Any, labels: dict[str, str]) -> list[Piece]:
    old, new = (strip_tags(fields.readable(name, value, labels)) for value in (before, after))
    return in_one(old, new)


def _labels() -> dict[str, str]:
    rows = Term.objects.values_list("vocabulary", "code", "label")
    return {f"{vocabulary}:{code}": label for vocabulary, code, label in rows}
