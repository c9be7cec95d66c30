"""« Je reprends ce projet »: a replication declared from the public record, by either side.

Nothing is public before the declarer opens the link sent to its address, then before staff read it,
for form only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from essaimage import holding, links, mailing, moving
from essaimage.models import (
    Origin,
    Party,
    Publication,
    Purpose,
    Replication,
    Side,
    Verdict,
)
from essaimage.moving import Author, CannotMove, Passed

# Someone could make us write again and again to an address that is not theirs.
UNCONFIRMED_PER_ADDRESS = 3
KEPT_DAYS = 30
LONGEST_CODE = 80
ORIGINS = {Side.REPRENEUR: Origin.REPRENEUR, Side.PORTEUR: Origin.PORTEUR}


class DeclarationError(Exception):
    """A declaration that is not kept; ``message`` is for who made it, ``field`` says where."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


@dataclass(frozen=True)
class Declaration:
    """``replication``: not saved, without code, publication or origin; ``passed``: the states
    known on the way to its own; ``reason``: what shows the present one; ``other_email``: of the
    side that does not declare, if it is known."""

    replication: Replication
    by: Side
    email: str
    other_email: str = ""
    reason: str = ""
    passed: Sequence[Passed] = field(default=())


@transaction.atomic
def receive(said: Declaration) -> Replication:
    """Keep a declaration and send its author the link that confirms it.

    Raises ``DeclarationError``, and ``OSError`` when the mail cannot leave (nothing is then kept).
    """
    _check(said)
    made = said.replication
    made.publication, made.origin = Publication.UNCONFIRMED, ORIGINS[said.by]
    _save_with_code(made)
    declarer = _sides(said)
    try:
        moving.open_journal(
            made, Author(declarer.name), reason=said.reason.strip(), passed=said.passed
        )
    except CannotMove as error:
        raise DeclarationError(error.message, error.field) from error
    token = links.make(Purpose.DECLARE, declarer.pk)
    mailing.send("declare", declarer, "declaration_confirm", token)
    return made


@transaction.atomic
def confirm(token: str) -> Party:
    """Pass the declaration on to staff: the side that made it, its address being its own.

    Raises ``DeadLink`` when the link opens nothing, and once the declaration is confirmed.
    """
    holding.sides(pk=links.read(token, Purpose.DECLARE))
    party = side_of(links.use(token, Purpose.DECLARE))
    now = timezone.now()
    party.email_confirmed_at = party.answered_at = party.served_at = now
    party.verdict = Verdict.CONFIRMED
    party.save()
    waiting = Replication.objects.filter(
        pk=party.replication_id, publication=Publication.UNCONFIRMED
    )
    if not waiting.update(publication=Publication.WAITING):
        raise links.DeadLink(links.USED)
    party.replication.refresh_from_db(fields=["publication"])
    return party


def of_link(token: str) -> Party:
    """The declarer whose declaration a link confirms, not used. Raises ``DeadLink``."""
    return side_of(links.read(token, Purpose.DECLARE))


def side_of(pk: int) -> Party:
    """The side that a link speaks of, with its replication and innovation.

    Raises ``DeadLink`` when it is gone, or when its address was taken away: links die with it.
    """
    rows = Party.objects.select_related("replication__innovation__merged_into")
    found = rows.filter(pk=pk).exclude(email="").first()
    if found is None:
        raise links.DeadLink(links.UNKNOWN)
    return found


def code_for(replication: Replication) -> str:
    """« ressourcerie-du-bourg-lyon »: the innovation, then where or in what it is taken up."""
    target = ""
    if replication.territory:
        target = replication.territory.slug
    target = slugify(target or replication.service or replication.sector)[: LONGEST_CODE // 2]
    slug = replication.innovation.slug[: LONGEST_CODE - len(target) - 8]
    return f"{slug.strip('-')}-{target.strip('-') or 'reprise'}"


def _save_with_code(replication: Replication) -> None:
    """Of two who declare the same at once, each has its own code: the database says who was
    first."""
    code, number = code_for(replication), 1
    while True:
        replication.code = code if number == 1 else f"{code}-{number}"
        try:
            with transaction.atomic():
                replication.save(force_insert=True)
        except IntegrityError:
            if not Replication.objects.filter(code=replication.code).exists():
                raise
            replication.pk = None
            number += 1
        else:
            return


def _sides(said: Declaration) -> Party:
    """Write both sides; the one that declares."""
    owner = said.replication.innovation.organisation
    names = {
        Side.REPRENEUR: said.replication.repreneur_shown,
        Side.PORTEUR: owner.name if owner else "",
    }
    parties = {
        side: Party.objects.create(
            replication=said.replication,
            side=side,
            organisation=names[side][:200],
            email=said.email if side == said.by else said.other_email,
            is_declarer=side == said.by,
        )
        for side in Side
    }
    return parties[said.by]


def _check(said: Declaration) -> None:
    if said.other_email and said.other_email.lower() == said.email.lower():
        raise DeclarationError(
            "C’est aussi votre adresse : chaque côté se prononce depuis la sienne.", "other_email"
        )
    unconfirmed = Party.objects.filter(
        email__iexact=said.email,
        is_declarer=True,
        replication__publication=Publication.UNCONFIRMED,
    )
    if unconfirmed.count() >= UNCONFIRMED_PER_ADDRESS:
        raise DeclarationError(
            "Plusieurs déclarations attendent déjà d’être confirmées à cette adresse. Ouvrez le "
            "lien reçu par courriel avant d’en faire une autre.",
            "email",
        )
