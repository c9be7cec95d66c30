"""The journal of gestures: who did what to which records, and undoing it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.french import counted
from carrefour.keyset import keyset_page
from carrefour.returning import back_of
from innovations import bulk
from innovations.models import BulkAction
from partners.access import backoffice_page

PAGE = 25
ROWS = 50
KEYS = ("-made_at", "-pk")


@never_cache
@backoffice_page("innovations.view_bulkaction")
def listing(request: HttpRequest) -> HttpResponse:
    """The gestures of the kinds that this person may see, the latest first."""
    kinds = [k.code for k in bulk.KINDS.values() if request.user.has_perm(k.permission)]
    found = BulkAction.objects.filter(kind__in=kinds).with_number()
    found = found.select_related("author", "undone_by")
    page = keyset_page(found, KEYS, request.GET.get("suite", ""), PAGE)
    return render(request, "backoffice/bulk_actions.html", {"page": page})


@never_cache
@backoffice_page("innovations.view_bulkaction")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    action = _action(request, pk)
    page = Paginator(action.changes.all(), ROWS).get_page(request.GET.get("page"))
    context = {"action": action, "page_obj": page, "undoable": bulk.undoable(action)}
    return render(request, "backoffice/bulk_action.html", context)


@require_POST
@backoffice_page("innovations.view_bulkaction")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what the gesture changed; what changed since is left alone, and told."""
    action = _action(request, pk)
    try:
        undone = bulk.undo(action, author=request.user)
    except bulk.AlreadyUndone:
        messages.info(request, "Ce geste était déjà défait.")
        return redirect("backoffice:bulk_action", pk=pk)
    messages.success(request, f"Geste défait : {counted(undone.restored, 'ligne')} comme avant.")
    if undone.left:
        names = ", ".join(undone.left[:5]) + ("…" if len(undone.left) > 5 else "")
        messages.warning(request, f"Changées depuis, laissées telles quelles : {names}")
    return redirect(back_of(request, reverse("backoffice:bulk_action", args=[pk])))


def _action(request: HttpRequest, pk: int) -> BulkAction:
    rows = BulkAction.objects.select_related("author", "undone_by")
    action = get_object_or_404(rows, pk=pk)
    kind = bulk.KINDS.get(action.kind)
    if kind is None or not request.user.has_perm(kind.permission):
        raise PermissionDenied
    return action
