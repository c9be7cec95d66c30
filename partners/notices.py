"""Whom to write to about a partner's affairs."""

from partners.models import Partner


def people_of(partner: Partner) -> list[str]:
    """The addresses of its people; of its contact while nobody acts for it here."""
    members = partner.memberships.filter(user__is_active=True)
    addresses = list(members.order_by("pk").values_list("user__email", flat=True))
    return addresses or ([partner.contact_email] if partner.contact_email else [])
