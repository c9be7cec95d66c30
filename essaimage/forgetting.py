"""What is forgotten with time: links, declarations never confirmed, addresses that serve no more.

The rule is told to the public on « Données personnelles » (templates/site/privacy.html).
"""

import datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from essaimage import emptying, links
from essaimage.declaring import KEPT_DAYS
from essaimage.models import FollowUp, Origin, Party, Publication, Replication, Telling, Verdict
from essaimage.tellings import NOTE

# A side that never answered, after it was last asked; both, once a replication is set aside.
SILENT_DAYS = 90
# A side that answered, after its address last served: a year between two questions, and a month.
HEARD_DAYS = 395


def forget() -> int:
    """Forget what is due; how many rows were."""
    return links.purge() + _declarations() + addresses() + _texts() + emptying.empty()


def addresses() -> int:
    """Erase the addresses that no longer serve; how many."""
    now = timezone.now()
    silent, heard = (now - datetime.timedelta(days=n) for n in (SILENT_DAYS, HEARD_DAYS))
    lately = _events("ReplicationEvent").filter(
        pgh_obj=OuterRef("replication"), pgh_created_at__gte=silent
    )
    still_asked = FollowUp.objects.filter(party=OuterRef("pk"), asked_at=None)
    is_silent = Q(verdict=Verdict.NONE, asked_at__lt=silent)
    is_never_asked = Q(verdict=Verdict.NONE, asked_at=None, replication__created_at__lt=heard)
    is_aside = Q(replication__publication=Publication.SET_ASIDE) & ~Exists(lately)
    is_over = Q(email_confirmed_at__isnull=False, served_at__lt=heard) & ~Exists(still_asked)
    over = Party.objects.exclude(email="").filter(is_silent | is_never_asked | is_aside | is_over)
    return over.update(email="")


@transaction.atomic
def _declarations() -> int:
    """Those that nobody confirmed, with all their history: they were never anyone's word."""
    limit = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    never = Replication.objects.filter(
        publication=Publication.UNCONFIRMED,
        origin__in=[Origin.REPRENEUR, Origin.PORTEUR],
        created_at__lt=limit,
        # What something else rests on by now stays with it.
        children=None,
        obstacles=None,
        facts=None,
        site=None,
    )
    pks = list(never.select_for_update(of=("self",)).values_list("pk", flat=True))
    Replication.objects.filter(pk__in=pks).delete()
    for name, column in (
        ("ReplicationEvent", "pgh_obj_id"),
        ("PartyEvent", "replication_id"),
        ("ReplicationStepEvent", "replication_id"),
        ("ReplicationPartnerEvent", "replication_id"),
        ("PublicActorEvent", "replication_id"),
    ):
        _events(name).filter(**{f"{column}__in": pks}).delete()
    return len(pks)


@transaction.atomic
def _texts() -> int:
    """Those set aside, with their history: it holds what was not to be shown."""
    limit = timezone.now() - datetime.timedelta(days=emptying.ASIDE_DAYS)
    rows = Telling.objects.filter(state="ecarte", decided_at__lt=limit)
    over = list(rows.select_for_update())
    for telling in over:
        if note := telling.values.get(NOTE):
            _note(telling, note)
    pks = [telling.pk for telling in over]
    Telling.objects.filter(pk__in=pks).delete()
    _events("TellingEvent").filter(pgh_obj_id__in=pks).delete()
    return len(pks)


def _note(telling: Telling, note: str) -> None:
    """The reason of a contest, set aside: its side's row had it, never shown."""
    same = {"replication": telling.replication_id, "side": telling.side, "note": note}
    Party.objects.filter(**same, note_read_at=None).update(note="")
    _events("PartyEvent").filter(**same, note_read_at=None).update(note="")


def _events(name: str) -> Any:
    return apps.get_model("essaimage", name).objects
