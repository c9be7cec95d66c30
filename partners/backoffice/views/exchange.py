"""Export of what staff manages, and import: a file, its rehearsal, then the act."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from partners.access import backoffice_page
from partners.backoffice.forms.exchange import ImportForm
from partners.exchange import KINDS, Kind, Refused, importing, sheets
from partners.exchange.wording import Wording
from partners.models import Import, ImportState

PAGE = 50
RECENT = 20
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@backoffice_page("partners.change_partner")
def overview(request: HttpRequest) -> HttpResponse:
    """What may be exported and imported by this person, and the latest imports."""
    kinds = [k for k in KINDS.values() if request.user.has_perm(k.view)]
    imports = Import.objects.filter(kind__in=[k.name for k in kinds]).defer("rows", "told", "done")
    context = {
        "kinds": [(kind, request.user.has_perm(kind.change)) for kind in kinds],
        "imports": imports.select_related("author")[:RECENT],
    }
    return render(request, "backoffice/exchange.html", context)


@backoffice_page()
def export(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    wanted = _kind(request, kind, "view")
    if form not in TYPES:
        raise Http404
    rows = wanted.rows()
    content = (
        sheets.csv_of(wanted.columns, rows)
        if form == "csv"
        else sheets.xlsx_of(wanted.columns, rows, wanted.label)
    )
    name = f"{wanted.name}-{timezone.localdate():%Y-%m-%d}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=TYPES[form], headers=headers)


@backoffice_page()
def start(request: HttpRequest, kind: str) -> HttpResponse:
    """The file is read and kept; nothing is written before it is confirmed."""
    wanted = _kind(request, kind, "change")
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rows = sheets.read(file, wanted.columns, wanted.most)
        except Refused as error:
            form.add_error("file", str(error))
        else:
            author: Any = request.user
            made = Import.objects.create(
                kind=wanted.name, name=str(file.name)[:255], rows=rows, author=author
            )
            _rehearse(request, made)
            return redirect("backoffice:import", pk=made.pk)
    return render(request, "backoffice/import_start.html", {"form": form, "kind": wanted})


@backoffice_page()
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Line by line, what it would do, or what it did."""
    made = _import(request, pk)
    lines = importing.lines_of(made) if made.state == ImportState.WAITING else []
    # What it would change is read first, not looked for among what it would leave.
    lines = sorted(lines, key=lambda line: line.outcome == importing.Outcome.SAME)
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    counts = Counter(line.outcome for line in lines)
    wording = Wording()
    context = {
        "made": made,
        "page_obj": page,
        "lines": [(line, list(wording.changes(line))) for line in page],
        "counts": [(outcome.value, counts[outcome]) for outcome in importing.Outcome],
        "is_useful": bool(counts[importing.Outcome.CREATED] + counts[importing.Outcome.CHANGED]),
        "done_count": len(made.done),
    }
    return render(request, "backoffice/import.html", context)


@require_POST
@backoffice_page()
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    made = _import(request, pk)
    try:
        importing.apply(made, author=request.user)
    except importing.TooLong as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "L’import est appliqué. Vous pouvez l’annuler d’ici.")
    return redirect("backoffice:import", pk=pk)


@require_POST
@backoffice_page()
def rehearse(request: HttpRequest, pk: int) -> HttpResponse:
    """Try it again: what it would do may have changed since."""
    made = _import(request, pk)
    if made.state == ImportState.WAITING and not made.cleared_at:
        _rehearse(request, made)
    return redirect("backoffice:import", pk=pk)


def _rehearse(request: HttpRequest, made: Import) -> None:
    try:
        importing.rehearse(made)
    except importing.TooLong as error:
        messages.error(request, error.message)


@require_POST
@backoffice_page()
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    left = importing.undo(_import(request, pk), author=request.user)
    messages.success(request, "L’import est annulé.")
    for said in left[:10]:
        messages.warning(request, said)
    return redirect("backoffice:import", pk=pk)


def _import(request: HttpRequest, pk: int) -> Import:
    made = get_object_or_404(Import.objects.select_related("author", "undone_by"), pk=pk)
    _kind(request, made.kind, "change")
    return made


def _kind(request: HttpRequest, name: str, verb: str) -> Kind:
    """The kind of that name; 404 when unknown, 403 when it is not for this person."""
    if name not in KINDS:
        raise Http404
    user: Any = request.user
    if not user.has_perm(getattr(KINDS[name], verb)):
        raise PermissionDenied
    return KINDS[name]
