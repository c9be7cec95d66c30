"""Proposing a correction on a public record, without an account."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from carrefour import limits
from innovations import fields
from innovations.models import Innovation, Term
from partners import suggestions
from partners.signed import BadLink
from partners.suggestion_forms import CorrectionForm, correction_form, field_choices
from partners.suggestions import SuggestionError

PER_HOUR = 5
TOO_MANY = "Vous avez déjà proposé plusieurs corrections. Merci de patienter une heure."
NO_MAIL = "Le courriel de confirmation n’a pas pu partir. Réessayez dans un moment."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest, slug: str) -> HttpResponse:
    """First which field (« ?champ= »), then its value."""
    innovation = public_or_404(slug)
    name = request.GET.get("champ", "")
    context: dict[str, Any] = {"innovation": innovation, "choices": field_choices(), "name": name}
    if name not in fields.FIELDS:
        return render(request, "partners/suggest.html", context)
    field = fields.FIELDS[name]
    shown = fields.shown(innovation)[name]
    form = correction_form(field, shown, request.POST if request.method == "POST" else None)
    if form.is_valid() and (form.is_robot or _is_received(request, form, innovation, shown)):
        by_mail = bool(form.cleaned_data["email"]) and not form.is_robot
        return redirect("partners:suggest_mailed" if by_mail else "partners:suggest_sent", slug)
    labels = _labels() if field.kind == fields.TERMS else {}
    context |= {"form": form, "field": field, "shown": fields.readable(name, shown, labels)}
    return render(request, "partners/suggest.html", context)


def public_or_404(slug: str) -> Innovation:
    return get_object_or_404(Innovation.objects.published().for_detail(), slug=slug)


def _labels() -> dict[str, str]:
    rows = Term.objects.values_list("vocabulary", "code", "label")
    return {f"{vocabulary}:{code}": label for vocabulary, code, label in rows}


def _is_received(
    request: HttpRequest, form: CorrectionForm, innovation: Innovation, shown: Any
) -> bool:
    """Keep the proposal and send its mail, or tell in the form why not."""
    if limits.too_many(request, "correction", PER_HOUR):
        form.add_error(None, TOO_MANY)
        return False
    try:
        suggestions.receive(form.suggestion(innovation, shown))
    except SuggestionError as error:
        form.add_error(None, error.message)
    except OSError:
        form.add_error("email", NO_MAIL)
    return form.is_valid()


def sent(request: HttpRequest, slug: str, *, by_mail: bool = False) -> HttpResponse:
    innovation = public_or_404(slug)
    context = {"innovation": innovation, "by_mail": by_mail, "days": suggestions.LINK_DAYS}
    return render(request, "partners/suggest_sent.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mail's link shows a button: a mailbox that opens links by itself confirms nothing."""
    try:
        suggestion = suggestions.from_token(token)
    except BadLink as error:
        return over(request, error.message)
    if request.method == "POST":
        suggestions.confirm(suggestion)
        return render(request, "partners/suggest_confirmed.html", {"suggestion": suggestion})
    context = {"suggestion": suggestion, "label": fields.FIELDS[suggestion.field].label}
    return render(request, "partners/suggest_confirm.html", context)


def over(request: HttpRequest, message: str) -> HttpResponse:
    """A link that opens nothing any more."""
    return render(request, "partners/link_over.html", {"message": message}, status=410)
