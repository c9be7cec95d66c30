"""What staff decide of a flag: mask the datum, leave it, ask again. Never asked twice."""

from collections.abc import Sequence
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from partners.models import Flag, FlagState, SourceRecord
from partners.publishing import republish
from partners.suppression import take_turn


def mask(flags: Sequence[int], *, by: Any) -> int:
    """Keep these personal data from the public for good, whatever the next harvests bring."""
    return _decide(flags, FlagState.MASKED, by, only_personal=True)


def leave(flags: Sequence[int], *, by: Any) -> int:
    """They are public, or the text is well as it is: neither hidden nor asked about again."""
    return _decide(flags, FlagState.LEFT, by)


def reopen(flags: Sequence[int], *, by: Any) -> int:
    """Take a decision back: the datum is hidden again until the next one."""
    return _decide(flags, FlagState.OPEN, by)


@transaction.atomic
def _decide(flags: Sequence[int], state: FlagState, by: Any, *, only_personal: bool = False) -> int:
    """Returns how many changed; their records are composed again, and published if they may be."""
    take_turn()
    chosen = Flag.objects.select_for_update().filter(pk__in=list(flags)).exclude(state=state)
    if only_personal:
        chosen = chosen.personal()
    found = list(chosen.order_by("pk"))
    is_open = state == FlagState.OPEN
    with pghistory.context(user=by.pk if by else None):
        Flag.objects.filter(pk__in=[f.pk for f in found]).update(
            state=state,
            decided_at=None if is_open else timezone.now(),
            decided_by=None if is_open else by,
        )
        concerned = SourceRecord.objects.filter(
            pk__in={f.record_id for f in found if f.is_personal}
        )
        ids = set(concerned.values_list("innovation", flat=True)) - {None}
        republish(sorted(i for i in ids if i))
    return len(found)
