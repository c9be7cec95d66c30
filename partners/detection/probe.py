"""Questions put to a site to know what it offers: few, and an error is an answer like another."""

from carrefour.http import Fetched, Fetcher, FetchError

REQUESTS = 7


class Probe:
    """A fetcher that asks a few questions at most."""

    def __init__(self, fetcher: Fetcher) -> None:
        self.fetcher = fetcher
        self.left = REQUESTS
        self._known: dict[str, Fetched | None] = {}

    def get(self, url: str) -> Fetched | None:
        """The document at ``url``; None when there is none, or no question left to put."""
        if url in self._known:
            return self._known[url]
        if not self.left:
            return None
        self.left -= 1
        try:
            self._known[url] = self.fetcher.get(url)
        except FetchError:
            self._known[url] = None
        return self._known[url]
