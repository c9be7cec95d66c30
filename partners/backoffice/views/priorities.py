"""A source's priorities: set, previewed, applied to what is already published."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from partners import priorities, tasks
from partners.access import backoffice_page, visible_or_404, visible_sources
from partners.backoffice.forms.priorities import PrioritiesForm
from partners.models import Source


@never_cache
@backoffice_page("partners.change_source")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    source = _source(request, slug)
    form = PrioritiesForm(request.POST or None, source)
    effects = None
    if form.is_valid():
        rank, fields = form.cleaned_data["priority"], form.field_priorities
        if request.POST.get("action") == "enregistrer":
            _ask(request, source, rank, fields)
            return redirect("backoffice:source_priorities", slug=slug)
        effects = priorities.effects(source, rank, fields)
    context = {
        "source": source,
        "form": form,
        "effects": effects,
        "recomposition": source.recompositions.select_related("author").first(),
    }
    return render(request, "backoffice/source_priorities.html", context)


@never_cache
@backoffice_page("partners.change_source")
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """The moving part of the page, asked again while the records are composed."""
    source = _source(request, slug)
    found = source.recompositions.select_related("author").first()
    context = {"source": source, "recomposition": found}
    return render(request, "backoffice/_recomposition.html", context)


def _ask(request: HttpRequest, source: Source, rank: int, fields: dict[str, int]) -> None:
    asked = priorities.set_priorities(source, rank, fields, author=request.user)
    transaction.on_commit(lambda: tasks.recompose_source.delay(asked.pk))
    messages.success(request, "Priorités enregistrées : les fiches concernées se recomposent.")


def _source(request: HttpRequest, slug: str) -> Source:
    return visible_or_404(visible_sources(request.user).select_related("partner"), slug=slug)
