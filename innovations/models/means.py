"""The means of an innovation, one by one: what a repreneur must gather."""

from django.db import models

from innovations.models.innovation import Innovation


class Means(models.Model):
    """Written by composition from the staff's words; partners tell their means in one text."""

    innovation = models.OneToOneField(
        Innovation, on_delete=models.CASCADE, primary_key=True, related_name="means"
    )
    budget = models.TextField("budget", blank=True)
    staff = models.TextField("équipe", blank=True)
    partners = models.TextField("partenaires mobilisés", blank=True)
    premises = models.TextField("locaux", blank=True)
    data = models.TextField("données", blank=True)

    class Meta:
        verbose_name = "moyens"
        verbose_name_plural = "moyens"

    def __str__(self) -> str:
        return f"Moyens : {self.innovation_id}"
