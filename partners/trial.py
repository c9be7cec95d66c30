"""Trying an address before any source exists: what it is, what it would give."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from carrefour.http import Fetcher, FetchError
from innovations.licences import Licence
from partners.connectors import Connector, RawRow, SourceError, connect
from partners.detection import detect
from partners.harvest import Harvest, Progress
from partners.mapping.proposal import Proposal, propose
from partners.models import RecordType, Source
from partners.reports import Report

SAMPLE = 400


class Replay(Connector):
    """Rows already read, in place of the connector that read them."""

    kind = "rows"

    def __init__(self, read: Connector, rows: list[RawRow]) -> None:
        super().__init__(read.url, {}, read.fetcher)
        self._rows = rows
        self.expected = len(rows)
        self.warnings = read.warnings
        self.several_rows_per_record = read.several_rows_per_record

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        yield from self._rows


def try_address(
    url: str,
    *,
    connector: str = "",
    options: dict[str, Any] | None = None,
    mapping: list[dict[str, Any]] | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Read an address, propose what is not given, and tell what a harvest would do.

    Writes nothing. Never raises for what the address can do wrong: ``report.problem`` says it.
    """
    report = Report(connector=connector)
    try:
        with Fetcher() as fetcher:
            found = detect(url, fetcher, connector)
            chosen = {**found.options, **(options or {})}
            read = connect(found.connector, found.url, chosen, fetcher)
            rows = list(islice(read.rows(), limit))
            proposal = Proposal(mapping) if mapping else propose(rows[:SAMPLE], found.connector)
            source = unsaved_source(found.url, found.connector, chosen, proposal.mapping)
            report = Report(connector=found.connector)
            work = Harvest(source, None, report)
            work.connector, work.progress = Replay(read, rows), progress
            work.carry_out()
    except (FetchError, SourceError) as error:
        report.problem = error.message
        return report
    report.confidence = min(found.confidence, proposal.confidence)
    for warning in [*found.warnings, *proposal.warnings]:
        report.warn(warning)
    return report


def unsaved_source(
    url: str, connector: str, options: dict[str, Any], mapping: list[dict[str, Any]]
) -> Source:
    return Source(
        name="essai",
        slug="essai",
        url=url,
        connector=connector,
        options=options,
        mapping=mapping,
        record_type=RecordType.INNOVATION,
        licence=Licence.UNKNOWN,
    )
