"""What can go wrong on the network, as a code for programs and a French sentence for people."""

import ssl

import httpx
import ssrfguard


class FetchError(Exception):
    """An address that could not be read. ``code`` is stable, ``message`` is a French sentence.

    Codes: adresse-invalide, adresse-interdite, robots, introuvable, acces-refuse,
    trop-de-requetes, serveur, statut, trop-gros, encodage, contenu, tronque, delai, injoignable,
    certificat, trop-de-redirections.
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


class Truncated(Exception):
    """A body that ended before its end: worth asking again, else told as « tronque »."""


def status_error(status: int, url: str) -> FetchError:
    """What a status that is no success means, for people."""
    if status in {404, 410}:
        code, message = "introuvable", f"Le site répond que cette page n’existe pas ({status})"
    elif status in {401, 403, 407, 451}:
        code, message = "acces-refuse", f"Le site refuse l’accès ({status})"
    elif status == 429:
        code, message = "trop-de-requetes", "Le site demande de patienter plus longtemps (429)"
    elif status >= 500:
        code, message = "serveur", f"Le site est en panne ou surchargé ({status})"
    else:
        code, message = "statut", f"Réponse inattendue du site ({status})"
    return FetchError(code, f"{message} : {url}", url=url, status=status)


def told(error: Exception, url: str) -> FetchError:
    """What a failure of the network or of the guard means, for people."""
    if isinstance(error, ssrfguard.SSRFGuardError):
        return FetchError(
            "adresse-interdite",
            f"Adresse interne ou réservée, refusée par sécurité : {url} (pour un essai local, "
            "nommez la machine dans CARREFOUR_HARVEST_ALLOW_HOSTS)",
            url=url,
        )
    code, message = _network(error)
    return FetchError(code, f"{message} : {url}", url=url)


def _network(error: Exception) -> tuple[str, str]:
    if isinstance(error, httpx.TimeoutException):
        return "delai", "Le site n’a pas répondu à temps"
    if isinstance(error, Truncated):
        return "tronque", "La réponse s’est interrompue avant la fin"
    if _is_certificate(error):
        return "certificat", "Le certificat du site n’est pas valable"
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return "adresse-invalide", "Adresse invalide"
    return "injoignable", "Le site est injoignable"


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
