"""The contact form: a mail to the team, with no account and no script."""

import logging
from smtplib import SMTPException

from django import forms
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from dsfr.forms import DsfrBaseForm

from carrefour import limits

logger = logging.getLogger(__name__)
MESSAGES_PER_HOUR = 5
SUBJECTS = {
    "question": "Une question sur le site",
    "fiche": "Une remarque sur une fiche",
    "partenaire": "Rejoindre les plateformes partenaires",
    "accessibilite": "Un défaut d’accessibilité",
    "donnees": "Mes données personnelles",
    "autre": "Autre",
}


class ContactForm(DsfrBaseForm):
    subject = forms.ChoiceField(
        label="Sujet", choices=[("", "Choisir un sujet"), *SUBJECTS.items()]
    )
    email = forms.EmailField(
        label="Votre adresse électronique",
        help_text="Format attendu : nom@domaine.fr. Elle ne sert qu’à vous répondre.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    message = forms.CharField(
        label="Votre message",
        min_length=10,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"min_length": "Écrivez au moins une phrase."},
    )
    # A field that people do not see: only a robot fills it.
    website = forms.CharField(
        label="Ne pas remplir",
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    @property
    def is_from_robot(self) -> bool:
        return bool(self.cleaned_data.get("website"))

    def send(self) -> None:
        """Mail the message to the team; the answer goes to its author. Raises ``OSError``."""
        data = self.cleaned_data
        EmailMessage(
            subject=f"[Carrefour] {SUBJECTS[data['subject']]}",
            body=f"{data['message']}\n\n-- \nDe : {data['email']}\nPar le formulaire de contact.",
            to=[settings.CONTACT_EMAIL],
            reply_to=[data["email"]],
        ).send()


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """The form; once sent, a page says so. A robot gets the same page and sends nothing."""
    form = ContactForm(request.POST or None, initial={"subject": request.GET.get("sujet", "")})
    if request.method == "POST" and form.is_valid():
        if form.is_from_robot:
            return redirect("site:contact_sent")
        problem = _problem(request, form)
        if not problem:
            return redirect("site:contact_sent")
        form.add_error(None, problem)
    response = render(
        request, "site/contact.html", {"form": form, "contact_email": settings.CONTACT_EMAIL}
    )
    response["Cache-Control"] = "no-store"
    return response


def _problem(request: HttpRequest, form: ContactForm) -> str:
    """Send the message; what went wrong in French, or ""."""
    if limits.too_many(request, "contact", MESSAGES_PER_HOUR):
        return "Vous avez déjà envoyé plusieurs messages. Merci de patienter une heure."
    try:
        form.send()
    except (OSError, SMTPException):
        logger.exception("contact message not sent")
        return (
            "Votre message n’a pas pu partir, par notre faute. Réessayez plus tard, ou écrivez à "
            f"{settings.CONTACT_EMAIL}."
        )
    return ""
