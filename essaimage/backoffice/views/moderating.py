"""« Reprises à relire »: the queue, one at a time; for form only. Taking any decision back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour import keyboard
from carrefour.accounts.access import staff_page
from carrefour.keyset import keyset_page
from essaimage import moderated, moderating
from essaimage.backoffice import deciding
from essaimage.backoffice.deciding import PLACES, Answer
from essaimage.backoffice.views.replication import found, page_of
from essaimage.models import Replication
from essaimage.moderating import CannotUndo
from innovations import bulk
from innovations.models import BulkAction

REVIEW = "essaimage.review_replication"
PAGE = 25
# Other replications of the innovation shown beside, where a double is seen.
BESIDE = 10


@never_cache
@staff_page(REVIEW)
def queue(request: HttpRequest) -> HttpResponse:
    rows = Replication.objects.to_review().for_staff()
    page = keyset_page(rows, PLACES[Replication].keys, request.GET.get("suite", ""), PAGE)
    context = {
        "page": page,
        "last": deciding.last_of(request),
        "keys_are_on": keyboard.are_on(request),
    }
    return render(request, "essaimage/backoffice/review.html", context)


@never_cache
@staff_page(REVIEW)
def one(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, found(code))


@require_POST
@staff_page(REVIEW)
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Publish, set aside or put back, then the next one; what changed meanwhile is told."""
    replication = found(code)
    answer = deciding.decide(request, replication)
    if answer.done:
        return deciding.go_on(request, replication, answer.done)
    return _page(request, found(code), answer)


@require_POST
@staff_page()
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back, on anything that is read here; who may decide it may undo it."""
    action = get_object_or_404(BulkAction, pk=pk, kind__in=list(moderated.BY_CODE))
    kind = moderated.BY_CODE[action.kind]
    if not request.user.has_perm(kind.permission):
        raise PermissionDenied
    try:
        moderating.undo(action, author=request.user)
    except bulk.AlreadyUndone:
        messages.info(request, "Cette décision était déjà annulée.")
    except CannotUndo as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "Décision annulée.")
    place, row = PLACES[kind.model], kind.row_of(action)
    if row is None:
        return redirect(place.waiting if place.queue else "gestion_essaimage:dashboard")
    return redirect(place.page(row))


def _beside(replication: Replication) -> list[Replication]:
    """The others of its innovation, those of its own territory first."""
    its = Replication.objects.of(replication.shown_innovation).confirmed()
    others = its.exclude(pk=replication.pk)
    here = Case(When(territory=replication.territory_id, then=0), default=1)
    return list(others.for_staff().order_by(here, "-created_at", "-pk")[:BESIDE])


def _page(
    request: HttpRequest, replication: Replication, answer: Answer | None = None
) -> HttpResponse:
    context = page_of(replication) | {
        "deciding": deciding.page_of(request, replication, answer),
        "beside": _beside(replication),
    }
    status = answer.status if answer else 200
    return render(request, "essaimage/backoffice/review_one.html", context, status=status)
