"""Rows read for a screen, without what someone had removed: they are in no table, and a search
of the tables does not find them."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from partners.connectors import RawRow
from partners.identity import Identifier
from partners.mapping.record import map_rows
from partners.mapping.rules import MappingError, Rule, parse
from partners.models import Source
from partners.suppression import Suppressions

log = logging.getLogger(__name__)


def shown(source: Source, rows: Sequence[RawRow]) -> list[RawRow]:
    """The rows without the removed data, nor those of removed records as far as they are
    recognised by the source's mapping. Raises ``SuppressionKeyLost``."""
    listed = Suppressions.load()
    try:
        rules = parse(source.mapping)
    except MappingError:
        # It is being written.
        rules = []
    identifier = Identifier(source, rules)
    clean = [_redacted(row, listed) for row in rows]
    if not listed.has_records:
        return clean
    return [row for row in clean if not _is_hidden(row, source, identifier, listed)]


def _redacted(row: RawRow, listed: Suppressions) -> RawRow:
    return replace(
        row,
        data=listed.redact(row.data)[0],
        url=str(listed.redact(row.url)[0]),
        external_id=listed.identifier(row.external_id) if row.external_id else row.external_id,
    )


def _is_hidden(row: RawRow, source: Source, identifier: Identifier, listed: Suppressions) -> bool:
    url, title, porteur = _named(identifier.rules, row, source)
    name = listed.identifier(identifier.of(row))
    return listed.hides(source.slug, name, url or row.url, title, porteur)


def _named(rules: Sequence[Rule], row: RawRow, source: Source) -> tuple[str, str, str]:
    """(page, title, porteur) as the rules say them; empty when they cannot digest the row."""
    try:
        mapped = map_rows(rules, [row.data], base=source.url, url=row.url)
    except Exception:
        log.exception("Échantillon de %s, %s", source.slug, row.position)
        return "", "", ""
    return mapped.url, mapped.title, mapped.porteur
