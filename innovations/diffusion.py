"""What the search knows of a record's spread; the essaimage, above, writes it (its tags)."""

from django.db import models


class DiffusionForm(models.TextChoices):
    """The four forms of the CGET study (2017, pp. 27–28), which combine."""

    PROXIMITE = "proximite", "Essaimage par effets de proximité"
    DEVELOPPEMENT = "developpement", "Développement (modèle économique)"
    RESEAUX = "reseaux", "Essaimage par les réseaux"
    GENERALISATION = (
        "generalisation",
        "Généralisation par une politique publique nationale ou locale",
    )


class Spread(models.TextChoices):
    """A replication counts as spread once it has begun somewhere new, stopped since or not."""

    YES = "oui", "Déjà reprise ailleurs"
