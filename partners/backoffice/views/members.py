"""The people of a partner: inviting, removing; and the page that an invitation opens."""

from smtplib import SMTPException
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from carrefour.accounts.models import User
from partners import invitations
from partners.access import backoffice_page
from partners.backoffice.forms.space import InviteForm, JoinForm
from partners.backoffice.views.partner_space import own_partner
from partners.invitations import NotInvited
from partners.members import members_of
from partners.models import Invitation, Partner

BACKEND = "django.contrib.auth.backends.ModelBackend"
NO_MAIL = "Le courriel n’a pas pu partir : réessayez dans quelques minutes."


@backoffice_page()
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Who acts for the partner, who is invited, and inviting someone."""
    partner = own_partner(request, slug, "partners.add_membership")
    form = InviteForm(request.POST or None)
    if form.is_valid() and _invited(request, form, partner):
        return redirect("backoffice:people", slug=partner.slug)
    context = {
        "partner": partner,
        "form": form,
        "members": members_of(partner),
        "waiting": invitations.waiting(partner),
    }
    return render(request, "backoffice/partner_people.html", context)


def _invited(request: HttpRequest, form: InviteForm, partner: Partner) -> bool:
    try:
        sent = invitations.invite(partner, form.cleaned_data["email"], request.user)
    except NotInvited as error:
        form.add_error("email", error.message)
        return False
    except (OSError, SMTPException):
        form.add_error(None, NO_MAIL)
        return False
    messages.success(request, f"L’invitation est partie à {sent.email}.")
    return True


@require_POST
@backoffice_page()
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    partner = own_partner(request, slug, "partners.delete_membership")
    membership = get_object_or_404(members_of(partner), pk=pk)
    invitations.remove(membership)
    if membership.user == request.user:
        messages.success(request, f"Vous ne suivez plus {partner.name}.")
        return redirect("site:home")
    messages.success(request, f"{membership.user} ne suit plus {partner.name}.")
    return redirect("backoffice:people", slug=partner.slug)


@require_POST
@backoffice_page()
def revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    partner = own_partner(request, slug, "partners.add_membership")
    invitation = get_object_or_404(invitations.waiting(partner), pk=pk)
    invitation.delete()
    messages.success(request, f"L’invitation de {invitation.email} est annulée.")
    return redirect("backoffice:people", slug=partner.slug)


@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation's link opens: joining with a new account, or with one's own."""
    found = invitations.of_token(token)
    if found is None:
        return render(request, "accounts/invitation_over.html", status=404)
    account = invitations.account_of(found)
    if account is not None:
        return _with_account(request, found, account)
    form = JoinForm(request.POST or None, email=found.email)
    if form.is_valid():
        return _joined(request, found, form.cleaned_data)
    context = {"invitation": found, "form": form}
    return render(request, "accounts/invitation_join.html", context)


def _joined(request: HttpRequest, found: Invitation, data: dict[str, Any]) -> HttpResponse:
    try:
        user = invitations.join(found, data["display_name"], data["password"])
    except NotInvited as error:
        raise Http404(error.message) from error
    login(request, user, BACKEND)
    messages.success(request, f"Bienvenue dans l’espace de {found.partner.name}.")
    return redirect("backoffice:partner", slug=found.partner.slug)


def _with_account(request: HttpRequest, found: Invitation, account: User) -> HttpResponse:
    """Someone who has an account joins once logged in with it, by saying so."""
    is_them = request.user.pk == account.pk
    if request.method == "POST" and is_them:
        try:
            invitations.accept(found, account)
        except NotInvited as error:
            raise Http404(error.message) from error
        messages.success(request, f"Vous suivez désormais {found.partner.name}.")
        return redirect("backoffice:partner", slug=found.partner.slug)
    context = {"invitation": found, "is_them": is_them}
    return render(request, "accounts/invitation_account.html", context)
