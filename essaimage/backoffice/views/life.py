"""The states of a replication: one reached, or the last one taken back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from carrefour.accounts.access import staff_page
from essaimage import moving
from essaimage.backoffice.forms.life import MoveForm, ReasonForm
from essaimage.backoffice.views.replication import found
from essaimage.models import Replication
from essaimage.moving import TEAM, Author, CannotMove, Move


@never_cache
@staff_page("essaimage.change_replication")
def move(request: HttpRequest, code: str) -> HttpResponse:
    """To one of the next states; who decided on another state than today's is told."""
    replication = found(code)
    form = MoveForm(request.POST or None, replication)
    status = 200
    if form.is_valid():
        said = form.cleaned_data
        asked = Move(said["to"], said["vu"], said["reason"], said["date"].strip())
        try:
            moved = moving.move(replication, asked, Author(TEAM, request.user))
        except CannotMove as error:
            status = _tell(form, error, replication, said["vu"])
            replication = found(code)
        else:
            messages.success(request, f"La reprise est « {moved.get_state_display().lower()} ».")
            return redirect("gestion_essaimage:replication", code=code)
    context = {"replication": replication, "form": form}
    return render(request, "essaimage/backoffice/move.html", context, status=status)


def _tell(form: MoveForm, error: CannotMove, replication: Replication, seen: str) -> int:
    """The refusal, where it belongs; the status of the answer."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
    return 409 if not error.field and replication.state != seen else 200


@never_cache
@staff_page("essaimage.change_replication")
def annul(request: HttpRequest, code: str, step: int) -> HttpResponse:
    """Asks why, then takes the last step back."""
    replication = found(code)
    row = next((s for s in replication.steps.all() if s.pk == step), None)
    if row is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    status = 200
    if form.is_valid():
        by = Author(TEAM, request.user)
        try:
            back = moving.annul(row, by, reason=form.cleaned_data["reason"])
        except CannotMove as error:
            form.add_error(error.field or None, error.message)
            status = 409
        else:
            messages.success(
                request,
                "Étape annulée : la reprise est de nouveau "
                f"« {back.get_state_display().lower()} ».",
            )
            return redirect("gestion_essaimage:replication", code=code)
    context = {"replication": replication, "step": row, "form": form}
    return render(request, "essaimage/backoffice/annul.html", context, status=status)
