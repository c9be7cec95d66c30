"""Licences a partner may publish under, and which of them make a record open data."""

from django.db import models


class Licence(models.TextChoices):
    ETALAB = "etalab-2.0", "Licence Ouverte 2.0 (Etalab)"
    ODBL = "odbl-1.0", "ODbL 1.0"
    CC0 = "cc0-1.0", "Creative Commons Zéro 1.0 (domaine public)"
    CC_BY = "cc-by-4.0", "Creative Commons Attribution 4.0"
    CC_BY_SA = (
        "cc-by-sa-4.0",
        "Creative Commons Attribution – Partage dans les mêmes conditions 4.0",
    )
    CC_BY_NC = "cc-by-nc-4.0", "Creative Commons Attribution – Pas d’utilisation commerciale 4.0"
    ALL_RIGHTS = "tous-droits", "Tous droits réservés"
    UNKNOWN = "inconnue", "Licence non précisée"

    @property
    def is_open(self) -> bool:
        """Whether anyone may reuse the text for any purpose (Open Definition 2.1)."""
        return self in OPEN

    @property
    def url(self) -> str:
        return URLS.get(self, "")


OPEN = {Licence.ETALAB, Licence.ODBL, Licence.CC0, Licence.CC_BY, Licence.CC_BY_SA}
URLS = {
    Licence.ETALAB: "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
    Licence.ODBL: "https://opendatacommons.org/licenses/odbl/1-0/",
    Licence.CC0: "https://creativecommons.org/publicdomain/zero/1.0/deed.fr",
    Licence.CC_BY: "https://creativecommons.org/licenses/by/4.0/deed.fr",
    Licence.CC_BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/deed.fr",
    Licence.CC_BY_NC: "https://creativecommons.org/licenses/by-nc/4.0/deed.fr",
}
