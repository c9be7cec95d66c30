"""Inviting an accompagnateur: an account without a role."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from carrefour.accounts.access import staff_page
from carrefour.forms import DsfrForm
from essaimage import inviting
from essaimage.form_fields import address


class InviteForm(DsfrForm):
    display_name = forms.CharField(
        label="Nom affiché", max_length=120, help_text="La personne ou la structure qui accompagne."
    )
    email = address("Adresse électronique", "Format attendu : nom@domaine.fr")


@never_cache
@staff_page("essaimage.add_following")
def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if form.is_valid() and _is_invited(request, form):
        return redirect("gestion_essaimage:invite")
    return render(request, "essaimage/backoffice/invite.html", {"form": form})


def _is_invited(request: HttpRequest, form: InviteForm) -> bool:
    said = form.cleaned_data
    try:
        user = inviting.invite(said["email"], said["display_name"], request.user)
    except inviting.CannotInvite as error:
        form.add_error("email", error.message)
        return False
    except OSError:
        form.add_error("email", "Le courriel n’a pas pu partir : réessayez dans quelques minutes.")
        return False
    messages.success(request, f"Compte ouvert, courriel envoyé à {user.email}.")
    return True
