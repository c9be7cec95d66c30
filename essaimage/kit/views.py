"""The kit of an innovation: its page, and the same as a PDF."""

import io
import logging
import re

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from carrefour.caching import public_page
from carrefour.limits import too_many
from carrefour.text import excerpt
from essaimage.kit import building, printing, reading
from essaimage.kit.blocks import Kit
from essaimage.kit.typesetting import CannotPrint, payload
from innovations.models import Innovation, Status

logger = logging.getLogger(__name__)

# PDFs that one visitor may have made in an hour; those that are kept are not counted.
PER_HOUR = 60
TOO_MANY = "Vous avez fait préparer beaucoup de kits en une heure. Merci de réessayer plus tard."
BUSY = "Plusieurs kits se préparent en ce moment. Réessayez dans quelques secondes."
CANNOT = (
    "Ce kit n’a pas pu être mis en PDF, par notre faute. Sa page dit la même chose et s’imprime."
)
UNFIT = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f]")


@require_safe
@public_page()
def page(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The kit of an open record; a reference has none, and leads to its record."""
    innovation = _asked(slug)
    if elsewhere := _elsewhere(request, innovation, "essaimage:kit"):
        return elsewhere
    context = {"kit": _kit(innovation), "innovation": innovation}
    return render(request, "essaimage/kit/page.html", context)


@require_safe
@public_page()
def pdf(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The same as a PDF; 429 or 503 with a page that says why when it cannot be had now."""
    innovation = _asked(slug)
    if elsewhere := _elsewhere(request, innovation, "essaimage:kit_pdf"):
        return elsewhere
    kit = _kit(innovation)
    try:
        told = payload(kit)
        if not printing.is_kept(told) and too_many(request, "kit-pdf", PER_HOUR):
            return _unavailable(request, innovation, TOO_MANY, status=429, after=3600)
        made = printing.pdf_of(told)
    except printing.Busy:
        return _unavailable(request, innovation, BUSY, status=503, after=5)
    except CannotPrint as refusal:
        logger.error("kit of %s not printed: %s", innovation.slug, refusal)
        return _unavailable(request, innovation, CANNOT, status=503, after=printing.REFUSED)
    response = FileResponse(
        io.BytesIO(made), content_type="application/pdf", as_attachment=True, filename=_name(kit)
    )
    # The page is what search engines are to show.
    response["X-Robots-Tag"] = "noindex"
    return response


def _asked(slug: str) -> Innovation:
    found: Innovation = get_object_or_404(Innovation.objects.for_detail(), slug=slug)
    return found


def _elsewhere(request: HttpRequest, innovation: Innovation, name: str) -> HttpResponseBase | None:
    """What is answered instead of the kit: as the record's own page does, and for a reference."""
    if innovation.merged_into:
        return redirect(name, slug=innovation.merged_into.slug, permanent=True)
    if innovation.is_public:
        return redirect(innovation) if innovation.is_reference else None
    if innovation.published_at or innovation.status == Status.WITHDRAWN:
        return render(request, "innovations/gone.html", {"innovation": innovation}, status=410)
    raise Http404


def _kit(innovation: Innovation) -> Kit:
    return building.build(reading.gather(innovation), timezone.localdate())


def _name(kit: Kit) -> str:
    """« Kit de reprise - Ressourcerie du bourg.pdf »."""
    return f"Kit de reprise - {excerpt(UNFIT.sub(' ', kit.title), 100)}.pdf"


def _unavailable(
    request: HttpRequest, innovation: Innovation, reason: str, *, status: int, after: int
) -> HttpResponse:
    context = {"innovation": innovation, "reason": reason}
    response = render(request, "essaimage/kit/unavailable.html", context, status=status)
    response["Retry-After"] = str(after)
    response["Cache-Control"] = "no-store"
    return response
