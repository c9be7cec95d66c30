"""Corrections proposed from outside: received, confirmed, decided by staff, answered, forgotten."""

import datetime
import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from innovations import fields
from innovations.edits import usable
from innovations.models import CreditKind, FieldEdit, Innovation
from partners import editing, signed
from partners.editing import CannotEdit, Credit
from partners.models import Partner, Suggestion, SuggestionState
from partners.notices import people_of

logger = logging.getLogger(__name__)
SALT = "partners.suggestions"
LINK_DAYS = 7
KEPT_DAYS = 90
# Someone could make us write again and again to an address that is not theirs.
UNCONFIRMED_PER_ADDRESS = 3
# More on one record is a game, or a quarrel that a form does not settle.
WAITING_PER_RECORD = 30
OPEN = [SuggestionState.WAITING, SuggestionState.SENT]
SUBJECTS = {
    "confirm": "Confirmez votre proposition de correction",
    "accepted": "Votre proposition de correction est acceptée",
    "refused": "Votre proposition de correction n’est pas retenue",
    "sent": "Une correction est proposée sur une de vos fiches",
}


class SuggestionError(Exception):
    """A step that cannot be taken; ``message`` is for the person who asked for it."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


ALREADY_DECIDED = "Cette proposition est déjà traitée."
CHANGED = "La fiche a changé depuis : relisez la proposition avant d’en décider."
REWRITTEN = "Le porteur a changé sa proposition depuis : relisez-la avant d’en décider."


@transaction.atomic
def receive(suggestion: Suggestion) -> Suggestion:
    """Keep a visitor's proposal: to staff at once, or once its address is confirmed if it has one.

    Raises ``SuggestionError``, and ``OSError`` when the mail cannot leave (nothing is then kept).
    """
    _check(suggestion)
    if suggestion.email:
        unconfirmed = Suggestion.objects.filter(
            email__iexact=suggestion.email, state=SuggestionState.RECEIVED
        )
        if unconfirmed.count() >= UNCONFIRMED_PER_ADDRESS:
            raise SuggestionError(
                "Plusieurs propositions attendent déjà d’être confirmées à cette adresse. "
                "Ouvrez le lien reçu par courriel avant d’en faire une autre."
            )
    suggestion.state = SuggestionState.RECEIVED if suggestion.email else SuggestionState.WAITING
    suggestion.save()
    if suggestion.email:
        path = reverse("partners:suggest_confirm", args=[signed.token(suggestion.pk, SALT)])
        _mail("confirm", suggestion, [suggestion.email], link=settings.BASE_URL + path)
    return suggestion


@transaction.atomic
def propose(
    innovation: Innovation, values: dict[str, Any], user: Any, credit: str = ""
) -> list[Suggestion]:
    """A porteur's own proposals, one per field; one that waits already is brought up to date.

    Raises ``CannotEdit`` before anything is kept when some value cannot be its field's.
    """
    made = []
    wrong = {}
    now = fields.shown(Innovation.objects.for_detail().get(pk=innovation.pk))
    open_ = Suggestion.objects.filter(innovation=innovation, author=user, state__in=OPEN)
    before = {s.field: s for s in open_.select_for_update()}
    for name, value in values.items():
        suggestion = before.get(name) or Suggestion(
            innovation=innovation, field=name, author=user, confirmed_at=timezone.now()
        )
        suggestion.value, suggestion.shown, suggestion.credit = value, now[name], credit[:120]
        suggestion.state = SuggestionState.WAITING
        try:
            suggestion.value = usable(name, value)
        except ValueError as error:
            wrong[name] = str(error)
        made.append(suggestion)
    if wrong:
        raise CannotEdit(wrong)
    for suggestion in made:
        suggestion.save()
    return made


def from_token(token: str) -> Suggestion:
    """The proposal that a link confirms. Raises ``BadLink``."""
    pk = signed.opened(token, SALT, days=LINK_DAYS)
    found = Suggestion.objects.filter(pk=pk, state=SuggestionState.RECEIVED)
    if suggestion := found.select_related("innovation").first():
        return suggestion
    raise signed.BadLink("Ce lien a déjà servi : votre proposition est enregistrée.")


def confirm(suggestion: Suggestion) -> bool:
    """Pass it on to staff; False when it was confirmed meanwhile."""
    waiting = Suggestion.objects.filter(pk=suggestion.pk, state=SuggestionState.RECEIVED)
    changed = waiting.update(state=SuggestionState.WAITING, confirmed_at=timezone.now())
    return bool(changed)


@transaction.atomic
def accept(
    suggestion: Suggestion, by: Any, *, value: Any = None, is_adapted: bool = False, seen: str = ""
) -> list[FieldEdit]:
    """Write the value proposed, or the one adapted from it, in the team's name, with its credit.

    ``seen``: the ``mark`` of the proposal that was judged, if that matters. Raises
    ``SuggestionError`` when the record or the proposal says otherwise now, or when it is decided
    already; ``CannotEdit`` when the value cannot be written.
    """
    editing.take_turn()
    held = _held(suggestion, seen)
    kind = CreditKind.PORTEUR if held.is_porteurs else CreditKind.VISITOR
    target = held.innovation.merged_into or held.innovation
    written = editing.write(
        target,
        {held.field: value if is_adapted else held.value},
        author=by,
        note=f"Proposition n° {held.pk}",
        credit=Credit(kind, held.credit),
    )
    _settle(held, by, SuggestionState.ACCEPTED, "")
    return written


def mark(suggestion: Suggestion, shown: Any) -> str:
    """What someone judged: what the record said (``shown``), and what was proposed instead."""
    return "-".join(fields.digest(suggestion.field, v) for v in (shown, suggestion.value))


def _check_seen(held: Suggestion, seen: str) -> None:
    now = mark(held, shown_of(held))
    if seen != now:
        is_rewritten = seen.partition("-")[2] != now.partition("-")[2]
        raise SuggestionError(REWRITTEN if is_rewritten else CHANGED)


def shown_of(suggestion: Suggestion) -> Any:
    """What the record, or the one that it was merged into, says now of the field."""
    pk = suggestion.innovation.merged_into_id or suggestion.innovation_id
    return fields.shown(Innovation.objects.for_detail().get(pk=pk))[suggestion.field]


@transaction.atomic
def refuse(suggestion: Suggestion, by: Any, answer: str, *, seen: str = "") -> Suggestion:
    """Set it aside and answer why. ``seen`` and what it raises: as ``accept``."""
    return _settle(_held(suggestion, seen), by, SuggestionState.REFUSED, answer)


@transaction.atomic
def send(suggestion: Suggestion, partner: Partner, by: Any, *, seen: str = "") -> Suggestion:
    """Show it to a partner of the record, whose people are told by mail. ``seen`` and what it
    raises: as ``accept``."""
    held = _held(suggestion, seen)
    held.state, held.partner, held.sent_at = SuggestionState.SENT, partner, timezone.now()
    held.partner_answer, held.answered_by = "", None
    held.save()
    path = reverse("backoffice:partner_suggestions", args=[partner.slug])
    people = people_of(partner)
    transaction.on_commit(
        lambda: _try_mail("sent", held, people, link=settings.BASE_URL + path, partner=partner)
    )
    return held


@transaction.atomic
def answer_for_partner(suggestion: Suggestion, by: Any, answer: str) -> Suggestion:
    """What the partner says of it: it comes back to the staff, who decides."""
    held = _held(suggestion)
    if held.state != SuggestionState.SENT:
        raise SuggestionError(ALREADY_DECIDED)
    held.state = SuggestionState.WAITING
    held.partner_answer, held.answered_by = answer, by
    held.save()
    return held


def purge() -> int:
    """Forget what nobody confirmed in time, and what was decided long ago; returns how many."""
    now = timezone.now()
    never = Suggestion.objects.filter(
        state=SuggestionState.RECEIVED, created_at__lt=now - datetime.timedelta(days=LINK_DAYS)
    )
    old = Suggestion.objects.filter(decided_at__lt=now - datetime.timedelta(days=KEPT_DAYS))
    return never.delete()[0] + old.delete()[0]


def _check(suggestion: Suggestion) -> None:
    """Raises ``SuggestionError`` when the value cannot be the field's, or is there already."""
    innovation = suggestion.innovation
    name = suggestion.field
    try:
        suggestion.value = usable(name, suggestion.value)
    except ValueError as error:
        raise SuggestionError(str(error)) from error
    if fields.same(name, suggestion.value, suggestion.shown):
        raise SuggestionError("C’est déjà ce que dit la fiche : changez le texte proposé.")
    waiting = innovation.suggestions.filter(state__in=[*OPEN, SuggestionState.RECEIVED])
    if waiting.count() >= WAITING_PER_RECORD:
        raise SuggestionError(
            "Beaucoup de corrections attendent déjà sur cette fiche. Revenez dans quelques jours."
        )


