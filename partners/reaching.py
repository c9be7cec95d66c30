"""Reaching a source: with what lets us in there, and the file dropped for it when there is one."""

from typing import Any

from carrefour.http import Fetcher
from partners.credentials import access_of
from partners.models import Source

# Someone waits before a page: so long for all the questions together, and so long for a site that
# a harvest is reading (a worker waits for it much longer).
SECONDS = 25.0
PATIENCE = 5.0


def reach_at_once(source: Source) -> Fetcher:
    """As ``reach``, for someone who waits: beyond a short while, ``FetchError`` (delai,
    trop-de-requetes)."""
    return hurried(reach(source))


def hurried(fetcher: Fetcher) -> Fetcher:
    """The same fetcher, made for someone who waits."""
    fetcher.hurry(SECONDS, PATIENCE)
    return fetcher


def reach(source: Source, **given: Any) -> Fetcher:
    """A fetcher for this source (``given`` goes to ``Fetcher``), to use as a context manager.

    Its address is answered by the latest file dropped for it, if any.
    Raises ``SourceError`` when its credentials can no longer be used.
    """
    fetcher = Fetcher(access=access_of(source), **given)
    latest = source.deposits.order_by("-created_at", "-pk").first() if source.pk else None
    if latest is not None:
        fetcher.serve(source.url, bytes(latest.content), latest.name)
    return fetcher
