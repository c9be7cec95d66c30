"""Expressions that a search takes for one another: the list, its changes, and trying a word."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from carrefour.text import one_line, well_formed
from innovations import equivalents
from innovations.equivalent_trial import tried
from innovations.models import Equivalent
from partners.access import backoffice_page
from partners.backoffice.forms.equivalent import LONGEST, EquivalentForm
from partners.backoffice.history import history_of

PAGE = 50


@backoffice_page("innovations.view_equivalent")
def listing(request: HttpRequest) -> HttpResponse:
    """Every group, those in use first; « essai » is a word to try."""
    groups = Equivalent.objects.order_by("-is_active", "keys", "pk")
    word = request.GET.get("essai", "")
    context = {
        "page_obj": Paginator(groups, PAGE).get_page(request.GET.get("page")),
        "trial": tried(word) if word.strip() else None,
        "word": word,
    }
    return render(request, "backoffice/equivalents.html", context)


@backoffice_page("innovations.add_equivalent")
def add(request: HttpRequest) -> HttpResponse:
    """A new group; « expression » is its first one, when it comes from a search."""
    first = one_line(well_formed(request.GET.get("expression", "")))[:LONGEST]
    form = EquivalentForm(Equivalent(expressions=[first] * bool(first)), request.POST or None)
    if _written(request, form):
        messages.success(request, "Équivalence ajoutée : elle vaut dès la recherche suivante.")
        return redirect("backoffice:equivalents")
    return render(request, "backoffice/equivalent_add.html", {"form": form})


@backoffice_page("innovations.view_equivalent")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(Equivalent, pk=pk)
    name = str(group)
    may_change = request.user.has_perm("innovations.change_equivalent")
    posted = request.POST if request.method == "POST" and may_change else None
    form = EquivalentForm(group, posted)
    if _written(request, form):
        messages.success(request, "Équivalence modifiée : elle vaut dès la recherche suivante.")
        return redirect("backoffice:equivalent", pk=pk)
    context = {
        "group": group,
        "name": name,
        "form": form if may_change else None,
        "trials": [tried(expression) for expression in Equivalent.objects.get(pk=pk).expressions],
        "history": history_of(group),
    }
    # A reader who posts is told so, rather than shown a page that looks saved.
    status = 403 if request.method == "POST" and not may_change else 200
    return render(request, "backoffice/equivalent.html", context, status=status)


@require_POST
@backoffice_page("innovations.change_equivalent")
def activation(request: HttpRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(Equivalent, pk=pk)
    wanted = request.POST.get("actif") == "oui"
    try:
        equivalents.set_active(group, wanted, author=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        done = "remise en service" if wanted else "mise hors service : elle reste dans la liste"
        messages.success(request, f"Équivalence {done}.")
    return redirect("backoffice:equivalent", pk=pk)


def _written(request: HttpRequest, form: EquivalentForm) -> bool:
    """Whether the form was sent, right, and saved; what is wrong is told on the form."""
    if not form.is_valid():
        return False
    try:
        equivalents.write(form.filled(), author=request.user)
    except ValidationError as error:
        form.add_error("expressions", error.messages)
        return False
    return True
