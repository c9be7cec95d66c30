"""What lets others reproduce an innovation (« montée en généralité » of the CGET study, 2017)."""

import pghistory
from django.db import models

from innovations.models.innovation import Innovation


@pghistory.track()
class Reproduction(models.Model):
    innovation = models.OneToOneField(
        Innovation, on_delete=models.CASCADE, primary_key=True, related_name="reproduction"
    )
    need = models.TextField("besoin auquel le projet répond", blank=True)
    core = models.TextField("cœur du concept", blank=True)
    adaptation_margin = models.TextField("marge d’adaptation", blank=True)
    success_conditions = models.TextField("conditions de réussite", blank=True)
    duplication_conditions = models.TextField("conditions de duplication", blank=True)
    context = models.TextField("contexte qui l’a rendu possible", blank=True)
    means = models.TextField("moyens : budget, équipe, partenaires, locaux, données", blank=True)
    porteur_dependence = models.TextField("dépendance au premier porteur", blank=True)
    singularity = models.TextField("ce qui tenait à des circonstances singulières", blank=True)
    obstacles = models.TextField("obstacles rencontrés", blank=True)
    lessons = models.TextField("enseignements, échecs compris", blank=True)
    impact_evidence = models.TextField("preuves d’impact et manière de les mesurer", blank=True)

    class Meta:
        verbose_name = "éléments pour reproduire"
        verbose_name_plural = "éléments pour reproduire"

    def __str__(self) -> str:
        return f"Pour reproduire : {self.innovation_id}"

    @classmethod
    def text_fields(cls) -> list[models.TextField]:
        """The twelve text fields, in the order in which they are shown."""
        return [f for f in cls._meta.concrete_fields if isinstance(f, models.TextField)]
