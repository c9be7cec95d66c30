"""Sources: one with its health, setting it up, mapping its fields."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from carrefour.http import FetchError
from partners.access import backoffice_page, visible_or_404, visible_partners, visible_sources
from partners.backoffice.forms import MappingForm, SourceForm
from partners.backoffice.health import tally
from partners.backoffice.recognition import proposal_for, trial_of
from partners.connectors import CONNECTORS, SourceError
from partners.models import Source

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
        "tally": tally(source.records.all()),
        "waiting": source.vocabulary.waiting().order_by("-occurrences", "key")[:LATEST],
        "waiting_count": source.vocabulary.waiting().count(),
        "rejected_count": source.rejected_rows.count(),
    }
    return render(request, "backoffice/source.html", context)


@backoffice_page("partners.add_source")
def add(request: HttpRequest, slug: str) -> HttpResponse:
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    form = SourceForm(request.POST or None, partner=partner)
    if form.is_valid():
        source = form.save()
        _propose(request, source)
        return redirect("backoffice:source_mapping", slug=source.slug)
    return render(request, "backoffice/source_form.html", {"form": form, "partner": partner})


@backoffice_page("partners.change_source")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    source = _source(request, slug)
    name = source.name
    form = SourceForm(request.POST or None, partner=source.partner, instance=source)
    if form.is_valid():
        form.save()
        messages.success(request, "Source modifiée.")
        return redirect("backoffice:source", slug=source.slug)
    context = {
        "form": form,
        "source": source,
        "name": name,
        "partner": source.partner,
        "option_help": _option_help(source),
    }
    return render(request, "backoffice/source_form.html", context)


@backoffice_page("partners.change_source")
def mapping(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules, readable and as JSON; « proposer » makes them from the source's first rows,
    « essayer » shows what those would become."""
    source = _source(request, slug)
    action = request.POST.get("action", "")
    if action == "proposer":
        _propose(request, source)
        return redirect("backoffice:source_mapping", slug=source.slug)
    trial = trial_of(source) if action == "essayer" else None
    form = MappingForm(
        request.POST if action == "enregistrer" else None, initial={"mapping": source.mapping}
    )
    if form.is_valid():
        source.mapping = form.cleaned_data["mapping"]
        source.save(update_fields=["mapping"])
        messages.success(request, "Correspondance enregistrée.")
        return redirect("backoffice:source_mapping", slug=source.slug)
    context = {"source": source, "form": form, "trial": trial}
    return render(request, "backoffice/mapping.html", context)


def _propose(request: HttpRequest, source: Source) -> None:
    """Write the mapping proposed, and tell what it is worth."""
    try:
        proposal = proposal_for(source)
    except (FetchError, SourceError) as error:
        messages.error(request, f"Aucune correspondance proposée. {error.message}")
        return
    if not proposal.mapping:
        messages.warning(request, "Aucun champ n’a été reconnu : écrivez la correspondance.")
        return
    source.mapping = proposal.mapping
    source.save(update_fields=["mapping"])
    messages.success(
        request, "Une correspondance est proposée d’après les premières fiches. Relisez-la."
    )
    for warning in proposal.warnings:
        messages.warning(request, warning)


def _connector_label(source: Source) -> str:
    connector = CONNECTORS.get(source.connector)
    return connector.label if connector else source.connector


def _option_help(source: Source) -> dict[str, str]:
    connector = CONNECTORS.get(source.connector)
    return dict(connector.option_help) if connector else {}


def _source(request: HttpRequest, slug: str) -> Source:
    sources = visible_sources(request.user).select_related("partner")
    return visible_or_404(sources, slug=slug)
