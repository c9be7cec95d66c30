"""What visitors look for, and what is made of the searches that find nothing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from carrefour.forms import DsfrForm
from carrefour.spreadsheets import download
from innovations import search_work
from innovations.models import SearchDecision, SearchKind, SearchOutcome
from innovations.search_data import bars
from innovations.search_log import VISITORS
from partners.access import backoffice_page
from partners.backoffice.filters import ListFilter

PAGE = 50
MOST = 10
WEEKS = 13
PERIODS = {"7": "7 derniers jours", "91": "13 dernières semaines", "396": "13 derniers mois"}
DAYS = 28


class SearchFilter(ListFilter):
    periode = forms.ChoiceField(label="Période", required=False)
    resultat = forms.ChoiceField(label="Fiches trouvées", required=False)
    suite = forms.ChoiceField(label="Suite donnée", required=False)

    def _fill(self) -> None:
        self._offer("periode", "4 dernières semaines", PERIODS.items())
        results = [("rien", "Aucune"), ("peu", f"Moins de {search_work.LITTLE}")]
        self._offer("resultat", "Peu importe", results)
        self._offer("suite", "Peu importe", [("aucune", "À traiter"), *SearchOutcome.choices])

    @property
    def days(self) -> int:
        return int(self.chosen("periode") or DAYS)

    def texts(self) -> QuerySet[Any, Any]:
        found = search_work.texts(search_work.since(self.days))
        if result := self.chosen("resultat"):
            found = found.filter(total__lt=1 if result == "rien" else search_work.LITTLE)
        if outcome := self.chosen("suite"):
            is_to_do = outcome == "aucune"
            found = found.filter(search_work.TO_DO) if is_to_do else found.filter(outcome=outcome)
        return found


class OutcomeForm(DsfrForm):
    # Nothing is chosen at first: a decision is never taken by a button alone.
    outcome = forms.ChoiceField(
        label="Suite donnée", choices=[("", "Choisir une suite"), *SearchOutcome.choices]
    )
    note = forms.CharField(
        label="Note",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ce qui a été fait, où, par qui. Les suites précédentes restent lisibles.",
    )


@never_cache
@backoffice_page("innovations.view_searchcount")
def listing(request: HttpRequest) -> HttpResponse:
    """The searches most made, and over weeks; those that find nothing are to be settled."""
    form = SearchFilter(request.GET, request.user)
    page = Paginator(form.texts(), PAGE).get_page(request.GET.get("page"))
    first = search_work.since(form.days)
    weeks = search_work.weeks(search_work.since(7 * WEEKS))
    context = {
        "form": form,
        "page_obj": page,
        "rows": [_shown(row) for row in page],
        "weeks": bars([(f"semaine du {week:%d/%m/%Y}", "", number, "") for week, number in weeks]),
        "places": search_work.others(SearchKind.PLACE, first, MOST),
        "facets": search_work.others(SearchKind.FACET, first, MOST),
        "least": VISITORS,
    }
    return render(request, "backoffice/searches.html", context)


@backoffice_page("innovations.view_searchcount")
def listing_csv(request: HttpRequest) -> StreamingHttpResponse:
    found = SearchFilter(request.GET, request.user).texts()
    return download(search_work.rows(found), "recherches")


@never_cache
@backoffice_page("innovations.view_searchcount")
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One search: its figures, what was made of it, and what is to be."""
    value = slug.replace("-", " ")
    found = search_work.texts(search_work.since(396)).filter(value=value).first()
    if found is None:
        raise Http404
    may_settle = request.user.has_perm("innovations.add_searchdecision")
    if request.method == "POST" and not may_settle:
        raise PermissionDenied
    form = OutcomeForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        search_work.settle(value, said["outcome"], said["note"].strip(), author=request.user)
        messages.success(request, "La suite donnée est enregistrée.")
        return redirect("backoffice:searches")
    decisions = SearchDecision.objects.filter(value=value).select_related("author")
    context = {
        "row": _shown(found),
        "form": form,
        "may_settle": may_settle,
        "decisions": decisions.order_by("-at", "-pk"),
    }
    return render(request, "backoffice/search.html", context)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    outcome = SearchOutcome(row["outcome"]).label if row["outcome"] else "À traiter"
    return {
        **row,
        "outcome_label": outcome if row["outcome"] or row["total"] < search_work.LITTLE else "–",
        "slug": row["value"].replace(" ", "-"),
        "address": search_work.address(row["label"]),
    }
