"""Pages of the demonstration only."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from carrefour.demo.mailbox import mails


@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """The mails sent, so that their links can be followed without a mail server."""
    kept = settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
    found = mails(settings.MAILBOX) if kept else []
    return render(request, "demo/mailbox.html", {"mails": found, "is_kept": kept})
