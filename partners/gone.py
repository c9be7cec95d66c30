"""A removed record's address answers 410 Gone, in neutral words."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from partners.suppression import page_is_gone

VIEW = "innovations:detail"


class RemovedPages:
    """Turns the 404 of a record's page into 410 when the record was removed on request.

    Here and not in the view of the page, which knows nothing of partners (docs/architecture.md);
    costs one query, on such a 404 only.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        missing = response.status_code == 404 and match and match.view_name == VIEW
        if missing and page_is_gone(match.kwargs["slug"]):
            return render(request, "partners/objection_gone.html", status=410)
        return response
