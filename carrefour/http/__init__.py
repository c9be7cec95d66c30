"""The only way out to the network: guarded, bounded, polite, and told in French when it fails.

Nothing else in the house opens an HTTP connection to another machine.
"""

from carrefour.http.access import Access, AccessKind
from carrefour.http.charset import decode
from carrefour.http.documents import Fetched, Spooled
from carrefour.http.errors import FetchError, NotModified
from carrefour.http.fetcher import Fetcher, Looked

__all__ = [
    "Access",
    "AccessKind",
    "FetchError",
    "Fetched",
    "Fetcher",
    "Looked",
    "NotModified",
    "Spooled",
    "decode",
]
