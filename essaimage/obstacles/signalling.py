"""Obstacles, and how they are read elsewhere, told of by anyone: confirmed by mail, then read.

The address serves to send one link; it is not kept. Nothing is public before who wrote it opens
that link, then before staff read it, for its form only.
"""

import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from carrefour import limits
from essaimage import links
from essaimage.models import (
    Interpretation,
    Obstacle,
    ObstacleState,
    ObstacleStep,
    Publication,
    Purpose,
)

# Someone could make us write again and again to an address that is not theirs.
PER_ADDRESS = 3
KEPT_DAYS = links.MAILED.days + 1
SUBJECTS = {
    "obstacle": "Confirmez l’obstacle que vous signalez",
    "interpretation": "Confirmez l’interprétation que vous rapportez",
}
ALREADY = "Ce lien a déjà servi : ce que vous avez écrit est enregistré, et sera relu par l’équipe."
ENDED = "Ce lien n’est plus valable, et rien n’a été gardé : recommencez le signalement."


class SignalError(Exception):
    """What is not kept; ``message`` is for who wrote it, ``field`` says where."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


@transaction.atomic
def receive(obstacle: Obstacle, email: str, *, date: str = "") -> Obstacle:
    """Keep an obstacle and send the link that confirms it; ``date``: of its state, if known.

    Raises ``SignalError``, and ``OSError`` when the mail cannot leave (nothing is then kept).
    """
    obstacle.publication = Publication.UNCONFIRMED
    obstacle.save()
    open_journal(obstacle, obstacle.get_told_by_display(), date=date)
    _mail("obstacle", email, Purpose.OBSTACLE, obstacle.pk, {"obstacle": obstacle})
    return obstacle


@transaction.atomic
def receive_interpretation(told: Interpretation, email: str) -> Interpretation:
    """The same of how an obstacle is read elsewhere. Raises as ``receive``."""
    told.publication = Publication.UNCONFIRMED
    told.save()
    context = {"interpretation": told, "obstacle": told.obstacle}
    _mail("interpretation", email, Purpose.INTERPRETATION, told.pk, context)
    return told


def open_journal(obstacle: Obstacle, author: str, *, date: str = "", user: Any = None) -> None:
    """The first steps of an obstacle just kept: told of, then the state in which it is told of."""
    way = [ObstacleState.SIGNALE, ObstacleState(obstacle.state)]
    for state in dict.fromkeys(way):
        ObstacleStep.objects.create(
            obstacle=obstacle,
            state=state,
            date=date if state == obstacle.state else "",
            author=author[:200],
            user=user,
        )


def of_link(token: str) -> Obstacle:
    """What a mailed link confirms. Raises ``DeadLink``."""
    rows = Obstacle.objects.for_list().filter(publication=Publication.UNCONFIRMED)
    return _found(rows, _opened(token, Purpose.OBSTACLE, links.read))


def interpretation_of_link(token: str) -> Interpretation:
    """The same of an interpretation. Raises ``DeadLink``."""
    rows = Interpretation.objects.select_related("obstacle__innovation__merged_into", "territory")
    waiting = rows.filter(publication=Publication.UNCONFIRMED)
    return _found(waiting, _opened(token, Purpose.INTERPRETATION, links.read))


@transaction.atomic
def confirm(token: str) -> Obstacle:
    """Pass an obstacle on to staff. Raises ``DeadLink``."""
    obstacle = of_link(token)
    _opened(token, Purpose.OBSTACLE, links.use)
    _pass_on(obstacle)
    return obstacle


@transaction.atomic
def confirm_interpretation(token: str) -> Interpretation:
    """Pass an interpretation on to staff. Raises ``DeadLink``."""
    told = interpretation_of_link(token)
    _opened(token, Purpose.INTERPRETATION, links.use)
    _pass_on(told)
    return told


@transaction.atomic
def purge() -> int:
    """Forget, with its history, what nobody confirmed in time: it was never anyone's word."""
    limit = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    gone = 0
    for model, event in ((Interpretation, "InterpretationEvent"), (Obstacle, "ObstacleEvent")):
        rows: Any = model.objects.filter(publication=Publication.UNCONFIRMED, created_at__lt=limit)
        pks = list(rows.select_for_update().values_list("pk", flat=True))
        model.objects.filter(pk__in=pks).delete()
        apps.get_model("essaimage", event).objects.filter(pgh_obj_id__in=pks).delete()
        gone += len(pks)
    return gone


def _mail(name: str, email: str, purpose: Purpose, subject: int, context: dict[str, Any]) -> None:
    if limits.too_many_for(email.lower(), "obstacle-courriel", PER_ADDRESS):
        raise SignalError(
            "Plusieurs courriels viennent de partir à cette adresse. Ouvrez le lien reçu, ou "
            "réessayez dans une heure.",
            "email",
        )
    link = links.address(f"{name}_confirm", links.make(purpose, subject))
    said = {"link": link, "days": links.MAILED.days, "base_url": settings.BASE_URL} | context
    body = render_to_string(f"essaimage/obstacles/mail_{name}.txt", said)
    send_mail(SUBJECTS[name], body, settings.DEFAULT_FROM_EMAIL, [email])


def _opened(token: str, purpose: Purpose, act: Any) -> int:
    """As ``links``, in the words of what is told of here."""
    try:
        subject: int = act(token, purpose)
    except links.DeadLink as error:
        told = {links.USED: ALREADY, links.EXPIRED: ENDED}
        raise links.DeadLink(told.get(error.message, error.message)) from error
    return subject


def _found(rows: Any, pk: int) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise links.DeadLink(ALREADY)
    return found


def _pass_on(row: Any) -> None:
    row.publication = Publication.WAITING
    row.save(update_fields=["publication"])
