"""« Cela a-t-il marché de nouveau ? »: asked by e-mail at 3, 12, 24 and 36 months, once per term.

One side is asked: who declared the replication, or else the other one; only at an address that it
confirmed, of a replication that is published and that nobody contests. One reminder, three weeks
later, and never more. A replication that stopped is asked once why and what was learnt.

A term is counted from the last day on which it may have begun (« 2019 »: 31 December), so that
nothing is asked too early; without a date, from the day on which the beginning was written.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from essaimage import dates, links
from essaimage.models import (
    MONTHS,
    FollowUp,
    MailRefusal,
    Party,
    Purpose,
    Replication,
    ReplicationState,
    ReplicationStep,
    Side,
    Verdict,
)
from essaimage.querysets import BEGUN

LINK = datetime.timedelta(days=30)
# A term passed for longer is left out: what is told long after is no news of that time. A
# replication that began ten years ago is not asked about its third month.
LATE = datetime.timedelta(days=183)
SALT = "essaimage.asking"
SUBJECTS = {
    "evidence": "Cela a-t-il marché de nouveau ? Trois faits sur votre reprise",
    "evidence_reminder": "Rappel : trois faits sur votre reprise",
    "stopped": "Une reprise s’est arrêtée : ce qu’elle apprend à d’autres",
    "stopped_reminder": "Rappel : ce qu’une reprise arrêtée apprend à d’autres",
}
Terms = Mapping[int | None, datetime.date]


def plan(today: datetime.date | None = None) -> int:
    """Write what is to be asked, and when; take away what is no more. How many rows changed.

    Two at once write the same rows once.
    """
    today = today or timezone.localdate()
    refused = set(MailRefusal.objects.values_list("digest", flat=True))
    rows = Replication.objects.of_public().filter(state__in=[*BEGUN, ReplicationState.ABANDONNEE])
    changed = FollowUp.objects.planned().exclude(party__replication__in=rows).delete()[0]
    for replication in _with_its_life(rows).order_by("pk").iterator(chunk_size=500):
        changed += _plan_one(replication, refused, today)
    return changed


def to_send(today: datetime.date | None = None) -> tuple[list[int], list[int]]:
    """The questions to ask, and those to remind of."""
    due = FollowUp.objects.due(today or timezone.localdate())
    return (
        list(due.values_list("pk", flat=True)),
        list(FollowUp.objects.to_remind().values_list("pk", flat=True)),
    )


@transaction.atomic
def ask(pk: int) -> bool:
    """Mail a question that is due, once; False when it is not, or not any more.

    Raises ``OSError`` when the mail cannot leave (nothing has then changed).
    """
    held = _held(pk)
    if held is None or held.asked_at or held.due_on > timezone.localdate():
        return False
    held.asked_at = timezone.now()
    held.save(update_fields=["asked_at"])
    _mail(held)
    return True


@transaction.atomic
def remind(pk: int) -> bool:
    """Mail the only reminder of a question, once; as ``ask``."""
    held = _held(pk)
    if held is None or not FollowUp.objects.to_remind().filter(pk=pk).exists():
        return False
    held.reminded_at = timezone.now()
    held.save(update_fields=["reminded_at"])
    _mail(held, "_reminder")
    return True


def party_of_token(token: str) -> Party | None:
    """The side whose mails a link stops; None when it is forged, or has nothing left to stop."""
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return Party.objects.filter(pk=pk).exclude(email="").first()


@transaction.atomic
def stop(party: Party) -> None:
    """Send no question to this address any more, whatever the replication."""
    MailRefusal.objects.get_or_create(digest=digest(party.email))
    same = Party.objects.filter(email__iexact=party.email)
    FollowUp.objects.planned().filter(party__in=same).delete()
    for pk in FollowUp.objects.unanswered().filter(party__in=same).values_list("pk", flat=True):
        links.revoke(Purpose.EVIDENCE, pk)


def addressee(parties: Iterable[Party], refused: Iterable[str]) -> Party | None:
    """Who is asked of a replication: the side that declared it, or else the other one.

    Nobody when one side contests it.
    """
    sides = list(parties)
    if any(side.verdict == Verdict.CONTESTED for side in sides):
        return None
    sides.sort(key=lambda side: (not side.is_declarer, side.side != Side.REPRENEUR))
    for side in sides:
        if side.email and side.email_confirmed_at and digest(side.email) not in refused:
            return side
    return None


def terms(replication: Replication) -> dict[int | None, datetime.date]:
    """When each question falls, whether it is still to be asked or not: {months: day}.

    ``replication`` comes with its valid steps. None stands for the question on a stop.
    """
    steps = [step for step in replication.steps.all() if step.annulled_at is None]
    if replication.state == ReplicationState.ABANDONNEE:
        stops = [step for step in steps if step.state == ReplicationState.ABANDONNEE]
        written = stops[-1].created_at if stops else replication.created_at
        return {None: timezone.localdate(written)}
    if replication.state not in BEGUN:
        return {}
    starts = [step for step in steps if step.state == ReplicationState.EN_COURS]
    start = starts[-1] if starts else None
    written = start.created_at if start else replication.created_at
    began = dates.last_day(start.date if start else "") or timezone.localdate(written)
    return {months: dates.months_after(began, months) for months in MONTHS}


def digest(email: str) -> str:
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()


def _with_its_life(rows: Any) -> Any:
    steps = ReplicationStep.objects.filter(annulled_at=None).order_by("pk")
    sides = Party.objects.prefetch_related("follow_ups")
    return rows.prefetch_related(Prefetch("steps", steps), Prefetch("parties", sides))


def _plan_one(replication: Replication, refused: set[str], today: datetime.date) -> int:
    party = addressee(replication.parties.all(), refused)
    known = [row for side in replication.parties.all() for row in side.follow_ups.all()]
    asked = {row.months for row in known if row.asked_at}
    wanted: dict[int | None, datetime.date] = {}
    if party is not None:
        wanted = {
            months: day
            for months, day in terms(replication).items()
            if months not in asked and day >= today - LATE
        }
    written = {r.months: r for r in known if not r.asked_at and party and r.party_id == party.pk}
    kept = {months for months, row in written.items() if wanted.get(months) == row.due_on}
    over = [row.pk for row in known if not row.asked_at and row.months not in kept]
    over += [r.pk for r in known if not r.asked_at and party and r.party_id != party.pk]
    gone = FollowUp.objects.planned().filter(pk__in=over).delete()[0] if over else 0
    new = [
        FollowUp(party=party, months=months, due_on=day)
        for months, day in wanted.items()
        if months not in kept
    ]
    FollowUp.objects.bulk_create(new, ignore_conflicts=True)
    return gone + len(new)


def _held(pk: int) -> FollowUp | None:
    """The question, locked, if it may still be put to this side."""
    rows = FollowUp.objects.with_party().select_for_update(of=["self"])
    held = rows.filter(pk=pk, answered_at=None).first()
    if held is None:
        return None
    replication = held.party.replication
    is_stop = replication.state == ReplicationState.ABANDONNEE
    if is_stop != (held.months is None) or not (is_stop or replication.state in BEGUN):
        return None
    if not Replication.objects.of_public().filter(pk=replication.pk).exists():
        return None
    refused = MailRefusal.objects.filter(digest=digest(held.party.email))
    side = addressee(replication.parties.all(), refused.values_list("digest", flat=True))
    return held if side is not None and side.pk == held.party_id else None


def _mail(asked: FollowUp, suffix: str = "") -> None:
    name = ("stopped" if asked.months is None else "evidence") + suffix
    party = asked.party
    Party.objects.filter(pk=party.pk).update(served_at=timezone.now())
    token = links.make(Purpose.EVIDENCE, asked.pk, lasts=LINK)
    refusal = reverse("essaimage:evidence_stop", args=[signing.dumps(party.pk, salt=SALT)])
    context = {
        "asked": asked,
        "party": party,
        "replication": party.replication,
        "innovation": party.replication.shown_innovation,
        "link": links.address("evidence", token),
        "stop_link": settings.BASE_URL + refusal,
        "days": LINK.days,
        "base_url": settings.BASE_URL,
    }
    EmailMessage(
        SUBJECTS[name],
        render_to_string(f"essaimage/mail_{name}.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [party.email],
        headers={
            "List-Unsubscribe": f"<{settings.BASE_URL}{refusal}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    ).send()
