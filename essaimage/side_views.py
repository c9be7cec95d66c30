"""What the two sides of a replication do by links: confirm or contest it, keep it up to date."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from carrefour import limits
from essaimage import confirming, links, tellings, updating
from essaimage.confirming import CannotAsk
from essaimage.follow_page import Told
from essaimage.models import Replication, Verdict
from essaimage.moving import CannotMove
from essaimage.replication_page import ReplicationPage
from essaimage.secret_pages import secret_page
from essaimage.tellings import CannotTell
from essaimage.update_forms import (
    AccountForm,
    ActorForm,
    AskForm,
    ReasonForm,
    StateForm,
    VerdictForm,
)

ASKS_PER_HOUR = 5
TOO_MANY = "Vous avez déjà demandé plusieurs liens. Merci de patienter une heure."
REFUSED = (CannotAsk, CannotMove, CannotTell)
READ = "L’équipe relit votre motif avant qu’il soit montré."
DONE = {
    "motif": f"C’est enregistré. {READ}",
    "recit": "C’est enregistré. L’équipe relit vos textes avant qu’ils soient visibles.",
    "acteur": "C’est enregistré. L’équipe relit cet acteur public avant qu’il soit visible.",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for a link; the answer is the same whether the address is known or not."""
    replication = public_or_404(code)
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if limits.too_many(request, "tenir-a-jour", ASKS_PER_HOUR):
            form.add_error(None, TOO_MANY)
        else:
            if not form.is_robot:
                updating.ask_link(replication, form.cleaned_data["email"])
            return redirect("essaimage:follow_sent", code=code)
    context = {"form": form, "replication": replication, "page": ReplicationPage(replication)}
    return render(request, "essaimage/follow_ask.html", context)


@require_safe
def asked(request: HttpRequest, code: str) -> HttpResponse:
    context = {"replication": public_or_404(code), "days": links.MAILED.days}
    return render(request, "essaimage/follow_sent.html", context)


def public_or_404(code: str) -> Replication:
    return get_object_or_404(Replication.objects.of_public().for_page(), code=code)


@secret_page
def verdict(request: HttpRequest, token: str) -> HttpResponse:
    """The declaration in plain words, and two buttons."""
    party = confirming.of_link(token)
    form = VerdictForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "party": party, "verdicts": Verdict}
    if form.is_valid():
        said = form.cleaned_data
        try:
            party = confirming.answer(token, Verdict(said["verdict"]), said["note"])
        except CannotAsk as error:
            _tell(form, error)
        else:
            if party.may_update:
                context["follow_url"] = reverse("essaimage:follow", args=[updating.hand(party)])
            return render(request, "essaimage/verdict_done.html", context | {"party": party})
    replication = Replication.objects.for_page().get(pk=party.replication_id)
    context |= {"replication": replication, "page": ReplicationPage(replication)}
    return render(request, "essaimage/verdict.html", context)


@secret_page
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """A form for each gesture, one at a time; what is done uses the link and leads to the next
    one."""
    party = updating.of_link(token)
    replication = Replication.objects.for_page().get(pk=party.replication_id)
    gesture = request.POST.get("geste", "") if request.method == "POST" else ""
    if gesture == "avis":
        return redirect("essaimage:verdict", token=updating.think_again(token))
    told = Told(party, replication)
    forms = _forms(request, gesture, told)
    form = forms.get(gesture)
    if form is not None and form.is_valid():
        try:
            handed = _acts(token, gesture, form)()
        except REFUSED as error:
            _tell(form, error)
        else:
            where = reverse("essaimage:follow", args=[handed])
            return redirect(f"{where}?fait={gesture}")
    context = {
        "party": party,
        "replication": replication,
        "page": ReplicationPage(replication),
        "told": told,
        "forms": forms,
        "wrong": form if form is not None and form.errors else None,
        # What the gesture before did is not told beside a refusal of this one.
        "done": "" if form else _done(request.GET.get("fait", ""), replication),
        "hours": int(links.HANDED.total_seconds() // 3600),
    }
    return render(request, "essaimage/follow.html", context)


def _done(gesture: str, replication: Replication) -> str:
    if gesture != "etat":
        return DONE.get(gesture, "")
    if replication.is_public:
        return f"Le nouvel état est inscrit, et visible sur la page de la reprise. {READ}"
    return f"Le nouvel état est inscrit. La reprise n’est pas encore publiée. {READ}"


def _forms(request: HttpRequest, gesture: str, told: Told) -> dict[str, Any]:
    def posted(name: str) -> Any:
        return request.POST if gesture == name else None

    replication = told.replication
    found: dict[str, Any] = {
        "etat": StateForm(posted("etat"), replication=replication),
        "recit": AccountForm(posted("recit"), initial=tellings.proposed(replication, told.party)),
        "acteur": ActorForm(posted("acteur")),
    }
    if told.step or gesture == "motif":
        said = {"step": told.step and told.step.pk, "reason": told.reason and told.reason.reason}
        found["motif"] = ReasonForm(posted("motif"), initial=said)
    return found


def _acts(token: str, gesture: str, form: Any) -> Callable[[], str]:
    """What the form asks, to be done with the link."""
    if gesture == "etat":
        return lambda: updating.move(token, form.move())
    if gesture == "motif":
        said = form.cleaned_data
        return lambda: updating.explain(token, said["step"], said["reason"])
    if gesture == "acteur":
        return lambda: updating.tell(token, {tellings.ACTORS: [form.actor()]})
    return lambda: updating.tell(token, form.cleaned_data)


def _tell(form: Any, error: Any) -> None:
    form.add_error(error.field if error.field in form.fields else None, error.message)
