"""The public actors of a replication, as staff write them; what is taken away stays in history."""

from typing import Any

import pghistory
from django.db import transaction

from essaimage.models import PublicActor, Replication


def write(actor: PublicActor, *, author: Any) -> None:
    """Add or change one. Raises ``ValidationError``."""
    motif = "Acteur public modifié" if actor.pk else "Acteur public ajouté"
    with transaction.atomic(), pghistory.context(user=author.pk, motif=motif):
        # Two who add the same at once: the second is told, by the form's own check.
        Replication.objects.select_for_update().get(pk=actor.replication_id)
        actor.full_clean()
        actor.save()


def remove(actor: PublicActor, *, author: Any) -> None:
    with transaction.atomic(), pghistory.context(user=author.pk, motif="Acteur public retiré"):
        actor.delete()
