"""The mapping of a source: its editor with a live preview, its versions."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from carrefour.french import counted
from carrefour.http import FetchError
from partners import onboarding, sampling
from partners.access import backoffice_page, visible_or_404, visible_sources
from partners.backoffice.editor import draft, words
from partners.backoffice.editor.page import Editor
from partners.backoffice.plain import plain
from partners.backoffice.steps import stepper
from partners.connectors import SourceError
from partners.mapping.rules import MappingError, parse
from partners.mappings import changes, restore, write_mapping
from partners.models import MappingVersion, Source

VERSIONS = 50


@backoffice_page("partners.change_source")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The editor; its buttons post here, with or without JavaScript."""
    source = _source(request, slug)
    action = request.POST.get("action", "")
    if action in {"relire", "proposer"}:
        return _read_again(request, source, is_proposal=action == "proposer")
    editor = _editor(request, source)
    if action in {"enregistrer", "enregistrer-json"} and not editor.error:
        if draft.faults(editor.rules):
            editor.error = "La correspondance n’est pas enregistrée : corrigez les champs signalés."
        elif (saved := _saved(request, source, editor)) is not None:
            return saved
    elif action and not editor.error:
        editor.rules = draft.changed(editor.rules, action, request.POST)
    context = _context(editor) | {"opened": _opened(request)}
    return render(request, "backoffice/mapping.html", context)


@require_POST
@backoffice_page("partners.change_source")
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """What the form's rules give, as fragments for the page: asked at each pause in typing."""
    editor = _editor(request, _source(request, slug))
    return render(request, "backoffice/_mapping_live.html", _context(editor))


@backoffice_page("partners.change_source")
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """Who changed the mapping, when, why, and what: the latest first."""
    source = _source(request, slug)
    kept = list(source.mapping_versions.select_related("created_by")[: VERSIONS + 1])
    # Each version beside the one before it.
    befores: list[Any] = [*(version.rules for version in kept[1:]), []]
    shown = [
        (version, changes(before, version.rules))
        for version, before in zip(kept[:VERSIONS], befores, strict=False)
    ]
    context = {"source": source, "versions": shown, "may_replay": _may_replay(source)}
    return render(request, "backoffice/mapping_versions.html", context)


@require_POST
@backoffice_page("partners.change_source")
def restore_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    source = _source(request, slug)
    try:
        version = restore(source, number, request.user)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except MappingError as error:
        messages.error(request, f"Cette version ne peut plus servir. {' '.join(error.messages)}")
        return redirect("backoffice:mapping_versions", slug=slug)
    _tell_saved(request, source, version)
    return redirect("backoffice:mapping_versions", slug=slug)


def _editor(request: HttpRequest, source: Source) -> Editor:
    sample = sampling.kept_sample(source) or sampling.received(source)
    if request.method != "POST":
        return Editor(source, source.mapping, sample)
    if request.POST.get("action") in {"lire-json", "enregistrer-json"}:
        return _from_json(request, source, sample)
    return Editor.from_post(source, request.POST, sample)


def _from_json(request: HttpRequest, source: Source, sample: sampling.Sample | None) -> Editor:
    """An editor of the rules written by hand; what is wrong with them is told, nothing is lost."""
    text = request.POST.get("mapping", "").strip()
    editor = Editor(source, source.mapping, sample, written=text)
    try:
        rules = json.loads(text or "[]")
        parse(rules)
    except json.JSONDecodeError as error:
        where = f"ligne {error.lineno}, colonne {error.colno}"
        editor.error = editor.json_error = f"Ce n’est pas du JSON : erreur {where}."
    except MappingError as error:
        editor.error = editor.json_error = " ".join(error.messages)
    else:
        editor.rules, editor.written = rules, ""
    return editor


def _read_again(request: HttpRequest, source: Source, *, is_proposal: bool) -> HttpResponse:
    """Read the source's first rows anew; and propose rules from them when asked."""
    where = redirect("backoffice:source_mapping", slug=source.slug)
    try:
        sample = sampling.sample_of(source, again=not is_proposal)
    except (FetchError, SourceError) as error:
        messages.error(request, f"La source n’a pas pu être lue. {plain(error, source.url)}")
        return where
    if not is_proposal:
        messages.success(request, f"{counted(len(sample.rows), 'ligne lue')}.")
        return where
    proposal = onboarding.proposed(source, sample, request.user)
    if not proposal.mapping:
        messages.warning(request, "Aucun champ n’a été reconnu : composez la correspondance.")
        return where
    messages.success(request, "Une correspondance est proposée d’après les premières fiches.")
    for warning in proposal.warnings:
        messages.warning(request, warning)
    return where


def _saved(request: HttpRequest, source: Source, editor: Editor) -> HttpResponse | None:
    """None when the rules cannot be kept: the editor says why."""
    note = request.POST.get("remarque", "")
    try:
        version = write_mapping(source, editor.usable, request.user, note)
    except MappingError as error:
        editor.error = " ".join(error.messages)
        return None
    decided = 0
    if request.user.has_perm("partners.change_vocabularyentry"):
        decided = words.decide(source, editor.decisions)
    if onboarding.is_draft(source):
        return _go(request, reverse("backoffice:source_contract", args=[source.slug]))
    _tell_saved(request, source, version)
    if decided:
        messages.success(request, f"{counted(decided, 'mot rattaché')} à un terme.")
    return _go(request, reverse("backoffice:source_mapping", args=[source.slug]))


def _tell_saved(request: HttpRequest, source: Source, version: MappingVersion | None) -> None:
    if version is None:
        messages.info(request, "La correspondance n’a pas changé.")
        return
    messages.success(request, f"Correspondance enregistrée : version {version.number}.")


def _go(request: HttpRequest, where: str) -> HttpResponse:
    """Another page, whether the form was sent by the browser or by htmx."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": where})
    return redirect(where)


def _context(editor: Editor) -> dict[str, Any]:
    source = editor.source
    is_draft = onboarding.is_draft(source)
    last = source.mapping_versions.select_related("created_by").first()
    return editor.context() | {
        "is_draft": is_draft,
        "stepper": stepper(3) if is_draft else None,
        "version": last,
        "may_replay": bool(last) and _may_replay(source),
    }


def _may_replay(source: Source) -> bool:
    """Whether records or refused rows, received under older rules, can be mapped again."""
    if onboarding.is_draft(source) or not source.mapping:
        return False
    return source.records.present().exists() or source.rejected_rows.exists()


def _opened(request: HttpRequest) -> set[str]:
    """The cards to show open: those that were, and the one that a button just changed."""
    opened = set(request.POST.getlist("ouvert"))
    name, _, where = request.POST.get("action", "").partition(":")
    if name == "ajouter-champ":
        opened.add(request.POST.get(f"nouveau-{where}", ""))
    rank = where.partition(":")[0]
    if rank.isdigit() and (target := request.POST.get(f"r{rank}-cible")):
        opened.add(target)
    return opened


def _source(request: HttpRequest, slug: str) -> Source:
    sources = visible_sources(request.user).select_related("partner")
    return visible_or_404(sources, slug=slug)
