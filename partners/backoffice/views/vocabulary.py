"""Partners' words that no term matches: staff says what each means, or that it means nothing."""

from collections import defaultdict
from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from carrefour.text import primary_key
from innovations import publishing
from innovations.models import Term, Vocabulary
from partners.access import backoffice_page
from partners.models import Source, VocabularyEntry
from partners.vocabularies import apply_decision

PAGE = 20
IGNORE = "ignorer"


@backoffice_page("partners.change_vocabularyentry")
def queue(request: HttpRequest) -> HttpResponse:
    source = request.GET.get("source", "")
    entries = VocabularyEntry.objects.waiting().select_related("source__partner")
    if source:
        entries = entries.filter(source__slug=source)
    if request.method == "POST":
        _decide(request)
        return redirect(request.get_full_path())
    page = Paginator(entries.order_by("-occurrences", "key", "pk"), PAGE)
    context = {
        "page_obj": page.get_page(request.GET.get("page")),
        "terms": _terms(),
        "sources": Source.objects.filter(
            vocabulary__in=VocabularyEntry.objects.waiting()
        ).distinct(),
        "chosen_source": source,
        "ignore": IGNORE,
    }
    return render(request, "backoffice/vocabulary.html", context)


@transaction.atomic
def _decide(request: HttpRequest) -> None:
    """Take the decisions of the page: « mot-<pk> » is a term's key, « ignorer » or nothing."""
    publishing.lock()
    wanted = {
        pk: value
        for name, value in request.POST.items()
        if name.startswith("mot-") and (pk := primary_key(name.removeprefix("mot-"))) and value
    }
    terms = {str(t.pk): t for t in Term.objects.active().filter(pk__in=_numbers(wanted.values()))}
    entries = VocabularyEntry.objects.waiting().filter(pk__in=wanted).select_related("source")
    republished = decided = 0
    for entry in entries:
        value = wanted[entry.pk]
        if value != IGNORE and value not in terms:
            continue
        entry.terms.set([] if value == IGNORE else [terms[value]])
        entry.is_decided = True
        entry.save(update_fields=["is_decided"])
        republished += apply_decision(entry)
        decided += 1
    if decided:
        messages.success(request, f"Mots décidés : {decided}. Fiches mises à jour : {republished}.")
    else:
        messages.info(request, "Aucun mot n’a été décidé.")


def _numbers(values: Iterable[object]) -> list[int]:
    return [pk for value in values if (pk := primary_key(str(value)))]


def _terms() -> list[tuple[str, list[tuple[int, str]]]]:
    """(group, [(key, label)]) for the lists of choices: domaines with their own, then the rest."""
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    children: dict[int | None, list[Term]] = defaultdict(list)
    for term in Term.objects.active():
        children[term.parent_id].append(term)
    for vocabulary in Vocabulary:
        for term in (t for t in children[None] if t.vocabulary == vocabulary):
            is_theme = vocabulary == Vocabulary.THEME
            group = term.label if is_theme else f"{Vocabulary(vocabulary).label}s"
            groups[group].append(
                (term.pk, f"{term.label} (tout le domaine)" if is_theme else term.label)
            )
            groups[group] += [(child.pk, child.label) for child in children[term.pk]]
    return list(groups.items())
