"""How a source lets us in: its secret is stored encrypted, and never shown again."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models


class CredentialKind(models.TextChoices):
    HEADER = "en-tete", "Clé dans un en-tête"
    QUERY = "parametre", "Clé dans l’adresse (paramètre)"
    BEARER = "jeton", "Jeton (Bearer)"
    BASIC = "basique", "Nom et mot de passe (Basic)"
    OAUTH2 = "oauth2", "OAuth2 (identifiants de client)"


@pghistory.track(exclude=["secret"])
class Credential(models.Model):
    """What a source asks for. ``name`` is the header, the parameter, the user or the client id."""

    source = models.OneToOneField(
        "partners.Source",
        on_delete=models.CASCADE,
        related_name="credential",
        verbose_name="source",
    )
    kind = models.CharField("nature", max_length=12, choices=CredentialKind)
    name = models.CharField("nom", max_length=200, blank=True)
    secret = models.TextField("secret (chiffré)", editable=False)
    token_url = models.URLField("adresse des jetons", max_length=1000, blank=True)
    scope = models.CharField("portée", max_length=300, blank=True)
    updated_at = models.DateTimeField("changé le", auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="changé par",
    )

    class Meta:
        verbose_name = "identifiants d’accès"
        verbose_name_plural = "identifiants d’accès"
        ordering: ClassVar = ["source"]

    def __str__(self) -> str:
        return f"{self.source} – {self.get_kind_display()}"
