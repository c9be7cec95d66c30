"""Both sides confirm or contest a replication, each by a link sent to its address."""

from django.db import transaction
from django.utils import timezone

from essaimage import holding, links, mailing, tellings
from essaimage.declaring import side_of
from essaimage.models import Party, Publication, Purpose, Replication, Verdict

ASKED = (Publication.WAITING, Publication.PUBLISHED)


class CannotAsk(Exception):
    """A side that is not asked, or an answer that is not kept; ``message`` is in French."""

    def __init__(self, message: str, field: str = "") -> None:
        self.message, self.field = message, field
        super().__init__(message)


@transaction.atomic
def ask(party: Party) -> None:
    """Mail a side a fresh link to say what it thinks; those sent before open nothing any more.

    Raises ``CannotAsk``, and ``OSError`` when the mail cannot leave (nothing has then changed).
    """
    holding.sides(pk=party.pk)
    rows = Party.objects.select_related("replication__innovation__merged_into")
    held = rows.get(pk=party.pk)
    if not held.email:
        raise CannotAsk("L’adresse de ce côté n’est pas connue.")
    if held.replication.publication not in ASKED:
        raise CannotAsk("Cette reprise n’est ni à relire ni publiée : personne n’est interrogé.")
    links.revoke(Purpose.VERDICT, held.pk)
    held.asked_at = held.served_at = timezone.now()
    held.save(update_fields=["asked_at", "served_at"])
    mailing.send("verdict", held, "verdict", links.make(Purpose.VERDICT, held.pk))


@transaction.atomic
def ask_first(pk: int) -> bool:
    """The mail that a publication asks for: once, however often it is published, and only while it
    is. False when it is not to leave. Raises ``OSError`` when it cannot."""
    party = next(iter(holding.sides(pk=pk)), None)
    if party is None or party.asked_at or party.verdict or not party.email:
        return False
    if party.replication.publication != Publication.PUBLISHED:
        return False
    ask(party)
    return True


def unheard(replication: Replication) -> list[int]:
    """The keys of the sides that said nothing and were not asked yet: they are, by ``announcing``,
    once it is published, since what it says is then public."""
    silent = Party.objects.filter(replication=replication, verdict=Verdict.NONE, asked_at=None)
    return list(silent.exclude(email="").order_by("pk").values_list("pk", flat=True))


def of_link(token: str) -> Party:
    """The side that a link lets answer, not used. Raises ``DeadLink``."""
    return _asked(links.read(token, Purpose.VERDICT))


@transaction.atomic
def answer(token: str, verdict: Verdict, note: str = "") -> Party:
    """Keep what a side says. Its reason is public once read by staff.

    Raises ``DeadLink``, and ``CannotAsk`` for a contest without its reason (the link still opens).
    """
    note = note.strip()
    if verdict == Verdict.NONE:
        raise CannotAsk("Confirmez la reprise, ou contestez-la.")
    if verdict == Verdict.CONTESTED and not note:
        raise CannotAsk("Dites en quoi vous la contestez.", "note")
    holding.writer(links.read(token, Purpose.VERDICT))
    party = _asked(links.use(token, Purpose.VERDICT))
    now = timezone.now()
    party.verdict, party.note, party.note_read_at = verdict, note, None
    party.answered_at = party.served_at = now
    party.email_confirmed_at = party.email_confirmed_at or now
    party.save(
        update_fields=[
            "verdict", "note", "note_read_at", "answered_at", "served_at", "email_confirmed_at",
        ]
    )  # fmt: skip
    links.revoke(Purpose.VERDICT, party.pk)
    tellings.write(party, {tellings.NOTE: note})
    return party


def _asked(pk: int) -> Party:
    party = side_of(pk)
    if party.replication.publication not in ASKED:
        raise links.DeadLink("Cette reprise n’est pas publiée : il n’y a rien à en dire.")
    return party
