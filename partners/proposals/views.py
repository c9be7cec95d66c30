"""The public side of the open door: propose, follow, correct, withdraw; and how long it takes."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from carrefour import limits
from carrefour.caching import public_page
from partners.models import Proposal
from partners.proposals import delays, drafting
from partners.proposals.drafting import ProposalError
from partners.proposals.filing import NotFiled
from partners.proposals.forms import BY_CODE, STEPS, SendForm, StartForm, first_lacking, told
from partners.signed import BadLink

PER_HOUR = 5
MAILS_PER_HOUR = 3
TOO_MANY = "Vous avez déjà proposé plusieurs projets. Merci de patienter une heure."
NO_MAIL = "Le courriel n’a pas pu partir. Réessayez dans un moment."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """What it is, how long it takes, and an address to begin with."""
    form = StartForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if form.is_robot:
            return redirect("partners:propose")
        proposal = _begun(request, form)
        if proposal is not None:
            token = drafting.link_token(proposal)
            return redirect("partners:proposal_step", token=token, code=STEPS[0].code)
    context = {"form": form, "delays": delays.measured(), "steps": STEPS}
    return render(request, "partners/propose.html", context)


def _begun(request: HttpRequest, form: StartForm) -> Proposal | None:
    if limits.too_many(request, "proposition", PER_HOUR):
        form.add_error(None, TOO_MANY)
        return None
    try:
        return drafting.begin(form.cleaned_data["email"])
    except ProposalError as error:
        form.add_error("email", error.message)
    except OSError:
        form.add_error("email", NO_MAIL)
    return None


@require_safe
@public_page(of_data=False)
def waiting(request: HttpRequest) -> HttpResponse:
    """How many projects wait, and how long: for everyone to see."""
    return render(request, "partners/proposal_delays.html", {"delays": delays.measured()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, token: str, code: str) -> HttpResponse:
    """One step: saved, then the next; the last leads to the reading over."""
    found = _opened(request, token)
    if isinstance(found, HttpResponse):
        return found
    proposal, _ = found
    if code not in BY_CODE:
        raise Http404
    kind = BY_CODE[code]
    rank = STEPS.index(kind)
    posted = request.POST if request.method == "POST" else None
    form = kind(posted, initial=kind.initial_of(proposal.answers))
    if form.is_valid():
        drafting.keep(proposal, form.answers())
        if rank + 1 < len(STEPS):
            return redirect("partners:proposal_step", token=token, code=STEPS[rank + 1].code)
        return redirect("partners:proposal_send", token=token)
    context = {
        "form": form,
        "proposal": proposal,
        "token": token,
        "rank": rank + 1,
        "count": len(STEPS) + 1,
        "title": kind.title,
        "next_title": STEPS[rank + 1].title if rank + 1 < len(STEPS) else "Relecture et envoi",
        "before": STEPS[rank - 1].code if rank else "",
    }
    return render(request, "partners/proposal_step.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, token: str) -> HttpResponse:
    """Reading over, the agreement, and sending."""
    found = _opened(request, token)
    if isinstance(found, HttpResponse):
        return found
    proposal, _ = found
    lacking = first_lacking(proposal.answers)
    if lacking is not None:
        messages.info(request, f"Il reste à remplir : {lacking.title.lower()}.")
        return redirect("partners:proposal_step", token=token, code=lacking.code)
    form = SendForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            drafting.send(proposal)
            return redirect("partners:proposal", token=token)
        except (NotFiled, ProposalError) as error:
            form.add_error(None, error.message)
    context = {
        "form": form,
        "proposal": proposal,
        "token": token,
        "told": told(proposal.answers),
        "rank": len(STEPS) + 1,
        "count": len(STEPS) + 1,
        "steps": STEPS,
    }
    return render(request, "partners/proposal_send.html", context)


@never_cache
@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Where it stands, since when, and what can be done."""
    found = _opened(request, token)
    if isinstance(found, HttpResponse):
        return found
    proposal, is_mailed = found
    context = {
        "proposal": proposal,
        "token": token,
        "is_mailed": is_mailed,
        "delays": delays.measured(),
        "offers": drafting.asked_of(proposal),
        "told": told(proposal.answers),
        "innovation": proposal.record.innovation if proposal.record else None,
        "lacking": first_lacking(proposal.answers),
        "first": STEPS[0].code,
    }
    return render(request, "partners/proposal.html", context)


@require_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The button of the mailed link: the address is theirs."""
    found = _opened(request, token)
    if isinstance(found, HttpResponse):
        return found
    proposal, is_mailed = found
    if not is_mailed:
        raise Http404
    try:
        is_sent = drafting.confirm_address(proposal)
    except NotFiled as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            "Adresse confirmée, et votre projet est envoyé." if is_sent else "Adresse confirmée.",
        )
    return redirect("partners:proposal", token=token)


@require_POST
def mail_again(request: HttpRequest, token: str) -> HttpResponse:
    found = _opened(request, token)
    if isinstance(found, HttpResponse):
        return found
    if limits.too_many(request, "proposition-lien", MAILS_PER_HOUR):
        messages.warning(request, "Le lien vient d’être envoyé. Regardez aussi les indésirables.")
        return redirect("partners:proposal", token=token)
    try:
        drafting.mail("begun", found[0])
        messages.success(request, "Le lien est reparti par courriel.")
    except OSError:
        messages.error(request, NO_MAIL)
    return redirect("partners:proposal", token=token)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Asked once more, then done."""
    found = _opened(request, token)
    if isinstance(found, HttpResponse):
        return found
    proposal, _ = found
    if request.method == "POST":
        drafting.withdraw(proposal)
        return render(request, "partners/proposal_withdrawn.html")
    is_public = bool(proposal.record and proposal.record.innovation_id)
    context = {"proposal": proposal, "token": token, "is_public": is_public}
    return render(request, "partners/proposal_withdraw.html", context)


def _opened(request: HttpRequest, token: str) -> Any:
    """(proposal, whether the link was mailed), or the page that says why it opens nothing."""
    try:
        return drafting.of_token(token)
    except BadLink as error:
        context = {"message": error.message}
        return render(request, "partners/link_over.html", context, status=410)
