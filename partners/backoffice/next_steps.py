"""What to do once a harvest is over: the page says it rather than leave one before figures."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from carrefour.french import agree, counted
from innovations.models import Innovation, Status
from partners.access import reads_raw
from partners.models import Run, RunState
from partners.runs import GOOD


@dataclass(frozen=True)
class Step:
    """What waits, why, and where to do it."""

    title: str
    text: str
    label: str
    url: str


def next_steps(run: Run, user: Any, refused: int) -> list[Step]:
    """Steps for this person, the most pressing first; empty when there is nothing to do.

    ``refused``: the rows of this run that still are in quarantine.
    """
    found = [_decide(run, user), _mend(run, user), _review(run, user), _words(run, user)]
    if refused:
        found.insert(1, _refused(run, refused))
    return [step for step in found if step]


def _decide(run: Run, user: Any) -> Step | None:
    held = run.source.held_back
    if not held or not reads_raw(user):
        return None
    count = held.get("missing", 0)
    return Step(
        f"{counted(count, 'fiche')} {agree(count, 'manque', 'manquent')} à la source",
        "C’est trop pour être retiré sans décision : regardez lesquelles.",
        "Voir les fiches et décider"
        if user.has_perm("partners.change_sourcerecord")
        else "Voir les fiches",
        reverse("backoffice:held_back", args=[run.source.slug]),
    )


def _refused(run: Run, count: int) -> Step:
    return Step(
        counted(count, "ligne refusée"),
        "Lisez les motifs : une règle à corriger, ou un fichier à envoyer au partenaire.",
        "Voir les refus et leurs motifs",
        reverse("backoffice:run_rejected", args=[run.pk]),
    )


def _mend(run: Run, user: Any) -> Step | None:
    if run.state != RunState.FAILED or not user.has_perm("partners.change_source"):
        return None
    return Step(
        "La source n’a pas pu être lue",
        "Si son adresse ou son accès a changé, corrigez ses réglages puis relancez.",
        "Modifier la source",
        reverse("backoffice:source_edit", args=[run.source.slug]),
    )


def _review(run: Run, user: Any) -> Step | None:
    """Records that nobody sees until someone has read them."""
    waiting = Innovation.objects.filter(
        status=Status.IN_REVIEW, source_records__source=run.source
    ).distinct()
    if not reads_raw(user) or not (count := waiting.count()):
        return None
    may_publish = user.has_perm("innovations.change_innovation")
    slug = run.source.slug
    return Step(
        f"{counted(count, 'fiche')} {agree(count, 'attend', 'attendent')} une relecture",
        "Cette source publie après relecture : le public ne les voit pas encore.",
        "Relire ces fiches" if may_publish else "Voir les fiches reçues",
        f"{reverse('backoffice:review')}?source={slug}"
        if may_publish
        else reverse("backoffice:records", args=[slug]),
    )


def _words(run: Run, user: Any) -> Step | None:
    if run.state not in GOOD or not user.has_perm("partners.change_vocabularyentry"):
        return None
    count = run.source.vocabulary.waiting().count()
    if not count:
        return None
    return Step(
        f"{counted(count, 'mot')} à rattacher",
        "Tant qu’ils ne le sont pas, les fiches qui les portent manquent à leurs thèmes.",
        "Décider de ces mots",
        f"{reverse('backoffice:vocabulary')}?source={run.source.slug}",
    )
