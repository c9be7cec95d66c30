"""Connectors by kind: to add one, write its file and name its class here."""

from collections.abc import Mapping
from typing import Any

from carrefour.http import Fetcher
from partners.connectors.base import Connector, RawRow, SourceError
from partners.connectors.dataset import DatasetConnector
from partners.connectors.feed import FeedConnector
from partners.connectors.json import JsonConnector
from partners.connectors.spreadsheet import SpreadsheetConnector
from partners.connectors.wordpress import WordPressConnector

CONNECTORS: dict[str, type[Connector]] = {
    connector.kind: connector
    for connector in (
        SpreadsheetConnector,
        JsonConnector,
        WordPressConnector,
        FeedConnector,
        DatasetConnector,
    )
}


def connect(kind: str, url: str, options: Mapping[str, Any], fetcher: Fetcher) -> Connector:
    """The connector of a source. Raises ``SourceError`` for an unknown kind or option."""
    if kind not in CONNECTORS:
        known = ", ".join(CONNECTORS)
        raise SourceError("connecteur", f"Connecteur inconnu : « {kind} ». Connus : {known}.")
    unknown = [name for name in options if name not in CONNECTORS[kind].option_help]
    if unknown:
        raise SourceError(
            "option", f"Option inconnue du connecteur « {kind} » : {', '.join(sorted(unknown))}."
        )
    return CONNECTORS[kind](url, options, fetcher)


__all__ = ["CONNECTORS", "Connector", "RawRow", "SourceError", "connect"]
