"""The charter that a partner accepts: in whose name, and when."""

from typing import Any

from django.utils import timezone

from partners import life
from partners.models import Partner


def accept(partner: Partner, user: Any) -> None:
    """Keep that ``user`` accepted the charter today for the partner; a first date is kept."""
    partner.charter_accepted_by = user
    partner.charter_signed_on = partner.charter_signed_on or timezone.localdate()
    partner.save(update_fields=["charter_accepted_by", "charter_signed_on"])
    life.catch_up(partner, author=user)
