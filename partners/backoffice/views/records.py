"""What a source gave: its records, and one of them beside its raw rows."""

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from partners.access import raw_page, visible_or_404, visible_records, visible_sources
from partners.backoffice.forms import RecordFilter
from partners.backoffice.history import history_of
from partners.members import acts_for
from partners.models import SourceRecord
from partners.remarks import merged_with

PAGE = 30


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
    context = {
        "record": record,
        "source": record.source,
        "history": history_of(record),
        "merged_with": merged_with(record),
        "is_member": acts_for(request.user, record.source.partner),
    }
    return render(request, "backoffice/record.html", context)


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
