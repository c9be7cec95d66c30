"""What is forgotten with time: links, declarations never confirmed, addresses that serve no more.

The rule is told to the public on « Données personnelles » (templates/site/privacy.html).
"""

import datetime

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from essaimage import links
from essaimage.declaring import KEPT_DAYS
from essaimage.models import FollowUp, Origin, Party, Publication, Replication, Telling, Verdict

# A side that never answered, after it was last asked; both, once a replication is set aside.
SILENT_DAYS = 90
# A side that answered, after its address last served: a year between two questions, and a month.
HEARD_DAYS = 395
# A text set aside, once its author had the time to read why.
ASIDE_DAYS = 90


def forget() -> int:
    """Forget what is due; how many rows were."""
    return links.purge() + _declarations() + addresses() + _texts()


def addresses() -> int:
    """Erase the addresses that no longer serve; how many."""
    now = timezone.now()
    silent, heard = (now - datetime.timedelta(days=n) for n in (SILENT_DAYS, HEARD_DAYS))
    events = apps.get_model("essaimage", "ReplicationEvent").objects
    lately = events.filter(pgh_obj=OuterRef("replication"), pgh_created_at__gte=silent)
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
    )
    pks = list(never.select_for_update().values_list("pk", flat=True))
    Replication.objects.filter(pk__in=pks).delete()
    for name, column in (
        ("ReplicationEvent", "pgh_obj_id"),
        ("PartyEvent", "replication_id"),
        ("ReplicationStepEvent", "replication_id"),
        ("ReplicationPartnerEvent", "replication_id"),
        ("PublicActorEvent", "replication_id"),
    ):
        apps.get_model("essaimage", name).objects.filter(**{f"{column}__in": pks}).delete()
    return len(pks)


def _texts() -> int:
    limit = timezone.now() - datetime.timedelta(days=ASIDE_DAYS)
    return Telling.objects.filter(state="ecarte", decided_at__lt=limit).delete()[0]
