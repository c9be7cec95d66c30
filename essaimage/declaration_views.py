"""« Je reprends ce projet »: the form on the public record, then the mailed link."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from carrefour import limits
from carrefour.text import well_formed
from essaimage import declaring, links, updating
from essaimage.declaration_form import DeclarationForm
from essaimage.declaring import DeclarationError
from essaimage.models import Replication, Side
from essaimage.replication_page import ReplicationPage
from essaimage.secret_pages import secret_page
from innovations.models import Innovation, Status

PER_HOUR = 5
TOO_MANY = "Vous avez déjà déclaré plusieurs reprises. Merci de patienter une heure."
NO_MAIL = "Le courriel de confirmation n’a pas pu partir. Réessayez dans un moment."


def public_or_404(slug: str) -> Innovation:
    """A public record; of one that was merged, the record that it became."""
    rows = Innovation.objects.select_related("organisation", "merged_into__organisation")
    found = get_object_or_404(rows, slug=slug)
    shown = found.merged_into or found
    return get_object_or_404(rows, pk=shown.pk, status=Status.PUBLISHED)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest, slug: str) -> HttpResponse:
    """« ?cote=porteur » comes from the link of the porteurs, « ?de=code » from the page of the
    replication that is taken up in turn."""
    innovation = public_or_404(slug)
    posted = request.POST if request.method == "POST" else None
    asked = request.GET.get("cote", "")
    side = asked if asked in Side.values else Side.REPRENEUR.value
    initial = {"by": side, "parent": _taken_from(request, innovation)}
    form = DeclarationForm(posted, innovation=innovation, initial=initial)
    if form.is_valid() and (form.is_robot or _is_received(request, form)):
        return redirect("essaimage:declare_sent", slug=innovation.slug)
    context = {"form": form, "innovation": innovation, "kept_days": declaring.KEPT_DAYS}
    return render(request, "essaimage/declare.html", context)


def _taken_from(request: HttpRequest, innovation: Innovation) -> Replication | None:
    code = well_formed(request.GET.get("de", ""))
    if not code:
        return None
    found: Replication | None = (
        Replication.objects.of(innovation).published().filter(code=code).first()
    )
    return found


def _is_received(request: HttpRequest, form: DeclarationForm) -> bool:
    if limits.too_many(request, "reprise", PER_HOUR):
        form.add_error(None, TOO_MANY)
        return False
    try:
        declaring.receive(form.declaration())
    except DeclarationError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
    except OSError:
        form.add_error("email", NO_MAIL)
    return form.is_valid()


@require_safe
def sent(request: HttpRequest, slug: str) -> HttpResponse:
    context = {"innovation": public_or_404(slug), "days": links.MAILED.days}
    return render(request, "essaimage/declare_sent.html", context)


@secret_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mail's link shows what was declared and a button: opening it confirms nothing."""
    context: dict[str, Any] = {}
    if request.method == "POST":
        party = declaring.confirm(token)
        context["follow_url"] = reverse("essaimage:follow", args=[updating.hand(party)])
    else:
        party = declaring.of_link(token)
    replication = Replication.objects.for_page().get(pk=party.replication_id)
    context |= {"party": party, "replication": replication, "page": ReplicationPage(replication)}
    return render(request, "essaimage/declare_confirm.html", context)
