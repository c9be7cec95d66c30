"""Reaching a source: with what lets us in there, and the file dropped for it when there is one."""

from typing import Any

from carrefour.http import Fetcher
from partners.credentials import access_of
from partners.models import Source


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
