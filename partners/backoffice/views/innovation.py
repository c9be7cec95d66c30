"""A public record in the back-office: its sources, what each says, merging, splitting, undoing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.forms import DsfrForm
from carrefour.text import key, primary_key
from innovations.models import Innovation, Status
from partners import moderation
from partners.access import backoffice_page
from partners.backoffice.history import history_of
from partners.backoffice.views.flags import flags_of
from partners.backoffice.views.moderating import last_done
from partners.consolidation import gestures, tellings
from partners.consolidation import queue as pair_queue
from partners.consolidation.deciding import preferred_of
from partners.consolidation.regrouping import CannotRegroup, Why
from partners.models import Decision, Pair, Regrouping, Remark, SourceRecord

FOUND = 15
STEPS = 30
LATEST = 5
# Source records listed by name; all of them are on the page of sources.
MOST = 30
# Source records side by side on a page.
SHOWN = 8


@never_cache
@backoffice_page("innovations.view_innovation")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The record as composed, public or not, with its decisions and its history."""
    rows = Innovation.objects.select_related("organisation", "merged_into", "completeness")
    rows = rows.with_names()
    said = Remark.objects.waiting().filter(record__innovation=OuterRef("pk"))
    rows = rows.annotate(remarks=ArraySubquery(said.values("text")[:LATEST]))
    innovation = get_object_or_404(rows, pk=pk)
    records = list(_records(innovation).defer("raw")[:MOST])
    able = {d.value for d in Decision if innovation.status in moderation.RULES[d].allowed}
    context: dict[str, Any] = {
        "innovation": innovation,
        "records": records,
        "history": history_of(innovation),
        "completeness": getattr(innovation, "completeness", None),
        "flags": flags_of(innovation, request.user),
        "able": able,
        "seen": moderation.mark(innovation),
        "decisions": innovation.moderations.select_related("author")[:LATEST],
        "last": last_done(request),
        "waiting_pairs": Pair.objects.waiting().about([r.pk for r in records]).count(),
    }
    return render(request, "backoffice/innovation.html", context)


@never_cache
@backoffice_page("innovations.view_innovation", "partners.view_sourcerecord")
def sources(request: HttpRequest, pk: int) -> HttpResponse:
    """What each source record says, which value shows; the merges and splits, to be undone."""
    innovation = _innovation(pk)
    page = Paginator(_records(innovation).defer("raw", "problems"), SHOWN)
    page_obj = page.get_page(request.GET.get("page"))
    records = list(page_obj)
    reading = tellings.Reading(records)
    steps = Regrouping.objects.about(innovation).select_related(
        "origin", "target", "author", "undone_by"
    )
    context = {
        "innovation": innovation,
        "page_obj": page_obj,
        "records": _lettered(records, page_obj.start_index()),
        "lines": reading.lines(origins=innovation.origins),
        "steps": steps[:STEPS],
    }
    return render(request, "backoffice/innovation_sources.html", context)