def _held(suggestion: Suggestion, seen: str = "") -> Suggestion:
    rows = Suggestion.objects.select_for_update(of=["self"])
    held = rows.select_related("innovation__merged_into").filter(pk=suggestion.pk).first()
    if held is None or not held.is_open:
        raise SuggestionError(ALREADY_DECIDED)
    if seen:
        _check_seen(held, seen)
    return held


def _settle(suggestion: Suggestion, by: Any, state: SuggestionState, answer: str) -> Suggestion:
    """Close it; the answer leaves by mail, and the address is forgotten."""
    people = [suggestion.email or (suggestion.author.email if suggestion.author else "")]
    suggestion.state, suggestion.answer, suggestion.email = state, answer, ""
    suggestion.decided_at, suggestion.decided_by = timezone.now(), by
    suggestion.save()
    name = "accepted" if state == SuggestionState.ACCEPTED else "refused"
    transaction.on_commit(lambda: _try_mail(name, suggestion, [p for p in people if p]))
    return suggestion


def _try_mail(name: str, suggestion: Suggestion, people: list[str], **context: Any) -> None:
    """The decision stands even when the mail cannot leave: the journal says so."""
    try:
        _mail(name, suggestion, people, **context)
    except OSError:
        logger.exception("Courriel « %s » de la suggestion n° %s non envoyé", name, suggestion.pk)


def _mail(name: str, suggestion: Suggestion, people: list[str], **context: Any) -> None:
    """Raises ``OSError`` (``SMTPException`` is one) when the mail cannot leave."""
    context |= {
        "suggestion": suggestion,
        "label": fields.FIELDS[suggestion.field].label,
        "days": LINK_DAYS,
        "base_url": settings.BASE_URL,
    }
    body = render_to_string(f"partners/suggestion_mail_{name}.txt", context)
    for person in people:
        send_mail(SUBJECTS[name], body, settings.DEFAULT_FROM_EMAIL, [person])
