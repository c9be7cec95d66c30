"""What a source gave: its records, one of them beside its raw rows, and what was refused."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from partners.access import (
    raw_page,
    visible_or_404,
    visible_records,
    visible_rejected,
    visible_sources,
)
from partners.backoffice.forms import RecordFilter
from partners.backoffice.history import history_of
from partners.models import RejectedRow, SourceRecord

PAGE = 30
# What a spreadsheet would run as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@raw_page
def record_list(request: HttpRequest, slug: str) -> HttpResponse:
    source = visible_or_404(visible_sources(request.user).select_related("partner"), slug=slug)
    form = RecordFilter(request.GET)
    records = _filtered(visible_records(request.user).filter(source=source), form)
    page = Paginator(records.defer("raw").select_related("innovation"), PAGE)
    context = {"source": source, "form": form, "page_obj": page.get_page(request.GET.get("page"))}
    return render(request, "backoffice/records.html", context)


@raw_page
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    records = visible_records(request.user).select_related("source__partner", "innovation")
    record = visible_or_404(records, pk=pk)
    context = {"record": record, "source": record.source, "history": history_of(record)}
    return render(request, "backoffice/record.html", context)


@raw_page
def rejected(request: HttpRequest, slug: str) -> HttpResponse:
    source = visible_or_404(visible_sources(request.user).select_related("partner"), slug=slug)
    rows = visible_rejected(request.user).filter(source=source).order_by("position", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "backoffice/rejected.html", {"source": source, "page_obj": page})


@raw_page
def rejected_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The refused rows with their reasons, for the partner to mend them."""
    source = visible_or_404(visible_sources(request.user), slug=slug)
    rows = visible_rejected(request.user).filter(source=source).order_by("position", "pk")
    return StreamingHttpResponse(
        _lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="refus-{source.slug}.csv"'},
    )


def _filtered(records: QuerySet[SourceRecord], form: RecordFilter) -> QuerySet[SourceRecord]:
    words, state = form.chosen("q"), form.chosen("etat")
    if words:
        records = records.filter(
            Q(values__title__icontains=words) | Q(external_id__icontains=words)
        )
    if state:
        records = records.filter(state=state)
    if form.chosen("remarques"):
        records = records.exclude(problems=[])
    return records


class Echo:
    """A file that gives back what is written to it, line by line."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: QuerySet[RejectedRow]) -> Iterator[str]:
    writer = csv.writer(Echo(), delimiter=";")
    # The mark by which spreadsheets recognise UTF-8.
    yield "\ufeff" + writer.writerow(["où", "identifiant", "champ", "motif", "ligne brute"])
    for row in rows.iterator(chunk_size=500):
        raw = json.dumps(row.raw, ensure_ascii=False)
        for error in row.errors or [{}]:
            cells = [row.position, row.external_id, error.get("field"), error.get("message"), raw]
            yield writer.writerow([_safe(cell) for cell in cells])


def _safe(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
