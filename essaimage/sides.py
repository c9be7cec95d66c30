"""The two sides of a replication, as staff write them, and asking them what they say of it."""

from typing import Any

import pghistory
from django.db import transaction

from essaimage import confirming, holding, links
from essaimage.models import Party, Purpose, Replication, Side
from essaimage.moderating import CannotDecide


class CannotAsk(CannotDecide):
    """A side that cannot be asked."""


def tell_side(
    replication: Replication, side: Side, *, organisation: str, email: str, author: Any
) -> Party:
    """Write who stands on one side, and where to ask it; an empty address keeps the one known.

    Raises ``CannotDecide``: the address of a side that opened its own link is its own.
    """
    with transaction.atomic(), pghistory.context(user=author.pk, motif="Côté renseigné"):
        known = holding.sides(replication=replication.pk)
        # Of two who write a side that nobody knew, the second waits here, then finds it.
        Replication.objects.select_for_update(no_key=True).get(pk=replication.pk)
        known = known or holding.sides(replication=replication.pk)
        party = next((one for one in known if one.side == side), None)
        party = party or Party(replication=replication, side=side)
        if email and email != party.email:
            if party.email_confirmed_at is not None:
                raise CannotDecide(
                    "Cette adresse a été confirmée par son titulaire : elle ne se change pas ici.",
                    "email",
                )
            party.email, party.asked_at = email, None
            # What was sent to the former address no longer speaks for this side.
            if party.pk:
                for purpose in (Purpose.DECLARE, Purpose.VERDICT):
                    links.revoke(purpose, party.pk)
        party.organisation = organisation
        party.save()
        return party


def ask(party: Party, *, author: Any) -> None:
    """Ask one side, by e-mail, to confirm or contest. Raises ``CannotAsk``, and ``OSError`` when
    the mail cannot leave."""
    if not party.email:
        raise CannotAsk("L’adresse de ce côté n’est pas connue : ajoutez-la d’abord.", "email")
    with pghistory.context(user=author.pk, motif="Côté interrogé par courriel"):
        try:
            confirming.ask(party)
        except confirming.CannotAsk as error:
            raise CannotAsk(error.message, error.field) from error
