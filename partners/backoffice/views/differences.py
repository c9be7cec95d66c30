"""What partners say since staff wrote: differences to take or to leave, one by one or together."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.keyset import keyset_page
from carrefour.returning import back_of
from carrefour.text import primary_key
from carrefour.word_changes import Piece, side_by_side
from innovations.models import FieldEdit
from innovations.record_page import field_label
from innovations.telling import term_labels, told
from partners import answering
from partners.access import backoffice_page

PAGE = 20
KEYS = ("-differs_since", "pk")


@dataclass(frozen=True)
class Difference:
    """A staff edit beside the partners' newer value, each cut where it differs."""

    edit: FieldEdit
    label: str
    ours: list[Piece]
    theirs: list[Piece]


@never_cache
@backoffice_page("innovations.view_fieldedit")
def listing(request: HttpRequest) -> HttpResponse:
    """The latest first; « fiche » shows those of one record only."""
    found = FieldEdit.objects.differing().select_related("innovation", "author")
    record = primary_key(request.GET.get("fiche", ""))
    if record:
        found = found.filter(innovation=record)
    page = keyset_page(found, KEYS, request.GET.get("suite", ""), PAGE)
    labels = term_labels() if any(e.field == "terms" for e in page.rows) else {}
    context: dict[str, Any] = {
        "page": page,
        "rows": [_difference(edit, labels) for edit in page.rows],
        "count": found.count(),
        "record": record,
        "query": f"fiche={record}" if record else "",
    }
    return render(request, "backoffice/differences.html", context)


@require_POST
@backoffice_page("innovations.change_fieldedit")
def settle(request: HttpRequest) -> HttpResponse:
    """« prendre » or « garder », followed by the edit's number or by « choisies »."""
    action, _, which = request.POST.get("action", "").partition("-")
    given = [which] if which != "choisies" else request.POST.getlist("difference")
    seen = {pk: mark for said in given for pk, mark in [_judged(said)] if pk}
    ids = list(seen)
    back = back_of(request, "backoffice:differences")
    if action not in {"prendre", "garder"} or not ids:
        messages.warning(request, "Choisissez au moins une différence, puis l’action.")
        return redirect(back)
    done = answering.answer(ids, takes=action == "prendre", author=request.user, seen=seen)
    count = done.changes.count()
    if count:
        messages.success(request, f"{done.label} : {count} champ(s).")
    if left := len(ids) - count:
        messages.warning(
            request, f"{left} champ(s) laissé(s) : une des valeurs a changé depuis, relisez-la."
        )
    return redirect("backoffice:bulk_action", pk=done.pk) if len(ids) > 1 else redirect(back)


def _judged(said: str) -> tuple[int | None, str]:
    """(Number of an edit, its mark when it was read)."""
    pk, _, mark = said.partition(".")
    return primary_key(pk), mark


def _difference(edit: FieldEdit, labels: dict[str, str]) -> Difference:
    theirs = (edit.difference or {}).get("value")
    said = (told(edit.field, value, labels) for value in (edit.value, theirs))
    return Difference(edit, field_label(edit.field), *side_by_side(*said))
