"""The two sides of a replication: who took it up, who carries the original."""

import pghistory
from django.db import models

from essaimage.models.replication import Replication
from essaimage.models.words import Side, Verdict


# The address is kept out of the history: it goes when it no longer serves. When mails left would
# fill it for nothing.
@pghistory.track(exclude=["email", "served_at", "published_told_at"])
class Party(models.Model):
    """One side, and what it says of the replication. No account is needed: it answers by links."""

    replication = models.ForeignKey(Replication, on_delete=models.CASCADE, related_name="parties")
    side = models.CharField("côté", max_length=12, choices=Side)
    organisation = models.CharField("structure", max_length=200, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    is_declarer = models.BooleanField("a déclaré la reprise", default=False)
    email_confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    verdict = models.CharField(
        "ce qu’elle en dit", max_length=12, choices=Verdict, blank=True, default=Verdict.NONE
    )
    note = models.TextField("en quoi", blank=True)
    note_read_at = models.DateTimeField(
        "motif relu le",
        null=True,
        blank=True,
        help_text="Vide : la page publique dit l’avis, pas encore son motif.",
    )
    asked_at = models.DateTimeField("interrogée le", null=True, blank=True)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    served_at = models.DateTimeField(
        "dernier usage de l’adresse",
        null=True,
        blank=True,
        help_text="Le dernier courriel envoyé, ou le dernier lien employé.",
    )

    published_told_at = models.DateTimeField(
        "publication annoncée le",
        null=True,
        blank=True,
        help_text="À qui a déclaré la reprise.",
    )

    class Meta:
        verbose_name = "partie"
        verbose_name_plural = "parties"
        ordering = ["replication", "side"]
        constraints = [
            models.UniqueConstraint(
                fields=["replication", "side"],
                name="essaimage_party_unique",
                violation_error_message="Ce côté est déjà inscrit.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.replication} · {self.get_side_display()}"

    @property
    def name(self) -> str:
        """How a public journal calls it: its structure, or what it is."""
        return self.organisation or self.get_side_display()

    @property
    def public_note(self) -> str:
        return self.note if self.note_read_at else ""

    @property
    def is_heard(self) -> bool:
        """Whether it opened a link sent to its address: what it says is its own."""
        return self.email_confirmed_at is not None

    @property
    def may_update(self) -> bool:
        """Whether it may keep the replication up to date: not who contests that it exists."""
        return self.is_heard and self.verdict != Verdict.CONTESTED


class Purpose(models.TextChoices):
    """What a link opens: one thing."""

    DECLARE = "declarer", "Confirmer une déclaration"
    VERDICT = "se-prononcer", "Confirmer ou contester une reprise"
    FOLLOW = "suivre", "Tenir une reprise à jour"
    EVIDENCE = "resultats", "Dire ce que la reprise a donné"
    OBSTACLE = "obstacle", "Confirmer un obstacle signalé"
    INTERPRETATION = "interpretation", "Confirmer une interprétation rapportée"


class Link(models.Model):
    """A signed link sent by e-mail: it opens one thing, once, for a time; only its digest is kept.

    ``subject``: the identifier of what it opens, of the model that ``purpose`` says.
    """

    digest = models.CharField("empreinte", max_length=64, unique=True)
    purpose = models.CharField("ce qu’il ouvre", max_length=20, choices=Purpose)
    subject = models.BigIntegerField("objet")
    created_at = models.DateTimeField("envoyé le", auto_now_add=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    used_at = models.DateTimeField("employé le", null=True, blank=True)

    class Meta:
        verbose_name = "lien envoyé"
        verbose_name_plural = "liens envoyés"
        indexes = [models.Index(fields=["purpose", "subject"], name="essaimage_link_subject")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} n° {self.subject}"