@require_POST
@backoffice_page("partners.decide_pair")
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Some of the records out: what both sides would be, then done once it is confirmed."""
    innovation = _innovation(pk)
    there = set(innovation.source_records.values_list("pk", flat=True))
    chosen = sorted(there & _ids(request, "fiche"))
    if not chosen or len(chosen) == len(there):
        messages.warning(
            request, "Choisissez au moins une fiche source, et laissez-en au moins une."
        )
        return redirect("backoffice:innovation_sources", pk=pk)
    if request.POST.get("confirme") != "oui":
        rest = sorted(there - set(chosen))
        read = pair_queue.read(*(pair_queue.first_of(pk, pk__in=ids) for ids in (chosen, rest)))
        reading = tellings.Reading(read)
        context = {
            "innovation": innovation,
            "chosen": chosen,
            "apart": tellings.alone(innovation, reading, chosen, total=len(chosen)),
            "rest": tellings.alone(innovation, reading, rest, total=len(rest)),
        }
        return render(request, "backoffice/innovation_split.html", context)
    try:
        why = Why(request.user, request.POST.get("motif", "").strip()[:500])
        gestures.separate(innovation, chosen, why=why)
        messages.success(request, "Fiches séparées. Ce geste se défait ci-dessous.")
    except CannotRegroup as error:
        messages.error(request, error.message)
    return redirect("backoffice:innovation_sources", pk=pk)


class JoinSearch(DsfrForm):
    q = forms.CharField(label="Titre, ou adresse de l’autre fiche", max_length=300, required=False)


@never_cache
@backoffice_page("partners.decide_pair")
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose another record by its title or address."""
    innovation = _innovation(pk)
    form = JoinSearch(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    context = {
        "innovation": innovation,
        "form": form,
        "words": words,
        "found": _found(words, innovation) if words else [],
    }
    return render(request, "backoffice/innovation_join.html", context)


@never_cache
@backoffice_page("partners.decide_pair")
def join_with(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """What both would make together; merged once it is confirmed."""
    one, two = _innovation(pk), _innovation(other)
    if request.method == "POST":
        return _joined(request, one, two)
    records = pair_queue.read(pair_queue.first_of(one.pk), pair_queue.first_of(two.pk))
    counts = pair_queue.counts_of(one.pk, two.pk)
    stays, goes = preferred_of(one, two, counts)
    reading = tellings.Reading(records)
    ours = [r for r in records if r.innovation_id == one.pk]
    theirs = [r for r in records if r.innovation_id == two.pk]
    shown = [*ours[: SHOWN // 2], *theirs[: SHOWN // 2]]
    context = {
        "innovation": one,
        "other": two,
        "records": _lettered(shown),
        "lines": reading.lines([r.pk for r in shown]),
        "preview": tellings.preview(stays, goes, reading, total=sum(counts.values())),
    }
    return render(request, "backoffice/innovation_join_confirm.html", context)


@require_POST
@backoffice_page("partners.decide_pair")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a merge or a split of the journal."""
    step = get_object_or_404(Regrouping.objects.select_related("origin", "target"), pk=pk)
    where = primary_key(request.POST.get("fiche", "")) or step.target_id
    try:
        gestures.take_back(step, why=Why(request.user, request.POST.get("motif", "")[:500]))
        messages.success(request, "Le geste est défait : chaque fiche est où elle était.")
    except CannotRegroup as error:
        messages.error(request, error.message)
    return redirect("backoffice:innovation_sources", pk=where)


def _joined(request: HttpRequest, one: Innovation, two: Innovation) -> HttpResponse:
    sites = {"celle-ci": one, "autre": two}
    why = Why(request.user, request.POST.get("motif", "").strip()[:500])
    try:
        step = gestures.join(one, two, site=sites.get(request.POST.get("lieu", "")), why=why)
    except CannotRegroup as error:
        messages.error(request, error.message)
        return redirect("backoffice:innovation_join", pk=one.pk)
    messages.success(request, "Les deux fiches n’en font plus qu’une. Ce geste se défait ici.")
    return redirect("backoffice:innovation_sources", pk=step.target_id)


def _found(words: str, innovation: Innovation) -> list[Innovation]:
    """By title or by address, best first; never the record itself nor one merged already."""
    slug = words.rstrip("/").rpartition("/")[2]
    rows = Innovation.objects.filter(Q(slug=slug) | Q(title_key__contains=key(words)))
    rows = rows.exclude(pk=innovation.pk).exclude(status=Status.MERGED)
    return list(rows.select_related("organisation").order_by("title_key", "pk")[:FOUND])


def _records(innovation: Innovation) -> Any:
    found = innovation.source_records.select_related("source__partner", "innovation")
    return found.order_by("is_site", "pk")


def _lettered(records: list[SourceRecord], start: int = 1) -> list[tuple[str, SourceRecord]]:
    """A, B… Z, then 27, 28…"""
    ranked = enumerate(records, start=max(start, 1))
    return [(chr(64 + rank) if rank <= 26 else str(rank), record) for rank, record in ranked]


def _ids(request: HttpRequest, name: str) -> set[int]:
    given = request.POST if request.method == "POST" else request.GET
    return {pk for said in given.getlist(name) if (pk := primary_key(said))}


def _innovation(pk: int) -> Innovation:
    return get_object_or_404(Innovation.objects.select_related("merged_into"), pk=pk)
