"""Sources: one with its health, and changing how it is set up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners import deposits, onboarding
from partners.access import backoffice_page, may_deposit, visible_or_404, visible_sources
from partners.backoffice.forms import SourceForm
from partners.backoffice.listing import tally
from partners.connectors import CONNECTORS
from partners.models import Credential, Source

LATEST = 10


@backoffice_page()
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    source = _source(request, slug)
    runs = list(source.runs.select_related("requested_by")[:LATEST])
    context = {
        "source": source,
        "connector_label": _connector_label(source),
        "runs": runs,
        "active_run": next((r for r in runs if r.is_active), None),
        "is_draft": not source.is_active and not runs,
        "tally": tally(source.records.all()),
        "waiting": source.vocabulary.waiting().order_by("-occurrences", "key")[:LATEST],
        "waiting_count": source.vocabulary.waiting().count(),
        "rejected_count": source.rejected_rows.count(),
        "is_deposited": deposits.is_deposited(source),
        "may_deposit": may_deposit(request.user, source),
        "deposits_count": source.deposits.count(),
        "credential": Credential.objects.filter(source=source).defer("secret").first(),
    }
    return render(request, "backoffice/source.html", context)


@backoffice_page("partners.change_source")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    source = _source(request, slug)
    name, connector = source.name, source.connector
    form = SourceForm(request.POST or None, instance=source)
    if form.is_valid():
        saved = form.save()
        messages.success(request, "Source modifiée.")
        if saved.connector != connector:
            messages.warning(request, "Le connecteur a changé : relisez ses options.")
            return redirect("backoffice:source_edit", slug=slug)
        return redirect("backoffice:source", slug=slug)
    context = {
        "form": form,
        "source": source,
        "name": name,
        "partner": source.partner,
        "is_draft": onboarding.is_draft(source),
    }
    return render(request, "backoffice/source_form.html", context)


def _connector_label(source: Source) -> str:
    connector = CONNECTORS.get(source.connector)
    return connector.label if connector else source.connector


def _source(request: HttpRequest, slug: str) -> Source:
    sources = visible_sources(request.user).select_related("partner")
    return visible_or_404(sources, slug=slug)
