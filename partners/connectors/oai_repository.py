"""The OAI-PMH 2.0 protocol: one repository, its verbs, its errors."""

import datetime
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from carrefour.http import Fetcher
from partners.connectors.base import SourceError, asked_since
from partners.connectors.safe_xml import name_of, parse, text_of

# Dublin Core with its refinements says more (places, abstracts) under the same names.
PREFERRED = ("oai_qdc", "qdc", "dcterms", "oai_dcterms", "oai_dc")
TOLD = {
    "badArgument": "L’entrepôt refuse la demande",
    "cannotDisseminateFormat": "L’entrepôt ne donne pas ce format de métadonnées",
    "noSetHierarchy": "L’entrepôt n’a pas d’ensembles",
}


class ExpiredToken(Exception):
    """The repository does not know this resumption token, or no longer."""


class Repository:
    """Asks one repository; ``damaged`` is called when an answer could be read in part only."""

    def __init__(self, url: str, fetcher: Fetcher, damaged: Callable[[], None]) -> None:
        parts = urlsplit(url)
        self.url = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        self.fetcher = fetcher
        self.damaged = damaged

    def ask(self, verb: str, params: dict[str, str]) -> etree._Element:
        """The answer's root; « nothing matches » is an answer without records.

        Raises ``ExpiredToken``, ``SourceError`` for the other errors, ``FetchError``.
        """
        fetched = self.fetcher.get(self.url, params={"verb": verb, **params})
        root, is_sound = parse(fetched.content)
        if name_of(root) != "OAI-PMH":
            raise SourceError("format", "Ce n’est pas un entrepôt OAI-PMH.")
        if not is_sound:
            self.damaged()
        error = root.find("{*}error")
        code = error.get("code", "") if error is not None else ""
        if code == "badResumptionToken":
            raise ExpiredToken
        if error is not None and code != "noRecordsMatch":
            told = TOLD.get(code, f"L’entrepôt répond par une erreur ({code})")
            raise SourceError("entrepot", f"{told} : {text_of(error)[:200] or verb}.")
        return root

    def best_prefix(self) -> str:
        """The most telling format that the repository lists."""
        try:
            root = self.ask("ListMetadataFormats", {})
        except SourceError:
            return "oai_dc"
        listed = [text_of(p) for p in root.iterfind(".//{*}metadataPrefix")]
        return next((p for p in PREFERRED if p in listed), listed[0] if listed else "oai_dc")

    def stamp(self, moment: datetime.datetime) -> str:
        """Since when to ask so as to miss nothing after ``moment`` (aware), at the repository's own
        granularity, in UTC."""
        root = self.ask("Identify", {})
        if "hh" in text_of(root.find(".//{*}granularity")).lower():
            return asked_since(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
        return asked_since(moment, by_day=True).strftime("%Y-%m-%d")
