"""Who acts for a partner."""

from typing import Any

from django.db.models import QuerySet

from partners.models import Membership, Partner


def acts_for(user: Any, partner: Partner) -> bool:
    """Whether the user is one of the partner's people."""
    return Membership.objects.filter(user=user, partner=partner).exists()


def members_of(partner: Partner) -> QuerySet[Membership]:
    return partner.memberships.select_related("user").order_by("user__display_name", "pk")
