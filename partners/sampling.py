"""The first rows of a source, read once and kept for half an hour: what the mapping editor and
the preview work on, so that nobody is asked again at each keystroke."""

import datetime
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from carrefour.http import Fetcher, FetchError
from partners.connectors import Connector, RawRow, SourceError, connect
from partners.harvest import Harvest
from partners.models import Frequency, Source
from partners.reaching import reach_at_once
from partners.reports import Report
from partners.sample_erasure import shown
from partners.suppression import KEY_LOST, SuppressionKeyLost, keep_objections_waiting

ROWS = 200
# Someone waits before a screen; a slow site gives fewer rows.
SECONDS = 15.0
KEPT = datetime.timedelta(minutes=30)


@dataclass(frozen=True)
class Sample:
    """The rows read, how many the source announces (None when it does not say), whether these are
    all, and the connector's remarks. ``asked`` tells what was read, in the cache."""

    rows: list[RawRow]
    expected: int | None
    is_whole: bool
    several_rows_per_record: bool
    read_at: datetime.datetime
    warnings: list[str] = field(default_factory=list)
    asked: str = ""

    @property
    def data(self) -> list[dict[str, Any]]:
        return [row.data for row in self.rows]

    @property
    def announced(self) -> int | None:
        """How many rows the source holds, as far as is known."""
        return len(self.rows) if self.is_whole else self.expected


class Kept(Connector):
    """Rows read before, in place of the connector that read them."""

    kind = "echantillon"

    def __init__(self, source: Source, sample: Sample, fetcher: Fetcher) -> None:
        super().__init__(source.url, {}, fetcher)
        self._rows = sample.rows
        self.several_rows_per_record = sample.several_rows_per_record

    def rows(self, *, resume: Any = None, since: Any = None) -> Iterator[RawRow]:
        yield from self._rows


def sample_of(source: Source, *, again: bool = False) -> Sample:
    """The source's first rows, from the cache unless ``again``.

    Raises ``FetchError`` or ``SourceError``.
    """
    kept = None if again else kept_sample(source)
    return kept or keep(source, _read(source))


def kept_sample(source: Source) -> Sample | None:
    """The rows kept in the cache, if any; asks nothing of the source."""
    found: Sample | None = cache.get(_cache_name(source))
    if found is None or found.asked != _asked(source):
        return None
    with suppress(SourceError):
        # Searched again: someone may have objected since.
        return _without_removed(source, found)
    return None


def keep(source: Source, sample: Sample) -> Sample:
    """Put the sample in the cache, without what someone had removed; returns what is kept.

    Raises ``SourceError`` when the suppression list cannot be read.
    """
    with transaction.atomic():
        # An objection applied at this very moment comes after, and forgets the sample.
        keep_objections_waiting()
        clean = replace(_without_removed(source, sample), asked=_asked(source))
        cache.set(_cache_name(source), clean, KEPT.total_seconds())
    return clean


def forget_samples() -> None:
    """Take all samples out of the cache: one of them may hold what is being removed."""
    cache.delete_many([_cache_name(source) for source in Source.objects.only("pk")])


def received(source: Source) -> Sample | None:
    """The rows received by the last harvests; None when there are none. Asks nothing of anyone."""
    records = source.records.present().order_by("-seen_at", "-pk")[:ROWS]
    held = [
        RawRow(data=data, position="", external_id=record.external_id, url=record.page)
        for record in records.only("raw", "external_id", "page", "source_id", "seen_at")
        for data in record.raw
        if isinstance(data, dict)
    ]
    if not held:
        return None
    return Sample(
        rows=held[:ROWS],
        expected=None,
        is_whole=False,
        several_rows_per_record=True,
        read_at=records[0].seen_at,
    )


def tried(source: Source, mapping: Sequence[dict[str, Any]], sample: Sample) -> Report:
    """What the sample would become under ``mapping``; writes and asks nothing.

    Worked out as for a new source: records already received are shown too.
    """
    new = Source(
        partner=source.partner,
        name=source.name,
        slug=source.slug,
        url=source.url,
        connector=source.connector,
        mapping=list(mapping),
        options=source.options,
        record_type=source.record_type,
        licence=source.licence,
        mandatory=source.mandatory,
        publishes_directly=source.publishes_directly,
    )
    report = Report(connector=source.connector, source=source.slug)
    work = Harvest(new, None, report)
    with Fetcher() as fetcher:
        work.connector = Kept(new, sample, fetcher)
        work.carry_out()
    return report


def expected_records(sample: Sample, report: Report) -> tuple[int, int] | None:
    """How many records to expect, give or take a fifth; None when the source does not say."""
    seen = report.counts["seen"]
    if sample.announced is None or not seen:
        return None
    made = report.counts["created"] + report.counts["updated"] + report.counts["unchanged"]
    records = sample.announced * made / seen
    return (max(1, int(records * 0.8)), round(records * 1.2 + 0.5)) if records else None


def frequency_of(sample: Sample, today: datetime.date) -> Frequency:
    """How often to come back, from how often the latest rows changed; weekly when none is dated."""
    days = sorted({d for row in sample.rows if (d := _day(row.date)) and d <= today}, reverse=True)
    latest = days[:10]
    if len(latest) < 2:
        return Frequency.WEEKLY
    pace = (latest[0] - latest[-1]).days / (len(latest) - 1)
    # A source that stopped is not asked more often than its silence lasts.
    pace = max(pace, (today - latest[0]).days / 10)
    if pace <= 2:
        return Frequency.DAILY
    return Frequency.WEEKLY if pace <= 14 else Frequency.MONTHLY


def _read(source: Source) -> Sample:
    rows: list[RawRow] = []
    with reach_at_once(source) as fetcher:
        connector = connect(source.connector, source.url, source.options, fetcher)
        try:
            is_whole = _fill(rows, connector)
        except FetchError as error:
            if not rows or error.code not in {"delai", "trop-de-requetes"}:
                raise
            is_whole = False
    return Sample(
        rows=[row for row in rows if not row.is_deleted],
        expected=connector.expected,
        is_whole=is_whole,
        several_rows_per_record=connector.several_rows_per_record,
        read_at=timezone.now(),
        warnings=list(connector.warnings) if is_whole else [],
    )


def _fill(rows: list[RawRow], connector: Connector) -> bool:
    """Read the first rows; whether these are all. Raises ``FetchError``, ``SourceError``."""
    end = time.monotonic() + SECONDS
    for row in islice(connector.rows(), ROWS + 1):
        if len(rows) == ROWS or time.monotonic() > end:
            return False
        rows.append(row)
    return True


def _without_removed(source: Source, sample: Sample) -> Sample:
    try:
        return replace(sample, rows=shown(source, sample.rows))
    except SuppressionKeyLost as error:
        raise SourceError("opposition", KEY_LOST) from error


def _cache_name(source: Source) -> str:
    return f"partners.sample.{source.pk}"


def _asked(source: Source) -> str:
    """Digest of whatever changes the rows: address, connector, options, latest file."""
    latest = source.deposits.values_list("pk", flat=True).first() if source.pk else None
    said = [source.connector, source.url, source.options, latest]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        return None
