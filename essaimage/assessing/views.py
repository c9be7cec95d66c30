"""Pages of the self-assessment: begin, answer part by part, read the profile, compare, erase."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from carrefour import limits
from carrefour.text import well_formed
from essaimage.assessing import keeping, profile, questions
from essaimage.assessing.forms import MailForm, PartForm, StartForm
from essaimage.models import Assessment, AssessmentRound
from innovations.models import Innovation, Status

PER_HOUR = 10
MAILS_PER_HOUR = 3
TOO_MANY = "Vous avez déjà commencé plusieurs auto-évaluations. Merci de patienter une heure."
TOO_MANY_ROUNDS = "Plusieurs points ont déjà été commencés. Merci de patienter une heure."
TOO_MANY_MAILS = "Plusieurs courriels sont déjà partis. Merci de patienter une heure."
GONE = (
    "La fiche de ce projet vient d’être retirée de l’annuaire : rien n’en a été repris. Vous "
    "pouvez commencer une auto-évaluation sans partir d’une fiche."
)
NO_MAIL = "Le courriel n’a pas pu partir. Réessayez dans un moment."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """What it is; a name to begin with, or a record of the directory (``?innovation=slug``)."""
    innovation = _asked_innovation(request)
    initial = {"projet": innovation.title[:200]} if innovation else {}
    form = StartForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        if form.is_robot:
            return redirect("essaimage:assessment_start")
        if limits.too_many(request, "auto-evaluation", PER_HOUR):
            form.add_error(None, TOO_MANY)
        else:
            try:
                _, token = keeping.begin(form.cleaned_data["projet"], innovation)
            except keeping.RecordGone:
                messages.error(request, GONE)
                return redirect("essaimage:assessment_start")
            first = questions.latest().parts[0].code
            return redirect("essaimage:assessment_part", token=token, code=first)
    context = {"form": form, "asked": questions.latest(), "innovation": innovation}
    return render(request, "essaimage/assessment/start.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, token: str, code: str) -> HttpResponse:
    """One of the four questions: saved, then the next; the last leads to the profile."""
    assessment = _opened(token)
    turn = keeping.current(assessment)
    asked = questions.load(turn.version)
    shown = asked.part(code)
    if shown is None:
        raise Http404
    rank = asked.parts.index(shown)
    after = asked.parts[rank + 1] if rank + 1 < len(asked.parts) else None
    posted = request.POST if request.method == "POST" else None
    form = PartForm(posted, asked=asked, part=shown, initial=turn.answers)
    if form.is_valid():
        keeping.answer(turn, form.cleaned_data)
        if after is None:
            return redirect("essaimage:assessment", token=token)
        return redirect("essaimage:assessment_part", token=token, code=after.code)
    context = {
        "assessment": assessment,
        "token": token,
        "form": form,
        "part": shown,
        "rank": rank + 1,
        "count": len(asked.parts),
        "next_title": after.title if after else "Votre profil",
        "before": asked.parts[rank - 1].code if rank else "",
    }
    return render(request, "essaimage/assessment/part.html", context)


@never_cache
@require_safe
def result(request: HttpRequest, token: str) -> HttpResponse:
    """The profile of the last round, or of another (``?tour=2``), beside the one before it."""
    assessment = _opened(token)
    rounds = list(assessment.rounds.all())
    rank = _asked_round(request, len(rounds))
    context = {
        "assessment": assessment,
        "token": token,
        "mail_form": MailForm(),
        "rounds": list(enumerate(rounds, 1)),
        "rank": rank,
        "is_last": rank == len(rounds),
        **_shown(rounds, rank),
    }
    return render(request, "essaimage/assessment/result.html", context)


@never_cache
@require_POST
def again(request: HttpRequest, token: str) -> HttpResponse:
    assessment = _opened(token)
    if limits.too_many(request, "point-auto-evaluation", PER_HOUR):
        messages.error(request, TOO_MANY_ROUNDS)
        return redirect("essaimage:assessment", token=token)
    turn = keeping.take_again(assessment)
    first = questions.load(turn.version).parts[0].code
    messages.success(
        request, "Nouveau point commencé : vos dernières réponses sont là, changez ce qui a bougé."
    )
    return redirect("essaimage:assessment_part", token=token, code=first)


@never_cache
@require_POST
def erase(request: HttpRequest, token: str) -> HttpResponse:
    _opened(token).delete()
    messages.success(request, "L’auto-évaluation est effacée : il n’en reste rien.")
    return redirect("essaimage:assessment_start")


@never_cache
@require_POST
def mail(request: HttpRequest, token: str) -> HttpResponse:
    """Send the link to an address, which is not kept."""
    assessment = _opened(token)
    form = MailForm(request.POST)
    if form.is_valid():
        if limits.too_many(request, "lien-auto-evaluation", MAILS_PER_HOUR):
            form.add_error(None, TOO_MANY_MAILS)
        else:
            try:
                keeping.send_link(assessment, token, form.cleaned_data["courriel"])
            except OSError:
                form.add_error("courriel", NO_MAIL)
    if form.is_valid():
        messages.success(request, "Le courriel est parti. Votre adresse n’est pas gardée.")
        return redirect("essaimage:assessment", token=token)
    context = {"assessment": assessment, "token": token, "form": form}
    return render(request, "essaimage/assessment/mail.html", context)


def _opened(token: str) -> Assessment:
    assessment = keeping.of_token(token)
    if assessment is None:
        raise Http404("Cette auto-évaluation n’existe pas, ou a été effacée.")
    return assessment


def _asked_innovation(request: HttpRequest) -> Innovation | None:
    slug = well_formed(request.GET.get("innovation", ""))
    if not slug:
        return None
    published = Innovation.objects.select_related("reproduction").filter(status=Status.PUBLISHED)
    return get_object_or_404(published, slug=slug)


def _asked_round(request: HttpRequest, count: int) -> int:
    rank = request.GET.get("tour", "")
    if not rank:
        return count
    if not rank.isascii() or not rank.isdigit() or not 1 <= int(rank) <= count:
        raise Http404("Il n’y a pas de tel point.")
    return int(rank)


def _shown(rounds: list[AssessmentRound], rank: int) -> dict[str, Any]:
    turn = rounds[rank - 1]
    asked = questions.load(turn.version)
    before = rounds[rank - 2] if rank > 1 else None
    return {
        "turn": turn,
        "asked": asked,
        "profile": profile.profile(asked, turn.answers),
        "before": before,
        "before_profile": before
        and profile.profile(questions.load(before.version), before.answers),
        "changes": profile.changes(asked, before.answers, turn.answers) if before else [],
    }
