"""The pages that the mails of « cela a-t-il marché de nouveau ? » lead to, and the open data."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from carrefour import spreadsheets
from carrefour.caching import public_page
from essaimage import asking, evidence_export, reporting
from essaimage.evidence_forms import EvidenceForm
from essaimage.models import FollowUp
from essaimage.reporting import CannotReport
from essaimage.secret_pages import secret_page


@secret_page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Three facts, told once: what is posted uses the link."""
    asked = reporting.of_link(token)
    posted = request.POST if request.method == "POST" else None
    form = EvidenceForm(posted, of_stop=asked.months is None)
    context = {
        "form": form,
        "asked": asked,
        "party": asked.party,
        "replication": asked.party.replication,
        "innovation": asked.party.replication.shown_innovation,
    }
    if form.is_valid() and _is_kept(token, form, asked):
        return render(request, "essaimage/evidence_done.html", context)
    return render(request, "essaimage/evidence.html", context)


def _is_kept(token: str, form: EvidenceForm, asked: FollowUp) -> bool:
    months = asked.months
    if months is None:
        months = reporting.months_since(asked.party.replication, timezone.localdate())
    try:
        reporting.answer(token, form.said(months))
    except CannotReport as error:
        form.tell(error.message, error.field)
        return False
    return True


# The signed link is what allows it: mail programs post here without cookie or token (RFC 8058).
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """A button, then done: a program that opens links by itself stops nothing."""
    party = asking.party_of_token(token)
    is_done = party is None
    if party is not None and request.method == "POST":
        asking.stop(party)
        is_done = True
    context = {"is_done": is_done, "is_known": party is not None}
    response = render(request, "essaimage/evidence_stop.html", context)
    response["Referrer-Policy"] = "same-origin"
    return response


@require_safe
@public_page()
def facts_csv(request: HttpRequest) -> HttpResponseBase:
    return spreadsheets.download(evidence_export.rows(), "resultats")


@require_safe
@public_page()
def facts_json(request: HttpRequest) -> HttpResponseBase:
    return evidence_export.json_file()
