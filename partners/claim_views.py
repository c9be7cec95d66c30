"""« C’est mon projet », and what a porteur then does: complete its own record."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from carrefour import limits
from carrefour.accounts.models import User
from innovations import fields
from innovations.fields import PORTEUR_SECTIONS
from innovations.inputs import form_over, initial
from innovations.models import Innovation
from partners import claims, suggestions
from partners.backoffice.forms.space import JoinForm
from partners.claims import ClaimError
from partners.editing import CannotEdit
from partners.models import Claim, Suggestion
from partners.signed import BadLink
from partners.suggestion_forms import ClaimForm
from partners.suggestion_views import NO_MAIL, over, public_or_404

BACKEND = "django.contrib.auth.backends.ModelBackend"
PER_HOUR = 5
LATEST = 20
TOO_MANY = "Vous avez déjà fait plusieurs demandes. Merci de patienter une heure."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, slug: str) -> HttpResponse:
    innovation = public_or_404(slug)
    posted = request.POST if request.method == "POST" else None
    form = ClaimForm(posted, innovation=innovation)
    if form.is_valid() and (form.is_robot or _is_received(request, form)):
        return redirect("partners:claim_sent", slug=slug)
    return render(request, "partners/claim.html", {"form": form, "innovation": innovation})


def _is_received(request: HttpRequest, form: ClaimForm) -> bool:
    if limits.too_many(request, "porteur", PER_HOUR):
        form.add_error(None, TOO_MANY)
        return False
    try:
        claims.receive(form.save(commit=False))
    except ClaimError as error:
        form.add_error("email", error.message)
    except OSError:
        form.add_error("email", NO_MAIL)
    return form.is_valid()


def sent(request: HttpRequest, slug: str) -> HttpResponse:
    context = {"innovation": public_or_404(slug), "days": claims.LINK_DAYS}
    return render(request, "partners/claim_sent.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = claims.from_token(token)
    except BadLink as error:
        return over(request, error.message)
    is_done = request.method == "POST" and claims.confirm(found)
    return render(request, "partners/claim_confirm.html", {"claim": found, "is_done": is_done})


@never_cache
@sensitive_post_parameters()
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What the invitation opens: a password to choose, or the account that one has."""
    found = claims.of_invitation(token)
    if found is None:
        return over(request, "Cette invitation a déjà servi, ou n’est plus valable.")
    account = claims.account_of(found)
    if account is not None:
        return _with_account(request, found, account)
    posted = request.POST if request.method == "POST" else None
    form = JoinForm(posted, email=found.email, initial={"display_name": found.name})
    if form.is_valid():
        found.name = form.cleaned_data["display_name"]
        user = _joined(lambda: claims.open_account(found, form.cleaned_data["password"]))
        login(request, user, BACKEND)
        return redirect("partners:my_project", slug=found.innovation.slug)
    return render(request, "partners/claim_join.html", {"claim": found, "form": form})


def _with_account(request: HttpRequest, found: Claim, account: User) -> HttpResponse:
    is_them = request.user.pk == account.pk
    if request.method == "POST" and is_them:
        _joined(lambda: claims.join(found, account))
        return redirect("partners:my_project", slug=found.innovation.slug)
    context = {"claim": found, "is_them": is_them, "account": account}
    return render(request, "partners/claim_join.html", context)


def _joined(act: Any) -> Any:
    try:
        return act()
    except ClaimError as error:
        raise Http404(error.message) from error


@never_cache
@login_required
def my_projects(request: HttpRequest) -> HttpResponse:
    own = Suggestion.objects.filter(author=request.user.pk).select_related("innovation")
    latest = own.order_by("-created_at", "-pk")[:LATEST]
    context = {
        "projects": claims.projects_of(request.user).order_by("title_key", "pk"),
        "suggestions": [(s, fields.FIELDS[s.field].label) for s in latest],
    }
    return render(request, "partners/my_projects.html", context)


@never_cache
@login_required
def my_project(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of one's own record: what is changed is proposed to the team."""
    mine = Innovation.objects.for_detail().filter(pk__in=claims.projects_of(request.user))
    innovation = get_object_or_404(mine, slug=_current_slug(slug))
    asked = [f for section in PORTEUR_SECTIONS for f in section.fields]
    now = fields.shown(innovation)
    open_ = Suggestion.objects.filter(
        innovation=innovation, author=request.user.pk, state__in=suggestions.OPEN
    )
    waiting = {s.field: s.value for s in open_}
    posted = request.POST if request.method == "POST" else None
    form = form_over(asked)(posted, initial=initial(asked, now | waiting))
    if form.is_valid() and _is_proposed(request, form, innovation, now | waiting):
        return redirect("partners:my_projects")
    sections = [
        (section, [(f, form.bound(f), f.name in waiting) for f in section.fields])
        for section in PORTEUR_SECTIONS
    ]
    context = {"innovation": innovation, "form": form, "sections": sections}
    return render(request, "partners/my_project.html", context)


def _is_proposed(
    request: HttpRequest, form: Any, innovation: Innovation, before: dict[str, Any]
) -> bool:
    typed = form.typed()
    changed = {n: v for n, v in typed.items() if not fields.same(n, v, before.get(n))}
    if not changed:
        messages.info(request, "Rien n’a changé : rien n’est envoyé.")
        return True
    try:
        credit = claims.organisation_of(request.user, innovation)
        suggestions.propose(innovation, changed, request.user, credit)
    except CannotEdit as error:
        for name, message in error.messages.items():
            form.tell(fields.FIELDS[name], message)
        return False
    messages.success(request, "Vos propositions sont envoyées. L’équipe les relit et vous répond.")
    return True


def _current_slug(slug: str) -> str:
    """The address of a record that was merged leads to the record that it became."""
    found = Innovation.objects.select_related("merged_into").filter(slug=slug).first()
    return found.merged_into.slug if found and found.merged_into else slug
