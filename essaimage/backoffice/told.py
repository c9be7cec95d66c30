"""What the pages of the essaimage tell staff in the same words."""

from django.contrib import messages
from django.http import HttpRequest

from essaimage import editing, personal
from essaimage.models import Replication
from essaimage.personal import Noticed


def looked_at(replication: Replication) -> list[tuple[str, Noticed]]:
    """(name of the field, what looks like someone's own data) of all that it says."""
    said = personal.noticed(editing.values(replication))
    return [(editing.label_of(one.field), one) for one in said]


def warn(request: HttpRequest, replication: Replication) -> None:
    """What staff write is public at once: told when it looks like someone's own data."""
    for label, one in looked_at(replication):
        messages.warning(
            request,
            f"« {label} » semble contenir une donnée personnelle : {one.kind} "
            f"({one.excerpt}). Retirez-la si elle est celle d’une personne.",
        )
