"""What an organisation's page shows."""

from typing import Any

from django.http import Http404

from innovations.models import Organisation, OrganisationRole
from innovations.record_page import by_document


def organisation_page(organisation: Organisation) -> dict[str, Any]:
    """The organisation with its published innovations.

    Raises ``Http404`` when nothing public is known of it: an organisation that only stands in
    unpublished records has no page.
    """
    innovations = list(organisation.innovations.published().for_cards().order_by("title_key", "pk"))
    evidence = by_document(organisation.evidence.all())
    if not innovations and not evidence:
        raise Http404
    labels = dict(OrganisationRole.choices)
    return {
        "organisation": organisation,
        "innovations": innovations,
        "evidence": evidence,
        "roles": [labels[role] for role in organisation.roles if role in labels],
    }
