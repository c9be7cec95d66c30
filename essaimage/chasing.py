"""« Qui relancer, pour quoi »: what to ask next of a replication, of whom, and asking it by mail.

The rule is in ``standing``; here is who it falls on, and the gesture.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from essaimage import asking, confirming, holding, links, mailing
from essaimage.models import FollowUp, Party, Purpose, Replication, Side, Verdict
from essaimage.standing import PEACE_DAYS, WHY, Ask

# What has a button: the mail that it sends.
BUTTONS = {
    Ask.RESULTS_DUE: "Demander les résultats",
    Ask.VERDICT: "Demander un avis",
    Ask.NEWS: "Demander des nouvelles",
}
TEAM = "l’équipe"
CHANGED = "Ce n’est plus ce qu’il y a à demander à cette reprise : la liste est à jour ci-dessous."


class CannotChase(Exception):
    """Nothing is sent; ``message`` is in French."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class NextAsk:
    """``whom`` as staff read it; ``button`` is "" when no mail is to be sent."""

    replication: Replication
    ask: Ask
    whom: str
    button: str

    @property
    def what(self) -> str:
        return str(self.ask.label)

    @property
    def why(self) -> str:
        return WHY[self.ask]


def with_sides(rows: Any) -> Any:
    """Of a queryset ``with_next_ask``: with all that ``next_ask`` reads."""
    questions = FollowUp.objects.order_by("due_on", "pk")
    sides = Party.objects.order_by("side").prefetch_related(Prefetch("follow_ups", questions))
    return rows.prefetch_related(Prefetch("parties", sides))


def next_ask(replication: Any, today: datetime.date) -> NextAsk:
    """What a row of ``with_sides`` is to be asked, without a query."""
    ask = Ask(replication.ask)
    party = _party(replication, ask, today)
    whom = {Ask.REVIEW: TEAM, Ask.ADDRESS: "le repreneur ou la structure porteuse"}.get(ask, "")
    if party is not None:
        whom = f"{party.name} ({party.get_side_display().lower()})"
    return NextAsk(replication, ask, whom, BUTTONS.get(ask, "") if party else "")


@transaction.atomic
def send(code: str, ask: Ask, author: Any) -> Party:
    """Mail what ``ask`` says, if it is still what is to be asked; the side that it goes to.

    Two who click at once send one mail. Raises ``CannotChase``, and ``OSError`` when the mail
    cannot leave (nothing has then changed).
    """
    today = timezone.localdate()
    holding.questions(code)
    holding.sides(replication__code=code)
    found = with_sides(Replication.objects.filter(code=code).with_next_ask(today)).first()
    if found is None or found.ask != ask.value or ask not in BUTTONS:
        raise CannotChase(CHANGED)
    party = _party(found, ask, today)
    if party is None:
        raise CannotChase(CHANGED)
    with pghistory.context(user=author.pk, motif=ask.label):
        _MAILS[ask](party, today)
    return party


def _party(replication: Any, ask: Ask, today: datetime.date) -> Party | None:
    sides = sorted(
        replication.parties.all(),
        key=lambda side: (not side.is_declarer, side.side != Side.REPRENEUR),
    )
    chosen = {
        Ask.CONTEST: lambda side: side.verdict == Verdict.CONTESTED,
        Ask.RESULTS_DUE: lambda side: _due(side, today),
        Ask.VERDICT: lambda side: side.email and not side.verdict and not _lately(side, today),
        Ask.RESULTS_SILENT: lambda side: any(
            q.asked_at and not q.answered_at for q in side.follow_ups.all()
        ),
        Ask.NEWS: lambda side: side.email and side.email_confirmed_at,
    }.get(ask)
    return next((side for side in sides if chosen(side)), None) if chosen else None


def _due(side: Party, today: datetime.date) -> Iterable[FollowUp]:
    return [q for q in side.follow_ups.all() if not q.asked_at and q.due_on <= today]


def _lately(side: Party, today: datetime.date) -> bool:
    asked = side.asked_at
    return asked is not None and timezone.localdate(asked) >= today - datetime.timedelta(PEACE_DAYS)


def _mail_results(party: Party, today: datetime.date) -> None:
    sent = [asking.ask(question.pk) for question in _due(party, today)]
    if not any(sent):
        raise CannotChase("Cette question ne se pose plus : la liste est mise à jour chaque matin.")


def _mail_verdict(party: Party, today: datetime.date) -> None:
    try:
        confirming.ask(party)
    except confirming.CannotAsk as error:
        raise CannotChase(error.message) from error


def _mail_news(party: Party, today: datetime.date) -> None:
    Party.objects.filter(pk=party.pk).update(served_at=timezone.now())
    held = Party.objects.select_related("replication__innovation__merged_into").get(pk=party.pk)
    mailing.send("news", held, "follow", links.make(Purpose.FOLLOW, party.pk))


_MAILS = {
    Ask.RESULTS_DUE: _mail_results,
    Ask.VERDICT: _mail_verdict,
    Ask.NEWS: _mail_news,
}
