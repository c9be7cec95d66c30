"""How long proposed projects wait: told to everyone, because the wait is ours."""

import datetime
from dataclasses import dataclass
from statistics import median

from django.db.models import Count, Min, Q
from django.utils import timezone

from partners.models import Proposal, ProposalState

YEAR = datetime.timedelta(days=365)


@dataclass(frozen=True)
class Delays:
    """``usual``: the median wait, in days, of those published within a year; None without any."""

    waiting: int
    oldest: int | None
    published: int
    set_aside: int
    usual: int | None


def measured() -> Delays:
    """Two queries."""
    now = timezone.now()
    recent = Q(decided_at__gte=now - YEAR)
    counted = Proposal.objects.aggregate(
        waiting=Count("pk", filter=Q(state=ProposalState.WAITING)),
        oldest=Min("sent_at", filter=Q(state=ProposalState.WAITING)),
        published=Count("pk", filter=recent & Q(state=ProposalState.VOUCHED)),
        set_aside=Count("pk", filter=recent & Q(state=ProposalState.REFUSED)),
    )
    vouched = Proposal.objects.filter(recent, state=ProposalState.VOUCHED)
    dates = vouched.filter(sent_at__isnull=False).values_list("sent_at", "decided_at")
    waits = [(end - start).days for start, end in dates if start and end]
    return Delays(
        waiting=counted["waiting"],
        oldest=(now - counted["oldest"]).days if counted["oldest"] else None,
        published=counted["published"],
        set_aside=counted["set_aside"],
        usual=round(median(waits)) if waits else None,
    )
