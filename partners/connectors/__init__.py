"""Connectors by kind: to add one, write its file and name its class here."""

from collections.abc import Mapping
from typing import Any

from carrefour.http import Fetcher
from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.ckan import CkanConnector
from partners.connectors.dataset import DatasetConnector
from partners.connectors.feed import FeedConnector
from partners.connectors.html import HtmlConnector
from partners.connectors.json import JsonConnector
from partners.connectors.jsonld import JsonLdConnector
from partners.connectors.markdown import MarkdownConnector
from partners.connectors.oaipmh import OaiPmhConnector
from partners.connectors.proposals import ProposalsConnector
from partners.connectors.spreadsheet import SpreadsheetConnector
from partners.connectors.udata import UdataConnector
from partners.connectors.wordpress import WordPressConnector
from partners.connectors.xml import XmlConnector

CONNECTORS: dict[str, type[Connector]] = {
    connector.kind: connector
    for connector in (
        SpreadsheetConnector,
        JsonConnector,
        WordPressConnector,
        FeedConnector,
        OaiPmhConnector,
        HtmlConnector,
        XmlConnector,
        JsonLdConnector,
        MarkdownConnector,
        UdataConnector,
        CkanConnector,
        DatasetConnector,
        ProposalsConnector,
    )
}

# Read by the harvest itself, whatever the connector (partners/identity.py).
COMMON_OPTIONS = {
    "group_by": "Colonne dont chaque valeur est une fiche : ses lignes en sont les lieux.",
}


def connect(kind: str, url: str, options: Mapping[str, Any], fetcher: Fetcher) -> Connector:
    """The connector of a source. Raises ``SourceError`` for an unknown kind or option."""
    if kind not in CONNECTORS:
        known = ", ".join(CONNECTORS)
        raise SourceError("connecteur", f"Connecteur inconnu : « {kind} ». Connus : {known}.")
    known_options = {**COMMON_OPTIONS, **CONNECTORS[kind].option_help}
    unknown = [name for name in options if name not in known_options]
    if unknown:
        raise SourceError(
            "option", f"Option inconnue du connecteur « {kind} » : {', '.join(sorted(unknown))}."
        )
    return CONNECTORS[kind](url, options, fetcher)


__all__ = ["COMMON_OPTIONS", "CONNECTORS", "Connector", "RawRow", "SourceError", "connect"]
