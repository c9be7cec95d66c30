"""One replication: everything about it, and writing it field by field."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from carrefour.accounts.access import staff_page
from essaimage import editing, moderated
from essaimage.backoffice import told
from essaimage.backoffice.forms.replication import ReplicationForm
from essaimage.editing import ChangedMeanwhile
from essaimage.models import Obstacle, Party, Publication, Replication, ReplicationStep, Side

CHILDREN = Replication.objects.confirmed().select_related("territory", "repreneur").order_by("pk")
STEPS = ReplicationStep.objects.select_related("user").order_by("pk")
OPEN = Obstacle.objects.exclude(publication=Publication.UNCONFIRMED).order_by("pk")


@never_cache
@staff_page("essaimage.view_replication")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "essaimage/backoffice/replication.html", page_of(found(code)))


def page_of(replication: Replication) -> dict[str, Any]:
    """All that the page of one replication shows, in a fixed number of queries."""
    steps = list(replication.steps.all())
    standing = [step for step in steps if step.annulled_at is None]
    parties = {party.side: party for party in replication.parties.all()}
    return {
        "replication": replication,
        "steps": steps,
        # The first one does not go: it would have no state left.
        "last": standing[-1] if len(standing) > 1 else None,
        "sides": [(side, parties.get(side)) for side in Side],
        "decision": moderated.of(replication).last_decision(replication),
        "noticed": told.looked_at(replication),
        "site": getattr(replication, "site", None),
    }


@never_cache
@staff_page("essaimage.change_replication")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Each field written otherwise than the form showed it is saved, if nobody wrote it since."""
    replication = found(code)
    form = ReplicationForm(request.POST or None, row=replication)
    beside: dict[str, Any] = {}
    if form.is_valid():
        try:
            written = editing.write(
                replication,
                form.typed(),
                form.seen,
                author=request.user,
                reason=form.cleaned_data["note"],
            )
        except ValidationError as error:
            form.tell(error)
        except ChangedMeanwhile as error:
            beside = _readable(error.changes)
            form = ReplicationForm(request.POST, row=found(code))
            form.is_valid()
            form.shown = set(error.changes)
        else:
            _tell(request, code, written)
            return redirect("gestion_essaimage:replication", code=code)
    context = {"replication": replication, "form": form, "beside": beside}
    status = 409 if beside else 200
    return render(request, "essaimage/backoffice/edit.html", context, status=status)


def _tell(request: HttpRequest, code: str, written: list[str]) -> None:
    if not written:
        messages.info(request, "Rien n’a changé : rien n’est enregistré.")
        return
    names = ", ".join(editing.label_of(name) for name in written)
    messages.success(request, f"Enregistré : {names}.")
    told.warn(request, found(code))


def _readable(changes: dict[str, Any]) -> dict[str, Any]:
    """Field → (its name, what someone else wrote there, as people read it)."""
    return {name: (one.label, editing.readable(name, one.value)) for name, one in changes.items()}


def found(code: str) -> Replication:
    """The replication, with all that its pages show; not one that nobody confirmed yet."""
    rows = (
        Replication.objects.confirmed()
        .for_staff()
        .select_related("parent__territory", "parent__repreneur", "site__territory")
    )
    rows = rows.prefetch_related(
        "partners",
        "public_actors__organisation",
        Prefetch("steps", STEPS),
        Prefetch("children", CHILDREN),
        Prefetch("obstacles", OPEN),
        Prefetch("parties", Party.objects.order_by("side")),
    )
    return get_object_or_404(rows, code=code)
