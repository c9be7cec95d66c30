"""The dashboard of the essaimage, and asking what it says is to be asked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.accounts.access import staff_page
from essaimage import chasing
from essaimage.backoffice.forms.dashboard import DashboardFilter
from essaimage.dashboard import LISTED, Dashboard
from essaimage.models import Replication
from essaimage.standing import Ask

NO_MAIL = "Le courriel n’a pas pu partir : réessayez dans quelques minutes."


@never_cache
@staff_page("essaimage.view_replication")
def dashboard(request: HttpRequest) -> HttpResponse:
    form = DashboardFilter(request.GET, user=request.user)
    # What was set aside, or never confirmed, is nobody's work.
    rows = form.apply(Replication.objects.filter(publication__in=["publiee", "a-relire"]))
    kept = request.GET.copy()
    kept.pop("suite", None)
    context = {
        "form": form,
        "board": Dashboard(rows, form.ask, request.GET.get("suite", "")),
        "query": kept.urlencode(),
        "listed": LISTED,
    }
    return render(request, "essaimage/backoffice/dashboard.html", context)


@require_POST
@staff_page("essaimage.change_replication")
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Send the mail of the line, if it is still to be sent."""
    asked = request.POST.get("demande", "")
    wanted = Ask(asked) if asked in Ask.values else Ask.NOTHING
    try:
        party = chasing.send(code, wanted, request.user)
    except chasing.CannotChase as error:
        messages.error(request, error.message)
    except OSError:
        messages.error(request, NO_MAIL)
    else:
        messages.success(request, f"Courriel envoyé à {party.name}.")
    query = request.POST.get("retour", "")
    where = reverse("gestion_essaimage:dashboard")
    return redirect(f"{where}?{query}#relances" if query else f"{where}#relances")
