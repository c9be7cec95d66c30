"""Reading an address on the spot: what it is, how its fields map, what a harvest would give."""

from itertools import islice

from carrefour.http import Fetcher
from partners.connectors import connect
from partners.detection import Detected, detect
from partners.harvest import harvest
from partners.mapping.proposal import Proposal, propose
from partners.models import Source
from partners.reports import Report

# Someone waits before a screen: a sample is enough.
SAMPLE = 200
TRIED = 20


def recognise(url: str) -> Detected:
    """The connector for an address. Raises ``FetchError`` or ``SourceError``."""
    with Fetcher() as fetcher:
        return detect(url, fetcher)


def proposal_for(source: Source) -> Proposal:
    """A mapping from the source's first rows. Raises ``FetchError`` or ``SourceError``."""
    with Fetcher() as fetcher:
        connector = connect(source.connector, source.url, source.options, fetcher)
        rows = list(islice(connector.rows(), SAMPLE))
    return propose(rows, source.connector)


def trial_of(source: Source) -> Report:
    """What the first rows would become with the source's mapping; writes nothing."""
    return harvest(source, dry_run=True, limit=TRIED)
