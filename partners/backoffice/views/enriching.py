"""Writing a record field by field; what was written before, and putting it back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from innovations import fields
from innovations.models import FieldEdit, Innovation
from partners import editing
from partners.access import backoffice_page
from partners.backoffice import personal
from partners.backoffice.enriching import EnrichPage
from partners.backoffice.field_history import Version, version, versions
from partners.editing import CannotEdit, ChangedMeanwhile, Credit

EDIT = "innovations.change_fieldedit"


@never_cache
@backoffice_page(EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form; each of its buttons keeps all that is typed."""
    innovation = _innovation(pk)
    if innovation.merged_into_id:
        return redirect("backoffice:enrich", pk=innovation.merged_into_id)
    page = EnrichPage(innovation, request.POST.copy() if request.method == "POST" else None)
    if page.typed is not None:
        action, _, rest = request.POST.get("action", "enregistrer").partition(":")
        act = ACTIONS.get(action)
        answer = act(request, page, rest) if act else None
        if answer is not None:
            return answer
        if act is not _save:
            page.show_as_typed()
    return render(request, "backoffice/enrich.html", {"innovation": innovation, "page": page})


def _save(request: HttpRequest, page: EnrichPage, _rest: str) -> HttpResponse | None:
    """Write what was changed; None when the person has something to look at first."""
    page.form.is_valid()
    changed = page.changed()
    if not changed and not page.form.errors.keys() - {"note"}:
        messages.info(request, "Rien n’a changé : rien n’est enregistré.")
        return redirect("backoffice:innovation", pk=page.innovation.pk)
    if page.form.errors:
        return None
    try:
        written = editing.write_over(
            page.innovation,
            changed,
            page.seen(),
            author=request.user,
            note=page.form.cleaned_data["note"],
        )
    except CannotEdit as error:
        for name, message in error.messages.items():
            page.form.tell(fields.FIELDS[name], message)
        return None
    except ChangedMeanwhile as error:
        page.meanwhile = error.changes
        page.innovation = _innovation(page.innovation.pk)
        page.__dict__.pop("now", None)
        return None
    personal.warn(request, {e.field: e.value for e in written})
    labels = ", ".join(fields.FIELDS[e.field].label for e in written)
    messages.success(request, f"Enregistré : {labels}." if written else "Rien n’a changé.")
    return redirect("backoffice:innovation", pk=page.innovation.pk)


def _take_text(_request: HttpRequest, page: EnrichPage, rest: str) -> None:
    """Copy a partner's value, or what someone else just wrote, into the form."""
    name, _, record = rest.partition("|")
    if name in fields.FIELDS and record == "montre":
        page.fill(name, page.now[name])
    for said in page.statements.get(name, ()):
        if str(said.record_id) == record:
            page.fill(name, said.value)


def _keep(request: HttpRequest, page: EnrichPage, rest: str) -> None:
    name, _, seen = rest.partition("|")
    found = _own_edit(page, name)
    try:
        if found is None:
            raise ChangedMeanwhile({})
        editing.keep_ours(found, author=request.user, note="Différence laissée", seen=seen)
    except ChangedMeanwhile:
        _tell_changed(request, page, name)
        return
    page.__dict__.pop("edits", None)
    messages.success(request, f"Gardé : {fields.FIELDS[name].label}.")


def _give_back(request: HttpRequest, page: EnrichPage, rest: str) -> None:
    """The partners' value shows again; the form is brought up to it, on this field only."""
    name, _, seen = rest.partition("|")
    found, note = _own_edit(page, name), "Valeur des partenaires reprise"
    try:
        if found is None:
            raise ChangedMeanwhile({})
        editing.take_partners_value(found, author=request.user, note=note, seen=seen)
    except ChangedMeanwhile:
        _tell_changed(request, page, name)
        return
    _read_again(page)
    page.fill(name, page.now[name])
    page.look_again(name)
    messages.success(request, f"Valeur des partenaires reprise : {fields.FIELDS[name].label}.")


def _tell_changed(request: HttpRequest, page: EnrichPage, name: str) -> None:
    """What was to be judged is not there any more; what is typed stays."""
    label = fields.FIELDS[name].label
    messages.warning(request, f"{label} : changé entre-temps, relisez avant de choisir.")
    _read_again(page)


def _read_again(page: EnrichPage) -> None:
    page.innovation = _innovation(page.innovation.pk)
    for known in ("now", "edits", "statements"):
        page.__dict__.pop(known, None)


ACTIONS: dict[str, Callable[[HttpRequest, EnrichPage, str], HttpResponse | None]] = {
    "enregistrer": _save,
    "reprendre": _take_text,
    "garder": _keep,
    "rendre": _give_back,
}


@never_cache
@backoffice_page(EDIT)
def history(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    innovation = _innovation(pk)
    asked = _field(name)
    context = {
        "innovation": innovation,
        "field": asked,
        "versions": versions(innovation, name),
        "shown": fields.readable(name, fields.shown(innovation)[name], _labels(innovation, name)),
    }
    return render(request, "backoffice/field_history.html", context)


@never_cache
@backoffice_page(EDIT)
def restore(request: HttpRequest, pk: int, name: str, event: int) -> HttpResponse:
    """Show what would be put back, then do it once it is confirmed."""
    innovation = _innovation(pk)
    asked = _field(name)
    former = version(innovation, name, event)
    if former is None:
        raise Http404
    if request.method == "POST":
        _put_back(request, innovation, name, former)
        return redirect("backoffice:field_history", pk=pk, name=name)
    shown = fields.shown(innovation)[name]
    context = {
        "innovation": innovation,
        "field": asked,
        "version": former,
        "shown": fields.readable(name, shown, _labels(innovation, name)),
    }
    return render(request, "backoffice/field_restore.html", context)


def _put_back(request: HttpRequest, innovation: Innovation, name: str, former: Version) -> None:
    note = f"Retour au texte du {former.at:%d/%m/%Y}"
    credit = Credit(former.credit_kind, former.credit)
    try:
        editing.write(
            innovation, {name: former.value}, author=request.user, note=note, credit=credit
        )
    except CannotEdit as error:
        messages.error(request, str(error))
    else:
        personal.warn(request, {name: former.value})
        messages.success(request, f"Rétabli : {fields.FIELDS[name].label}.")


def _innovation(pk: int) -> Innovation:
    return get_object_or_404(Innovation.objects.for_detail(), pk=pk)


def _field(name: str) -> Any:
    if name not in fields.FIELDS:
        raise Http404
    return fields.FIELDS[name]


def _labels(innovation: Innovation, name: str) -> dict[str, str]:
    return EnrichPage(innovation).labels if name == "terms" else {}


def _own_edit(page: EnrichPage, name: str) -> FieldEdit | None:
    _field(name)
    return page.edits.get(name)
