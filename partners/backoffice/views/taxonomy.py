"""The directory's own vocabularies: the tree, and what staff does to a term."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from carrefour.french import counted
from innovations import taxonomy_changes
from innovations.models import Term, TermChange, Vocabulary
from innovations.taxonomy_changes import CannotChange
from partners import taxonomy_effects
from partners.access import backoffice_page
from partners.backoffice.forms.term import NewTermForm, ParentForm, TargetForm, TermForm
from partners.backoffice.history import history_of
from partners.backoffice.taxonomy import impact_of, tree_of

WORDS = 30
CHANGES = 10


@backoffice_page("innovations.view_term")
def tree(request: HttpRequest) -> HttpResponse:
    """One vocabulary, its terms with what uses each."""
    asked = request.GET.get("vocabulaire", "")
    vocabulary = Vocabulary(asked) if asked in Vocabulary.values else Vocabulary.THEME
    context = {
        "vocabulary": vocabulary,
        "vocabularies": Vocabulary.choices,
        "branches": tree_of(vocabulary),
        "unfinished": TermChange.objects.filter(finished_at=None).select_related("term")[:CHANGES],
    }
    return render(request, "backoffice/taxonomy.html", context)


@backoffice_page("innovations.add_term")
def add(request: HttpRequest) -> HttpResponse:
    form = NewTermForm(request.POST or None, initial={"vocabulary": request.GET.get("vocabulaire")})
    if form.is_valid():
        try:
            made = taxonomy_changes.add(
                form.term(), synonyms=form.cleaned_data["synonyms"], author=request.user
            )
        except CannotChange as error:
            form.add_error(None, error)
        else:
            _followed(request, made, "Terme ajouté.")
            return redirect("backoffice:term", pk=made.term_id)
    return render(request, "backoffice/term_add.html", {"form": form})


@backoffice_page("innovations.view_term")
def term(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _term(pk)
    may_change = request.user.has_perm("innovations.change_term")
    posted = request.POST if request.method == "POST" and may_change else None
    form = TermForm(posted, initial=TermForm.initial_of(shown))
    if form.is_valid():
        try:
            made = taxonomy_changes.reword(shown, author=request.user, **form.cleaned_data)
        except CannotChange as error:
            form.add_error(None, error)
        else:
            _followed(request, made, "Terme modifié." if made else "Rien n’a changé.")
            return redirect("backoffice:term", pk=pk)
    context = {
        "term": shown,
        "form": form if may_change else None,
        "impact": impact_of(shown),
        "words": shown.vocabulary_entries.select_related("source__partner")[:WORDS],
        "parent_form": ParentForm(shown) if shown.vocabulary == Vocabulary.THEME else None,
        "target_form": TargetForm(shown),
        "changes": shown.changes.select_related("target", "author")[:CHANGES],
        "history": history_of(shown),
    }
    # A reader who posts is told so, rather than shown a page that looks saved.
    status = 403 if request.method == "POST" and not may_change else 200
    return render(request, "backoffice/term.html", context, status=status)


@require_POST
@backoffice_page("innovations.change_term")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _term(pk)
    form = ParentForm(shown, request.POST)
    if form.is_valid():
        wanted = form.cleaned_data["parent"]
        _try(request, lambda: taxonomy_changes.move(shown, wanted, author=request.user), "déplacé")
    return redirect("backoffice:term", pk=pk)


@require_POST
@backoffice_page("innovations.change_term")
def shift(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _term(pk)
    by = {"haut": -1, "bas": 1}.get(request.POST.get("sens", ""), 0)
    if by:
        taxonomy_changes.shift(shown, by, author=request.user)
    return redirect(f"{reverse('backoffice:taxonomy')}?vocabulaire={shown.vocabulary}#t{pk}")


@require_POST
@backoffice_page("innovations.change_term")
def activation(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _term(pk)
    wanted = request.POST.get("actif") == "oui"
    done = "remis en service" if wanted else "mis hors service"
    _try(request, lambda: taxonomy_changes.set_active(shown, wanted, author=request.user), done)
    return redirect("backoffice:term", pk=pk)


@backoffice_page("innovations.change_term")
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """What merging would change, then the merge once it is confirmed."""
    shown = _term(pk)
    form = TargetForm(shown, request.POST or request.GET or None)
    if not form.is_valid():
        return render(request, "backoffice/term_merge.html", {"term": shown, "form": form})
    target = form.cleaned_data["cible"]
    try:
        taxonomy_changes.check_merge(shown, target)
        if request.method == "POST":
            made = taxonomy_changes.merge(shown, target, author=request.user)
            _followed(request, made, f"« {shown} » est fusionné dans « {target} ».")
            return redirect("backoffice:term", pk=target.pk)
    except CannotChange as error:
        messages.error(request, error.messages[0])
        return redirect("backoffice:term", pk=pk)
    context = {"term": shown, "target": target, "impact": impact_of(shown)}
    return render(request, "backoffice/term_merge.html", context)


@backoffice_page("innovations.change_term")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    change = get_object_or_404(TermChange.objects.select_related("term", "target"), pk=pk)
    if not change.is_undoable:
        messages.info(request, "Cette fusion est déjà annulée.")
        return redirect("backoffice:term", pk=change.term_id)
    if request.method == "POST":
        try:
            taxonomy_effects.undo_merge(change, request.user)
        except CannotChange as error:
            messages.error(request, error.messages[0])
        else:
            change.refresh_from_db()
            _followed(request, change, f"« {change.term} » est de nouveau un terme à part.")
        return redirect("backoffice:term", pk=change.term_id)
    return render(request, "backoffice/term_merge_undo.html", {"change": change})


def _try(request: HttpRequest, act: Any, done: str) -> None:
    try:
        made = act()
    except CannotChange as error:
        messages.error(request, error.messages[0])
    else:
        _followed(request, made, f"Terme {done}." if made else "Rien n’a changé.")


def _followed(request: HttpRequest, made: TermChange | None, done: str) -> None:
    """Have records follow, and say how it stands."""
    if taxonomy_effects.follow(made):
        messages.success(request, done)
        return
    count = made.total if made else 0
    said = f"{done} La mise à jour de {counted(count, 'fiche')} se poursuit en arrière-plan."
    messages.success(request, said)


def _term(pk: int) -> Term:
    terms = Term.objects.select_related("parent", "merged_into").prefetch_related("synonyms")
    return get_object_or_404(terms, pk=pk)
