"""The public side of the right to object: ask, then confirm from one's mailbox."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from innovations.models import Innovation
from partners import objections
from partners.objection_forms import ObjectionForm
from partners.objections import ObjectionError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """« ?fiche=slug » says which record; without it the form asks for its address."""
    slug = request.GET.get("fiche", "")
    innovation = Innovation.objects.published().filter(slug=slug).first() if slug else None
    form = ObjectionForm(request.POST or None, innovation=innovation)
    if form.is_valid():
        if form.is_robot:
            return redirect("partners:object_sent")
        try:
            objections.receive(form.save())
            return redirect("partners:object_sent")
        except ObjectionError as error:
            form.add_error("email", str(error))
        except OSError:
            form.add_error(
                None, "Le courriel de confirmation n’a pas pu partir. Réessayez dans un moment."
            )
    context = {"form": form, "innovation": innovation, "unknown": bool(slug) and not innovation}
    return render(request, "partners/objection_form.html", context)


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
