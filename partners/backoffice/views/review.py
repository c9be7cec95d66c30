"""Records waiting for staff, and what staff decides of any public record."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from carrefour.french import counted
from carrefour.returning import back_of, with_done
from carrefour.text import key, primary_key
from innovations.models import Innovation, Status
from partners import moderation, releasing
from partners.access import backoffice_page
from partners.backoffice.forms.review import MotiveForm
from partners.backoffice.views.moderating import last_done
from partners.models import Decision, Source

PAGE = 25
RELEASES = 5
ALL_CHANGED = "Rien n’est décidé : ces fiches ont changé depuis que vous les avez lues."
READ_AGAIN = "Relisez-les, puis décidez de nouveau."


@backoffice_page("innovations.change_innovation")
def queue(request: HttpRequest) -> HttpResponse:
    """« À relire » by default; « etat » shows the records in another state, « source » those that
    this source told of."""
    status = request.GET.get("etat", Status.IN_REVIEW)
    status = status if status in Status.values else Status.IN_REVIEW
    words = request.GET.get("q", "").strip()[:100]
    found = Innovation.objects.filter(status=status).order_by("-created_at", "-pk")
    if words:
        found = found.filter(title_key__contains=key(words))
    if source := request.GET.get("source", ""):
        found = found.filter(source_records__source__slug=source).distinct()
    found = found.select_related("organisation").prefetch_related("citations")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(innovation, moderation.mark(innovation)) for innovation in page],
        "status": status,
        "statuses": Status.choices,
        "words": words,
        "source": source,
        "sources": Source.objects.taken_on().select_related("partner"),
        "releases": releasing.lately(source)[:RELEASES],
        "last": last_done(request),
    }
    return render(request, "backoffice/review.html", context)


@require_POST
@backoffice_page("innovations.change_innovation")
def decide(request: HttpRequest) -> HttpResponse:
    """Show what is about to be done, then do it once it is confirmed."""
    action = request.POST.get("action", "")
    ids = [pk for said in request.POST.getlist("fiche") if (pk := primary_key(said))]
    back = back_of(request, "backoffice:review")
    if action not in Decision.values or not ids:
        messages.warning(request, "Choisissez au moins une fiche, puis l’action.")
        return redirect(back)
    decision = Decision(action)
    form = MotiveForm(request.POST if request.POST.get("confirme") == "oui" else None)
    form.decision = decision
    seen = _seen(request)
    if not form.is_valid():
        chosen = moderation.concerned(ids, decision).order_by("title_key", "pk")
        read = [(i, seen.get(i.pk) or moderation.mark(i)) for i in chosen]
        context = {"chosen": read, "action": action, "back": back, "form": form}
        return render(request, "backoffice/review_confirm.html", context)
    try:
        done = moderation.decide(ids, decision, author=request.user, seen=seen, **form.cleaned_data)
    except moderation.ChangedMeanwhile:
        messages.warning(request, f"{ALL_CHANGED} {READ_AGAIN}")
        return redirect(back)
    count = done.changes.count()
    messages.success(request, f"{moderation.RULES[decision].told(count)}.")
    if left := len(set(ids)) - count:
        told = counted(left, "fiche laissée", "fiches laissées")
        messages.warning(request, f"{told} : changées depuis. {READ_AGAIN}")
    return redirect(with_done(back, done.pk) if count else back)


def _seen(request: HttpRequest) -> dict[int, str]:
    """What was read, record by record: the ``mark`` of each that the page showed."""
    told = [said.partition(":") for said in request.POST.getlist("vu")]
    return {pk: mark for said, _, mark in told if (pk := primary_key(said))}
