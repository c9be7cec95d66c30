"""What an address leads to, told by its content: which connector reads it, with which options."""

from urllib.parse import urlsplit

from carrefour.http import Fetcher, FetchError
from partners.connectors import CONNECTORS, SourceError
from partners.detection.contents import by_content
from partners.detection.detected import Detected
from partners.detection.foreign import foreign
from partners.detection.probe import Probe

UNKNOWN = (
    "Aucune liste de fiches n’y a été reconnue. Donnez la page où le partenaire présente ses "
    "projets, ou demandez-lui un fichier (CSV, XLSX) à déposer."
)
EMPTY = (
    "Il n’y a rien à lire : le document est vide. Vérifiez l’adresse dans votre navigateur, ou "
    "demandez au partenaire de le remplir."
)
PROTECTED = (
    "Cette source est protégée. Demandez au partenaire une clé, un jeton ou un mot de passe, ou "
    "vérifiez celui que vous avez donné."
)
REFUSED = (
    "Le site refuse que nous lisions cette adresse. Si elle demande une clé, un jeton ou un mot de "
    "passe, donnez-le ou vérifiez-le ; sinon, demandez au partenaire d’autoriser le Carrefour."
)


def detect(url: str, fetcher: Fetcher, connector: str = "") -> Detected:
    """What is at ``url``; ``connector`` imposes the kind, its options are still looked for.

    Puts eight questions at most. Raises ``FetchError``, or ``SourceError`` when nothing here can be
    read. A site that refuses us gives a guess whose ``needs_access`` is true.
    """
    if connector and connector not in CONNECTORS:
        raise SourceError("connecteur", f"Connecteur inconnu : « {connector} ».")
    try:
        opened = fetcher.open(url)
    except FetchError as error:
        if error.status in {401, 403, 407}:
            return _closed(url, connector, error)
        raise
    with opened:
        if not opened.file.read(1):
            raise SourceError("vide", EMPTY)
        if document := foreign(opened.file):
            raise SourceError("format", document)
        found = by_content(opened, Probe(fetcher))
    usable = sorted((f for f in found if f.is_usable), key=lambda f: -f.confidence)
    if connector:
        return _imposed(connector, url, usable)
    if not usable:
        raise SourceError("format", UNKNOWN)
    best = usable[0]
    best.alternatives = [f for f in usable[1:] if f.reading != best.reading]
    return best


def _imposed(connector: str, url: str, found: list[Detected]) -> Detected:
    chosen = next((f for f in found if f.connector == connector), None)
    best = chosen or Detected(connector, url, confidence=0.7)
    best.alternatives = [f for f in found if f is not best]
    return best


def _closed(url: str, connector: str, error: FetchError) -> Detected:
    """The site wants to know who asks: what the address itself says is all there is."""
    path = urlsplit(url).path.lower()
    guess = "json"
    for kind, marks in {
        "wordpress": ("/wp-json",),
        "oaipmh": ("oai",),
        "feed": ("rss", "feed", "atom"),
        "spreadsheet": (".csv", ".xlsx", ".ods", ".xls"),
    }.items():
        if any(mark in path for mark in marks):
            guess = kind
            break
    said = REFUSED if error.status == 403 else PROTECTED
    return Detected(connector or guess, url, confidence=0.2, warnings=[said], needs_access=True)


__all__ = ["Detected", "detect"]
