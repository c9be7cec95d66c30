"""Taking a source on board in four steps, each a plain form: the address, what was recognised,
the mapping (see mapping.py), the contract."""

from typing import Any

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from carrefour.http import FetchError
from partners import deposits, onboarding, sampling
from partners.access import backoffice_page, visible_or_404, visible_partners, visible_sources
from partners.backoffice.forms import AccessForm, StartForm
from partners.backoffice.forms.onboarding import OnboardingContractForm
from partners.backoffice.forms.options import OptionsForm
from partners.backoffice.plain import plain
from partners.backoffice.steps import stepper
from partners.connectors import CONNECTORS, SourceError
from partners.models import Source
from partners.requesting import AlreadyActive, Suspended


@sensitive_post_parameters("acces-secret")
@backoffice_page("partners.add_source")
def start(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Step 1. ``slug``: the partner, when one comes from its page."""
    partners = visible_partners(request.user)
    partner = visible_or_404(partners, slug=slug) if slug else None
    data, files = request.POST or None, request.FILES or None
    form = StartForm(data, files, partner=partner, partners=partners.order_by(Lower("name")))
    access = AccessForm(data, is_optional=True)
    is_sound = request.method == "POST" and form.is_valid() & access.is_valid()
    if is_sound and (source := _begun(request, form, access)) is not None:
        return redirect("backoffice:source_recognition", slug=source.slug)
    context = {
        "form": form,
        "access": access,
        "access_open": bool(access.errors) or form.needs_access,
        "partner": partner,
        "stepper": stepper(1),
    }
    return render(request, "backoffice/onboarding_start.html", context)


@backoffice_page("partners.change_source")
def recognition(request: HttpRequest, slug: str) -> HttpResponse:
    """Step 2: what is there, the alternatives, and what the first rows look like."""
    source = _draft(request, slug)
    if source is None:
        return redirect("backoffice:source_edit", slug=slug)
    action = request.POST.get("action", "")
    if action == "relire":
        _recognised_again(request, source)
        return redirect("backoffice:source_recognition", slug=source.slug)
    found = onboarding.recognition_of(source) or onboarding.Recognition(source.url)
    options = OptionsForm(request.POST or None, source=source)
    if action == "continuer" and options.is_valid():
        choice = _chosen(request, source, found, options)
        if _adopted(request, source, choice):
            return redirect("backoffice:source_mapping", slug=source.slug)
    context = {
        "source": source,
        "found": found,
        "choices": _described(found, source),
        "others": _others(found, source),
        "chosen": request.POST.get("connector", source.connector),
        "options": options,
        "sample": sampling.kept_sample(source),
        "is_deposited": deposits.is_deposited(source),
        "stepper": stepper(2),
    }
    return render(request, "backoffice/onboarding_recognition.html", context)


@backoffice_page("partners.change_source")
def contract(request: HttpRequest, slug: str) -> HttpResponse:
    """Step 4: what the source promises, how often it is read, who is told."""
    source = _draft(request, slug)
    if source is None:
        return redirect("backoffice:source_edit", slug=slug)
    name = source.name
    form = OnboardingContractForm(
        request.POST or None,
        instance=source,
        user=request.user,
        initial=_suggested(request, source),
    )
    if form.is_valid():
        source = onboarding.finish(
            form.save(commit=False), form.cleaned_data["warned"], request.user
        )
        return _finished(request, source)
    context = {"form": form, "source": source, "name": name, "stepper": stepper(4)}
    return render(request, "backoffice/onboarding_contract.html", context)


@backoffice_page("partners.change_source")
def resume(request: HttpRequest, slug: str) -> HttpResponse:
    """The step where a source was left."""
    source = _draft(request, slug)
    if source is None:
        return redirect("backoffice:source", slug=slug)
    step = "source_mapping" if source.mapping else "source_recognition"
    return redirect(f"backoffice:{step}", slug=slug)


@require_POST
@backoffice_page("partners.change_source")
def discard(request: HttpRequest, slug: str) -> HttpResponse:
    """Give up a source that was never put on line."""
    source = _draft(request, slug)
    if source is None:
        messages.error(request, "Cette source a déjà été moissonnée : elle ne se supprime pas.")
        return redirect("backoffice:source", slug=slug)
    partner = source.partner
    source.delete()
    messages.success(request, "Brouillon de source supprimé.")
    return redirect("backoffice:partner", slug=partner.slug)


def _begun(request: HttpRequest, form: StartForm, access: AccessForm) -> Source | None:
    """The source, or None once what is wrong is told on the form."""
    data = form.cleaned_data
    beginning = onboarding.Beginning(
        partner=form.chosen_partner,
        url=data["url"],
        file=data["file"],
        connector=data["connector"],
        access=access.cleaned_data if access.is_given else None,
    )
    field = "file" if data["file"] else "url"
    try:
        return onboarding.begin(beginning, request.user)
    except onboarding.AccessNeeded as error:
        form.needs_access = True
        form.add_error(field, error.message)
    except (FetchError, SourceError, deposits.Unreadable) as error:
        form.add_error(field, plain(error, data["url"]))
    except ValueError as error:
        access.add_error(None, str(error))
    return None


def _recognised_again(request: HttpRequest, source: Source) -> None:
    try:
        found = onboarding.recognise(source)
        onboarding.adopt(source, found.choices[0], request.user, again=True)
    except (FetchError, SourceError) as error:
        messages.error(request, plain(error, source.url))
        return
    messages.success(request, "La source a été relue.")


def _chosen(
    request: HttpRequest, source: Source, found: onboarding.Recognition, options: OptionsForm
) -> dict[str, Any]:
    """{connector, url, options} of the radio button chosen, with the options set by hand."""
    wanted = request.POST.get("connector") or source.connector
    known = {choice["connector"]: choice for choice in found.choices}
    choice = known.get(wanted, {"connector": wanted, "url": found.asked, "options": {}})
    if wanted == source.connector:
        choice = {**choice, "url": source.url, "options": options.given}
    return choice


def _adopted(request: HttpRequest, source: Source, choice: dict[str, Any]) -> bool:
    try:
        proposal = onboarding.adopt(source, choice, request.user)
    except (FetchError, SourceError) as error:
        messages.error(request, plain(error, source.url))
        source.refresh_from_db()
        return False
    for warning in proposal.warnings:
        messages.warning(request, warning)
    return True


def _described(found: onboarding.Recognition, source: Source) -> list[dict[str, Any]]:
    choices = found.choices or [
        {"connector": source.connector, "url": source.url, "confidence": 1.0, "warnings": []}
    ]
    return [{**c, **_words(c["connector"])} for c in choices if c["connector"] in CONNECTORS]


def _others(found: onboarding.Recognition, source: Source) -> list[dict[str, Any]]:
    from partners.backoffice.forms.source import NOT_OFFERED

    shown = {c["connector"] for c in _described(found, source)} | NOT_OFFERED
    return [{"connector": kind, **_words(kind)} for kind in CONNECTORS if kind not in shown]


def _words(kind: str) -> dict[str, str]:
    return {"label": CONNECTORS[kind].label, "explanation": CONNECTORS[kind].explanation}


def _suggested(request: HttpRequest, source: Source) -> dict[str, Any]:
    if request.method == "POST":
        return {}
    return onboarding.suggested(source, sampling.kept_sample(source))


def _finished(request: HttpRequest, source: Source) -> HttpResponse:
    if request.POST.get("action") != "moissonner":
        messages.success(request, "La source est en ligne : elle sera moissonnée à son heure.")
        return redirect("backoffice:source", slug=source.slug)
    try:
        run = onboarding.launch(source, request.user)
    except (AlreadyActive, Suspended) as error:
        messages.warning(request, error.messages[0])
        return redirect("backoffice:source", slug=source.slug)
    return redirect("backoffice:run", pk=run.pk)


def _draft(request: HttpRequest, slug: str) -> Source | None:
    """The source, while it is being taken on board; 404 when it is not to be seen."""
    sources = visible_sources(request.user).select_related("partner")
    source = visible_or_404(sources, slug=slug)
    return source if onboarding.is_draft(source) else None
