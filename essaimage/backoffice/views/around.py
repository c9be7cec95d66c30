"""Who stands around a replication: its two sides, its public actors."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.accounts.access import staff_page
from essaimage import public_actors, sides
from essaimage.backoffice.forms.around import ActorForm, SideForm
from essaimage.backoffice.views.replication import found
from essaimage.models import Party, PublicActor, Replication, Side
from essaimage.moderating import CannotDecide

CHANGE = "essaimage.change_replication"


@never_cache
@staff_page(CHANGE)
def side(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Who stands on one side, and where to ask it."""
    replication = found(code)
    one, party = _side(replication, name)
    form = SideForm(request.POST or None, party)
    if form.is_valid():
        try:
            party = sides.tell_side(replication, one, author=request.user, **form.cleaned_data)
        except CannotDecide as error:
            form.add_error(error.field or None, error.message)
        else:
            messages.success(request, f"{one.label} : enregistré.")
            if "demander" in request.POST:
                _ask(request, party)
            return redirect("gestion_essaimage:replication", code=code)
    context = {"replication": replication, "side": one, "party": party, "form": form}
    return render(request, "essaimage/backoffice/side.html", context)


@require_POST
@staff_page(CHANGE)
def ask(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Ask one side, by e-mail, what it says."""
    _one, party = _side(found(code), name)
    if party is None:
        raise Http404
    _ask(request, party)
    return redirect("gestion_essaimage:replication", code=code)


def _ask(request: HttpRequest, party: Party) -> None:
    try:
        sides.ask(party, author=request.user)
    except CannotDecide as error:
        messages.error(request, error.message)
    except OSError:
        messages.error(request, "Le courriel n’a pas pu partir : réessayez dans quelques minutes.")
    else:
        messages.success(request, f"{party.get_side_display()} : courriel envoyé.")


def _side(replication: Replication, name: str) -> tuple[Side, Party | None]:
    if name not in Side.values:
        raise Http404
    party = next((p for p in replication.parties.all() if p.side == name), None)
    return Side(name), party


@never_cache
@staff_page(CHANGE)
def actor(request: HttpRequest, code: str, pk: int = 0) -> HttpResponse:
    """Add a public actor, or change one."""
    replication = found(code)
    row = _actor(replication, pk) if pk else PublicActor(replication=replication)
    form = ActorForm(request.POST or None, row)
    if form.is_valid():
        try:
            public_actors.write(form.filled(), author=request.user)
        except ValidationError as error:
            form.add_error("name", [e for found in error.message_dict.values() for e in found])
        else:
            messages.success(request, "Acteur public enregistré.")
            return redirect("gestion_essaimage:replication", code=code)
    context = {"replication": replication, "actor": row, "form": form, "is_new": not pk}
    return render(request, "essaimage/backoffice/actor.html", context)


@require_POST
@staff_page(CHANGE)
def actor_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    public_actors.remove(_actor(found(code), pk), author=request.user)
    messages.success(request, "Acteur public retiré ; l’historique le garde.")
    return redirect("gestion_essaimage:replication", code=code)


def _actor(replication: Replication, pk: int) -> PublicActor:
    row = next((a for a in replication.public_actors.all() if a.pk == pk), None)
    if row is None:
        raise Http404
    return row
