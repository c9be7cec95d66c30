"""« N sites trouvés dans la moisson »: which ones are replications, as staff say."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from carrefour.accounts.access import staff_page
from carrefour.french import counted
from carrefour.keyset import keyset_page
from essaimage import proposing
from essaimage.backoffice.forms.sites import ALL, PREFIX, SitesForm
from essaimage.models import SiteChoice
from essaimage.moving import CannotMove
from essaimage.proposing import CannotPropose
from innovations import bulk
from innovations.models import BulkAction, Innovation

CHANGE = "essaimage.change_replication"
PAGE = 25


@never_cache
@staff_page(CHANGE)
def listing(request: HttpRequest) -> HttpResponse:
    page = keyset_page(proposing.waiting(), ("pk",), request.GET.get("suite", ""), PAGE)
    return render(request, "essaimage/backoffice/sites.html", {"page": page})


@never_cache
@staff_page(CHANGE)
def of_innovation(request: HttpRequest, slug: str) -> HttpResponse:
    """The sites of one innovation: what is to decide, what was decided."""
    innovation = get_object_or_404(Innovation, slug=slug)
    if innovation.merged_into:
        return redirect("gestion_essaimage:sites_of", slug=innovation.merged_into.slug)
    sent = request.POST or None
    form = SitesForm(sent, initial={"state": proposing.likely_state(innovation)})
    if form.is_valid() and _chosen(request, innovation, form):
        return redirect("gestion_essaimage:sites_of", slug=slug)
    given = form.choices() if sent else {}
    context = {
        "innovation": innovation,
        "sites": [(s, given.get(s.territory.pk, "")) for s in proposing.undecided(innovation)],
        "decided": list(proposing.decided(innovation)),
        "recent": proposing.recent(innovation),
        "form": form,
        "choices": SiteChoice.choices,
        "prefix": PREFIX,
        "all": ALL,
        "most": proposing.MOST,
        "says_running": bool(proposing.likely_state(innovation)),
    }
    return render(request, "essaimage/backoffice/sites_of.html", context)


def _chosen(request: HttpRequest, innovation: Innovation, form: SitesForm) -> bool:
    try:
        done = proposing.choose(
            innovation,
            form.choices(),
            state=form.cleaned_data["state"],
            author=request.user,
            reason=form.cleaned_data["reason"],
        )
    except (CannotPropose, CannotMove) as error:
        form.add_error(None, error.message)
        return False
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(request, f"{counted(done.changes.count(), 'site décidé')}.")
    return True


@require_POST
@staff_page(CHANGE)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a gesture back: its sites are to decide again, its replications are set aside."""
    action = get_object_or_404(BulkAction, pk=pk, kind=proposing.KIND)
    try:
        undone = bulk.undo(action, author=request.user)
    except bulk.AlreadyUndone:
        messages.info(request, "Ce geste était déjà annulé.")
    else:
        messages.success(
            request, f"Geste annulé : {counted(undone.restored, 'site')} de nouveau à décider."
        )
        if undone.left:
            named = ", ".join(undone.left[:5])
            messages.warning(request, f"Changés depuis, laissés tels quels : {named}")
    return redirect("gestion_essaimage:sites_of", slug=action.subject)
