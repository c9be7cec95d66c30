"""Trying an address before any source exists: what it is, what it would give."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from typing import Any, cast

from carrefour.french import counted
from carrefour.http import Access, Fetcher, FetchError
from innovations.licences import Licence
from partners.connectors import Connector, RawRow, SourceError, connect
from partners.detection import Detected, detect
from partners.harvest import Harvest, Progress
from partners.mapping.proposal import Proposal, propose
from partners.mapping.rules import MappingError
from partners.models import RecordType, Source
from partners.reports import Report

# Rows that a proposal looks at, and those among which they are taken.
SAMPLE = 400
READ_AHEAD = 2_000
# Each row of these is a page to ask for.
PAGE_BY_PAGE = {"html", "jsonld"}
FEW = 25
GIVEN = "(donné par le format)"
# Without a limit given, an API is not read to its end only to be tried.
MOST = 1_000


class Begun:
    """A connector whose first rows were read already: they are given again, then the others."""

    def __init__(self, read: Connector, first: Sequence[RawRow], rest: Iterator[RawRow]) -> None:
        self._read = read
        self._first = first
        self._rest = rest

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        return chain(self._first, self._rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._read, name)


def try_address(  # noqa: PLR0913 - each is a separate choice of who tries
    url: str,
    *,
    connector: str = "",
    options: dict[str, Any] | None = None,
    mapping: list[dict[str, Any]] | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
    access: Access | None = None,
) -> Report:
    """Read an address, propose what is not given, and tell what a harvest would do.

    Writes nothing. Never raises for what the address can do wrong: ``report.problem`` says it.
    Without ``limit`` a document is read whole, an API or a site up to a bound that is told.
    """
    report = Report(connector=connector)
    try:
        with Fetcher(access=access) as fetcher:
            found = detect(url, fetcher, connector)
            report.alternatives = [brief(other) for other in found.alternatives]
            if found.needs_access and access is None:
                report.connector, report.needs_access = found.connector, True
                report.problem = " ".join(found.warnings)
                return report
            return _tried(found, {**found.options, **(options or {})}, mapping, fetcher,
                          _Bounds(limit, progress), report)  # fmt: skip
    except (FetchError, SourceError, MappingError) as error:
        report.problem = getattr(error, "message", str(error))
        return report


class _Bounds:
    """How far a trial goes, and who follows it."""

    def __init__(self, limit: int | None, progress: Progress | None) -> None:
        self.limit = limit
        self.progress = progress

    def of(self, connector: Connector) -> int | None:
        if self.limit is not None or connector.is_one_document:
            return self.limit
        return FEW if is_page_by_page(connector) else MOST


def _tried(
    found: Detected,
    options: dict[str, Any],
    mapping: list[dict[str, Any]] | None,
    fetcher: Fetcher,
    bounds: _Bounds,
    report: Report,
) -> Report:
    read = connect(found.connector, found.url, options, fetcher)
    # A generator left in the midst holds its document open.
    with closing(_closable(read.rows())) as rows:
        sample, begun = sampled(read, rows, bounds.limit)
        proposal = Proposal(mapping) if mapping else propose(sample, found.connector)
        options = _grouped(options, proposal, read)
        source = unsaved_source(found.url, found.connector, options, proposal.mapping)
        report.connector, report.options = found.connector, options
        report.url, report.rules = found.url, proposal.mapping
        work = Harvest(source, None, report)
        work.connector, work.progress = begun, bounds.progress
        work.limit = bounds.of(read)
        work.carry_out()
    report.confidence = min(found.confidence, proposal.confidence)
    _tell_given(report, sample)
    for warning in [*found.warnings, *proposal.warnings]:
        report.warn(warning)
    if work.reading.is_limited and bounds.limit is None:
        report.warn(
            f"Essai arrêté après {counted(work.limit or 0, 'ligne')} : un moissonnage les lira "
            "toutes."
        )
    return report


def _grouped(options: dict[str, Any], proposal: Proposal, read: Connector) -> dict[str, Any]:
    """The options with the column that gathers the rows of a project, when it is not told."""
    identifier = proposal.by_target().get("external_id", {}).get("path")
    # A connector that waits for all the rows gathers those of one identifier by itself.
    is_done = read.several_rows_per_record and proposal.group_by == identifier
    if not proposal.group_by or is_done or "group_by" in options:
        return options
    return {**options, "group_by": proposal.group_by}


def _tell_given(report: Report, sample: Sequence[RawRow]) -> None:
    """What the format itself says of each row needs no column, and is told all the same."""
    for target in ("external_id", "url"):
        if target not in report.mapping and sample and all(getattr(r, target) for r in sample):
            report.mapping[target] = {"path": GIVEN, "confidence": 0.95}


def sampled(
    connector: Connector, rows: Iterator[RawRow], limit: int | None = None
) -> tuple[list[RawRow], Connector]:
    """Rows that show what the source holds, and the connector that gives all of them again.

    A document is looked at further than its first rows, which are often of one kind.
    """
    ahead = READ_AHEAD if connector.is_one_document else SAMPLE
    ahead = FEW if is_page_by_page(connector) else ahead
    first = list(islice(rows, min(ahead, limit or ahead)))
    told = [row for row in first if not row.is_deleted]
    half = SAMPLE // 2
    later = told[half:]
    sample = told[:half] + later[:: max(1, len(later) // half)]
    return sample[:SAMPLE], cast(Connector, Begun(connector, first, rows))


def try_rows(
    source: Source, rows: Iterable[RawRow], *, several_rows_per_record: bool = False
) -> Report:
    """What the source's mapping makes of rows already read; asks nothing and writes nothing."""
    given = list(rows)
    connector = Connector(source.url, {}, Fetcher())
    connector.several_rows_per_record = several_rows_per_record
    connector.expected = len(given)
    report = Report(connector=source.connector, source=source.slug)
    work = Harvest(source, None, report)
    work.connector = cast(Connector, Begun(connector, given, iter(())))
    work.carry_out()
    return report


def is_page_by_page(connector: Connector) -> bool:
    """Whether each row costs a request."""
    return connector.kind in PAGE_BY_PAGE or bool(connector.options.get("full_article"))


def brief(found: Detected) -> dict[str, Any]:
    """Another way to read the address, in the report."""
    return {
        "connector": found.connector,
        "url": found.url,
        "options": found.options,
        "confidence": round(found.confidence, 2),
    }


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


def _closable(rows: Iterator[RawRow]) -> Any:
    """The rows as a generator, whatever the connector gives."""
    return (row for row in rows) if not hasattr(rows, "close") else rows
