"""The list of replications, and adding one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from carrefour.accounts.access import staff_page
from carrefour.keyset import keyset_page
from carrefour.text import well_formed
from essaimage.adding import Told, add
from essaimage.backoffice import told
from essaimage.backoffice.forms.listing import ReplicationFilter
from essaimage.backoffice.forms.replication import AddForm
from essaimage.models import Replication
from essaimage.moving import CannotMove
from innovations.models import Innovation

PAGE = 25
KEYS = ("-created_at", "-pk")


@never_cache
@staff_page("essaimage.view_replication")
def listing(request: HttpRequest) -> HttpResponse:
    """All those that someone confirmed, the latest first, as the filters keep them."""
    form = ReplicationFilter(request.GET)
    rows = form.apply(Replication.objects.confirmed().for_staff())
    page = keyset_page(rows, KEYS, request.GET.get("suite", ""), PAGE)
    kept = request.GET.copy()
    kept.pop("suite", None)
    context = {"form": form, "page": page, "query": kept.urlencode()}
    return render(request, "essaimage/backoffice/replications.html", context)


@never_cache
@staff_page("essaimage.add_replication")
def addition(request: HttpRequest) -> HttpResponse:
    """« innovation » in the address: the one that it is of."""
    slug = well_formed(request.GET.get("innovation", ""))
    of = Innovation.objects.filter(slug=slug).first() if slug else None
    form = AddForm(request.POST or None, initial={"innovation": of} if of else {})
    if form.is_valid() and (made := _added(request, form)):
        told.warn(request, made)
        messages.success(request, "Reprise ajoutée.")
        return redirect("gestion_essaimage:replication", code=made.code)
    return render(request, "essaimage/backoffice/add.html", {"form": form})


def _added(request: HttpRequest, form: AddForm) -> Replication | None:
    """What is written; None when it cannot be, and the form then says why."""
    said = form.cleaned_data
    asked = Told(said["state"], said["note"].strip(), form.typed(), form.passed())
    try:
        return add(said["innovation"], asked, author=request.user)
    except CannotMove as error:
        form.add_error(None, error.message)
    except ValidationError as error:
        form.tell(error)
    return None
