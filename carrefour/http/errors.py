"""What can go wrong on the network, as a code for programs and a French sentence for people."""


class FetchError(Exception):
    """An address that could not be read. ``code`` is stable, ``message`` is a French sentence.

    Codes: adresse-invalide, adresse-interdite, robots, introuvable, acces-refuse,
    trop-de-requetes, serveur, statut, trop-gros, encodage, delai, injoignable, certificat,
    trop-de-redirections.
    """

    def __init__(
        self, code: str, message: str, *, url: str = "", status: int | None = None
    ) -> None:
        self.code = code
        self.message = message
        self.url = url
        self.status = status
        super().__init__(message)


class NotModified(Exception):
    """The document is the one read last time (HTTP 304)."""
