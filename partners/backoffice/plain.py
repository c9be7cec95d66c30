"""What went wrong in reading a source, for someone who knows nothing of the Web's protocols: what
happened, then what to do."""

from urllib.parse import urlsplit

from carrefour.http import FetchError
from partners.connectors import SourceError
from partners.deposits import Unreadable

# By ``FetchError.code``; the message itself is for those who run the Carrefour.
FETCHING = {
    "adresse-invalide": (
        "Cette adresse n’est pas celle d’une page web. Ouvrez la page dans votre navigateur, puis "
        "copiez l’adresse de sa barre : elle commence par https://."
    ),
    "adresse-interdite": (
        "Cette adresse est interne ou réservée : le Carrefour ne lit que des sites publics. "
        "Demandez au partenaire une adresse que tout le monde peut ouvrir."
    ),
    "robots": (
        "Le site demande aux programmes de ne pas lire cette adresse, et le Carrefour respecte ce "
        "choix. Demandez au partenaire de l’autoriser, ou un fichier à déposer."
    ),
    "introuvable": (
        "Cette page n’existe pas, ou plus. Ouvrez l’adresse dans votre navigateur pour la "
        "vérifier, ou demandez la bonne au partenaire."
    ),
    "acces-refuse": (
        "Le site refuse que nous lisions cette adresse. Demandez au partenaire un accès, ou "
        "d’autoriser le Carrefour."
    ),
    "trop-de-requetes": (
        "Le site reçoit trop de demandes pour l’instant. Réessayez dans quelques minutes."
    ),
    "serveur": (
        "Le site est en panne ou surchargé : cela ne vient pas de vous. Réessayez plus tard ; si "
        "cela dure, prévenez le partenaire."
    ),
    "statut": (
        "Le site a donné une réponse que nous ne savons pas lire. Vérifiez l’adresse dans votre "
        "navigateur, puis demandez au partenaire si elle est la bonne."
    ),
    "trop-gros": (
        "Ce document est trop volumineux pour être lu. Demandez au partenaire une adresse qui ne "
        "donne que les fiches, sans leurs images."
    ),
    "encodage": (
        "Le site envoie ce document sous une forme que nous ne savons pas ouvrir. Demandez au "
        "partenaire un fichier CSV ou XLSX, puis déposez-le."
    ),
    "contenu": (
        "Ce document ne se lit pas jusqu’au bout : il est abîmé, ou ce n’est pas ce que l’adresse "
        "annonce. Ouvrez-la dans votre navigateur pour voir ce qu’elle donne."
    ),
    "tronque": (
        "Le site s’est interrompu avant la fin. Réessayez ; si cela dure, prévenez le partenaire."
    ),
    "delai": (
        "Le site n’a pas répondu à temps. Réessayez dans quelques minutes ; si cela dure, "
        "prévenez le partenaire."
    ),
    "injoignable": (
        "Aucun site ne répond à cette adresse. Vérifiez qu’elle est bien écrite et qu’elle "
        "s’ouvre dans votre navigateur."
    ),
    "certificat": (
        "La connexion sécurisée à ce site n’est pas sûre : son certificat est périmé, ou n’est "
        "pas à son nom. Prévenez le partenaire : c’est à lui de le renouveler."
    ),
    "trop-de-redirections": (
        "Cette adresse renvoie sans fin d’une page à l’autre. Ouvrez-la dans votre navigateur, "
        "puis copiez l’adresse à laquelle vous arrivez."
    ),
}
# By ``SourceError.code``, after its message: what to do.
READING = {
    "format": "Laissez le Carrefour reconnaître ce que c’est, ou donnez l’adresse d’un fichier.",
    "vide": "Vérifiez l’adresse ou le fichier : il s’y trouve peut-être une autre liste.",
    "option": "Effacez ce réglage pour que le Carrefour cherche seul.",
    "selecteur": "Effacez ce réglage pour que le Carrefour cherche seul.",
    "plan": "Donnez plutôt l’adresse de la page où sont listées les fiches.",
    "archive": "Demandez au partenaire une archive zip qui s’ouvre sur votre ordinateur.",
    "trop-gros": "Demandez au partenaire un fichier plus léger, sans les images.",
}

# What the messages that already say what to do hold.
IMPERATIVES = ("nregistrez", "emandez", "onnez", "hoisissez", "érifiez", "ffacez", "ites")


def plain(error: FetchError | SourceError | Unreadable, asked: str = "") -> str:
    """One or two French sentences; the address at fault, when it is not the one ``asked``."""
    if isinstance(error, FetchError):
        return _fetching(error, asked)
    message = error.message
    advice = READING.get(error.code) if isinstance(error, SourceError) else None
    return f"{message} {advice}" if advice and not _advises(message) else message


def _fetching(error: FetchError, asked: str) -> str:
    said = FETCHING.get(error.code, error.message)
    if error.code == "trop-de-requetes" and error.status is None:
        # Our own pace, told with the site and the time to wait.
        return error.message
    if not asked or not error.url or _is_same(error.url, asked):
        return said
    return f"{said} Adresse en cause : {error.url.partition('?')[0]}"


def _advises(message: str) -> bool:
    return any(
        word in message for word in ("nregistrez", "emandez", "onnez", "hoisissez", "érifiez")
    )


def _is_same(url: str, asked: str) -> bool:
    """Whether it is the same page; what a site tells robots is asked before any of its pages."""
    one, other = urlsplit(url), urlsplit(asked)
    if one.netloc != other.netloc:
        return False
    return one.path == "/robots.txt" or one.path.rstrip("/") == other.path.rstrip("/")
