"""The public side of the right to object: ask, then confirm from one's mailbox."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from carrefour import limits
from innovations.models import Innovation
from partners import objections
from partners.objection_forms import ObjectionForm
from partners.objections import ObjectionError

REQUESTS_PER_HOUR = 10


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """« ?fiche=slug » says which record; without it the form asks for its address."""
    slug = request.GET.get("fiche", "").replace("\0", "")
    innovation = Innovation.objects.published().filter(slug=slug).first() if slug else None
    form = ObjectionForm(request.POST if request.method == "POST" else None, innovation=innovation)
    if form.is_valid() and (form.is_robot or _is_received(request, form)):
        return redirect("partners:object_sent")
    context = {"form": form, "innovation": innovation, "unknown": bool(slug) and not innovation}
    return render(request, "partners/objection_form.html", context)


def _is_received(request: HttpRequest, form: ObjectionForm) -> bool:
    """Save the request and send its mail, or tell in the form why not."""
    # Each request writes to an address that may be someone else's.
    if limits.too_many(request, "opposition", REQUESTS_PER_HOUR):
        form.add_error(
            None, "Vous avez déjà fait plusieurs demandes. Merci de patienter une heure."
        )
        return False
    try:
        objections.receive(form.save())
    except ObjectionError as error:
        form.add_error("email", str(error))
    except OSError:
        form.add_error(
            None, "Le courriel de confirmation n’a pas pu partir. Réessayez dans un moment."
        )
    return form.is_valid()


def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "partners/objection_sent.html", {"days": objections.LINK_DAYS})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mail's link shows a button: a mailbox that opens links by itself confirms nothing."""
    try:
        objection = objections.from_token(token)
    except ObjectionError as error:
        context = {"problem": str(error)}
        return render(request, "partners/objection_confirm.html", context, status=410)
    if request.method == "POST":
        objections.confirm(objection)
        return redirect("partners:object_confirmed")
    return render(request, "partners/objection_confirm.html", {"objection": objection})


def confirmed(request: HttpRequest) -> HttpResponse:
    return render(request, "partners/objection_confirmed.html")
