"""The right to object, step by step: received, confirmed by mail, settled by staff."""

import datetime
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import pghistory
from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from innovations import vocabulary
from innovations.models import Innovation
from partners.data_erasure import redact_everywhere
from partners.erasure import Target, erase, names_of, target_of
from partners.models import Objection, ObjectionState
from partners.models.objection import ObjectionScope
from partners.onboarding import forget_recognitions
from partners.sampling import forget_samples
from partners.suppression import suppress_records, wait_for_harvests

logger = logging.getLogger(__name__)
SALT = "partners.objections"
LINK_DAYS = 7
# Someone could make us write again and again to an address that is not theirs.
WAITING_PER_ADDRESS = 3


class ObjectionError(Exception):
    """A step that cannot be taken; the message is for the person who asked for it."""


def receive(objection: Objection) -> Objection:
    """Save a request and send its author the link that confirms it. Raises ``ObjectionError``."""
    purge()
    waiting = Objection.objects.filter(
        email__iexact=objection.email, state=ObjectionState.RECEIVED
    ).count()
    if waiting >= WAITING_PER_ADDRESS:
        raise ObjectionError(
            "Plusieurs demandes attendent déjà d’être confirmées à cette adresse. "
            "Ouvrez le lien reçu par courriel avant d’en faire une autre."
        )
    objection.state = ObjectionState.RECEIVED
    with transaction.atomic():
        objection.save()
        _mail(objection, objection.email, "received", link=confirmation_link(objection))
    return objection


def confirmation_link(objection: Objection) -> str:
    token = signing.dumps(objection.pk, salt=SALT)
    return settings.BASE_URL + reverse("partners:object_confirm", args=[token])


def from_token(token: str) -> Objection:
    """The request that a link confirms. Raises ``ObjectionError`` when forged, old or used."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=datetime.timedelta(days=LINK_DAYS))
    except signing.SignatureExpired as error:
        raise ObjectionError(
            f"Ce lien a plus de {LINK_DAYS} jours : il ne sert plus. Refaites votre demande."
        ) from error
    except signing.BadSignature as error:
        raise ObjectionError(
            "Ce lien n’est pas complet. Recopiez-le tout entier depuis le courriel."
        ) from error
    found = Objection.objects.filter(pk=pk, state=ObjectionState.RECEIVED).first()
    if found is None:
        raise ObjectionError("Ce lien a déjà servi : votre demande est enregistrée.")
    return found


def confirm(objection: Objection) -> bool:
    """Pass the request on to staff; False when it was confirmed meanwhile."""
    changed = Objection.objects.filter(pk=objection.pk, state=ObjectionState.RECEIVED).update(
        state=ObjectionState.CONFIRMED, confirmed_at=timezone.now()
    )
    return bool(changed)


def target(objection: Objection) -> Target:
    """What the request is about, as the tables stand now."""
    return target_of(objection.innovation, objection.record_url)


def data_of(objection: Objection) -> list[str]:
    """The data to take out: one per line."""
    return [line.strip() for line in objection.datum.splitlines() if line.strip()]


@transaction.atomic
def apply(objection: Objection, by: Any, answer: str = "") -> Objection:
    """Remove the record or the data everywhere, keep them away, tell the requester.

    Raises ``ObjectionError`` when there is nothing to remove or the request is settled already.
    """
    wait_for_harvests()
    locked = _locked(objection)
    with pghistory.context(objection=locked.pk):
        if locked.scope == ObjectionScope.RECORD:
            effects = _remove_record(locked)
        else:
            effects = _remove_data(locked)
    vocabulary.forget()
    locked.effects = {"lignes": [list(pair) for pair in effects]}
    # Without the cache the tables are clean all the same, and samples are cleaned when read.
    transaction.on_commit(forget_samples, robust=True)
    transaction.on_commit(forget_recognitions, robust=True)
    return _settle(locked, by, ObjectionState.APPLIED, answer)


@transaction.atomic
def refuse(objection: Objection, by: Any, answer: str) -> Objection:
    """Settle without removing anything; ``answer`` tells the requester why."""
    return _settle(_locked(objection), by, ObjectionState.REFUSED, answer)


def purge() -> int:
    """Forget the requests that nobody confirmed in time; returns how many."""
    limit = timezone.now() - datetime.timedelta(days=LINK_DAYS)
    old = Objection.objects.filter(state=ObjectionState.RECEIVED, created_at__lt=limit)
    return old.delete()[0]


def innovation_at(address: str, among: QuerySet[Innovation] | None = None) -> Innovation | None:
    """The record at a public address of the directory, or whose slug is given; None otherwise.

    ``among``: the records that may be found, all by default.
    """
    try:
        parts = urlsplit(address.strip())
        ours = {None, urlsplit(settings.BASE_URL).hostname}
        path = parts.path if parts.path.startswith("/") else f"/innovations/{parts.path}/"
        match = resolve(path) if parts.hostname in ours else None
    except (Resolver404, ValueError):
        return None
    if match is None or match.view_name != "innovations:detail":
        return None
    found = Innovation.objects.all() if among is None else among
    return found.filter(slug=match.kwargs["slug"]).first()


def _remove_record(objection: Objection) -> Sequence[tuple[str, int]]:
    found = target(objection)
    if found.is_empty:
        raise ObjectionError(
            "Aucune fiche ne correspond à cette demande : il n’y a rien à retirer."
        )
    suppress_records(objection, names_of(found))
    effects = erase(found)
    objection.innovation = None
    return effects


def _remove_data(objection: Objection) -> Sequence[tuple[str, int]]:
    data = data_of(objection)
    if not data:
        raise ObjectionError("Indiquez la donnée exacte à retirer.")
    return redact_everywhere(data, objection)


def _locked(objection: Objection) -> Objection:
    locked = Objection.objects.select_for_update().get(pk=objection.pk)
    if locked.state != ObjectionState.CONFIRMED:
        raise ObjectionError("Cette demande n’est pas à traiter : elle est déjà réglée.")
    return locked


def _settle(objection: Objection, by: Any, state: ObjectionState, answer: str) -> Objection:
    """Close the request and forget who made it and what it named; the answer leaves by mail."""
    email = objection.email
    objection.state = state
    objection.settled_at = timezone.now()
    objection.settled_by = by
    # Only a refusal's reasons are kept: an answer to an applied one may name what was removed.
    objection.answer = answer if state == ObjectionState.REFUSED else ""
    objection.email = objection.reason = objection.datum = objection.record_url = ""
    objection.save()
    if email:
        transaction.on_commit(lambda: _mail_answer(objection, email, answer))
    return objection


def _mail_answer(objection: Objection, email: str, answer: str) -> None:
    """The decision stands even when the mail cannot leave: the journal says so."""
    try:
        _mail(objection, email, "settled", answer=answer)
    except OSError:
        logger.exception("Réponse à la demande n° %s non envoyée", objection.pk)
        Objection.objects.filter(pk=objection.pk).update(
            effects={**objection.effects, "courriel": "non envoyé"}
        )


def _mail(objection: Objection, email: str, name: str, **context: Any) -> None:
    """Raises ``OSError`` (``SMTPException`` is one) when the mail cannot leave."""
    context |= {"objection": objection, "days": LINK_DAYS, "base_url": settings.BASE_URL}
    subject = {
        "received": "Confirmez votre demande de retrait",
        "settled": "Votre demande de retrait est traitée",
    }[name]
    body = render_to_string(f"partners/objection_mail_{name}.txt", context)
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [email])
