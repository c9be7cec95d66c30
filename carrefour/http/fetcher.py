"""One fetcher per harvest: reads only, every bound in one place, every request in its journal."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import ssrfguard
import stamina
from django.conf import settings

from carrefour.http import retrying
from carrefour.http.access import Access, Scrubber, SignedTransport
from carrefour.http.documents import Fetched, Spooled
from carrefour.http.errors import FetchError, NotModified, Truncated, status_error, told
from carrefour.http.guard import Deadline, GuardedTransport, is_allowed
from carrefour.http.pacing import Place
from carrefour.http.reading import ACCEPT_ENCODING, Body
from carrefour.http.robots import ROBOTS_BYTES, Politeness

MAX_BYTES = 50_000_000
MAX_STREAM_BYTES = 1_000_000_000
MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
# One document, from the first byte sent to the last received.
EXCHANGE_SECONDS = 120.0
# A streamed document may last longer, as long as it comes at this speed (bytes per second).
SLOWEST_STREAM = 100_000.0
LONGEST_STREAM = 3600.0
JOURNAL_LENGTH = 500
HEAD = {False: "GET", True: "HEAD"}
Number = TypeVar("Number", int, float)
FAILURES = (httpx.HTTPError, httpx.InvalidURL, ssrfguard.SSRFGuardError, Truncated)


@dataclass(frozen=True)
class Asked:
    """How one document is asked for, redirects included."""

    headers: Mapping[str, str]
    limit: int
    is_streamed: bool = False
    # Whether « not modified » is an answer that the caller can use.
    is_conditional: bool = False
    # Asked before anything else, wherever it leads: without rules and without a place.
    is_robots: bool = False
    method: str = "GET"
    # The statuses of the redirects followed, as they come.
    hops: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Looked:
    """What an address answered, whatever its status, after the redirects ``hops`` (statuses)."""

    url: str
    status: int
    hops: tuple[int, ...]
    content: bytes = b""
    content_type: str = ""


class Fetcher:
    """Reads addresses for one harvest; use it as a context manager.

    ``validators`` maps a URL to the (ETag, Last-Modified) of its last reading, for conditional
    requests. ``journal`` lists {url, status, bytes, ms} and the validators received, newest last.
    ``access`` lets us in at its own origin, and shows nowhere. Limits that are not given are those
    of the settings (HARVEST_MAX_BYTES, HARVEST_EXCHANGE_SECONDS…), else the constants above.
    """

    def __init__(
        self,
        *,
        allow_hosts: list[str] | None = None,
        validators: Mapping[str, tuple[str, str]] | None = None,
        max_bytes: int | None = None,
        exchange_seconds: float | None = None,
        resolver: ssrfguard.Resolver | None = None,
        access: Access | None = None,
    ) -> None:
        allowed = settings.HARVEST_ALLOW_HOSTS if allow_hosts is None else allow_hosts
        self.validators = dict(validators or {})
        self.max_bytes = max_bytes or _bound("HARVEST_MAX_BYTES", MAX_BYTES)
        self.max_stream_bytes = _bound("HARVEST_MAX_STREAM_BYTES", MAX_STREAM_BYTES)
        self.exchange_seconds = exchange_seconds or _bound(
            "HARVEST_EXCHANGE_SECONDS", EXCHANGE_SECONDS
        )
        self.access = access
        self.journal: list[dict[str, Any]] = []
        self._served: dict[str, tuple[bytes, str]] = {}
        # Sites found out of reach: asking each of their pages again would take hours.
        self._down: set[str] = set()
        self._deadline = Deadline()
        self._transport = GuardedTransport(allowed, self._deadline, resolver)
        self._client = httpx.Client(
            transport=SignedTransport(self._transport, access) if access else self._transport,
            timeout=httpx.Timeout(
                _bound("HARVEST_READ_SECONDS", READ_SECONDS), connect=CONNECT_SECONDS
            ),
            headers={
                "User-Agent": settings.HARVEST_USER_AGENT,
                "Accept-Encoding": ACCEPT_ENCODING,
                "Accept-Language": "fr",
            },
        )
        self._politeness = Politeness(settings.HARVEST_USER_AGENT, self._robots, self._is_local)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.close()

    def hurry(self, seconds: float, patience: float) -> None:
        """Someone waits before a screen: all that is asked from now on is over in ``seconds``, and
        a host that others read is waited for ``patience`` seconds, its own pause apart."""
        self._deadline.end = time.monotonic() + seconds
        self._politeness.until = self._deadline.end
        self._politeness.patience = patience

    def serve(self, url: str, content: bytes, name: str) -> None:
        """From now on that address is answered by ``content``, a file called ``name``."""
        self._served[url] = (content, name)

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        accept: str = "*/*",
        conditional: bool = False,
    ) -> Fetched:
        """The document at ``url``, redirects followed; ``params`` join those of the address.

        Raises ``FetchError``; with ``conditional`` and known validators, ``NotModified`` when the
        document has not changed since they were received.
        """
        asked = Asked({"Accept": accept}, self.max_bytes, False, conditional)
        with self._read(self._full(url, params), asked) as read:
            return Fetched(read.url, read.status, read.bytes(), read.headers)

    def open(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        accept: str = "*/*",
        conditional: bool = False,
    ) -> Spooled:
        """As ``get`` for a document that may be large (up to ``max_stream_bytes``): its body is a
        file, on disk beyond 1 MB, at its beginning."""
        asked = Asked({"Accept": accept}, self.max_stream_bytes, True, conditional)
        return self._read(self._full(url, params), asked)

    def look(self, url: str, *, head: bool = False) -> Looked:
        """What an address answers, a refusal (403, 404…) included; with ``head``, without the
        document. Raises ``FetchError`` when there is no answer, or when robots may not ask."""
        asked = Asked({"Accept": "text/html, */*;q=0.5"}, self.max_bytes, method=HEAD[head])
        with self._follow(self._full(url, None), asked) as read:
            kind = read.headers.get("content-type", "")
            return Looked(read.url, read.status, tuple(asked.hops), read.bytes(), kind)

    def _full(self, url: str, params: Mapping[str, Any] | None) -> str:
        if url in self._served:
            return url
        url = check(url)
        if params:
            url = str(httpx.URL(url).copy_merge_params(dict(params)))
        return self._clean(url)

    def _clean(self, url: str) -> str:
        return self.access.without_key(url) if self.access else url

    def _read(self, url: str, asked: Asked) -> Spooled:
        if url in self._served:
            return self._from_memory(url, asked)
        return _checked(self._follow(url, asked))

    def _sent(self, url: str, asked: Asked) -> dict[str, str]:
        """The headers of one request, with the validators of that very address."""
        if not asked.is_conditional or url not in self.validators:
            return dict(asked.headers)
        etag, modified = self.validators[url]
        known = {"If-None-Match": etag} if etag else {"If-Modified-Since": modified}
        return {**asked.headers, **known}

    def _follow(self, url: str, asked: Asked) -> Spooled:
        for _ in range(MAX_REDIRECTS + 1):
            self._politeness.check(url)
            read = self._retried(url, asked)
            location = read.headers.get("location", "")
            if read.status not in REDIRECTS or not location:
                return read
            asked.hops.append(read.status)
            read.close()
            url = self._clean(check(str(httpx.URL(url).join(location))))
        raise FetchError(
            "trop-de-redirections", f"Plus de {MAX_REDIRECTS} redirections : {url}", url=url
        )

    def _retried(self, url: str, asked: Asked) -> Spooled:
        """One document, asked again on passing failures; every failure becomes a ``FetchError``."""
        site = urlsplit(url).netloc
        if site in self._down:
            raise FetchError("injoignable", f"Le site est injoignable : {url}", url=url)
        longest_in_all = max(0.01, self._deadline.in_all)
        longest = min(retrying.longest_pause(), longest_in_all)
        attempts = stamina.retry_context(
            on=partial(retrying.backoff, longest=longest),
            attempts=retrying.ATTEMPTS,
            timeout=min(_bound("HARVEST_RETRY_SECONDS", retrying.TOTAL), longest_in_all),
            wait_initial=min(0.5, longest),
            wait_max=longest,
        )
        try:
            for attempt in attempts:
                with attempt:
                    return self._once(url, asked)
        except retrying.PassingFailure as failure:
            raise status_error(failure.status, url) from failure
        except FAILURES as error:
            problem = told(error, url)
            if problem.code in {"injoignable", "delai"}:
                self._down.add(site)
            raise problem from error
        raise AssertionError("stamina always returns or raises")

    def _once(self, url: str, asked: Asked) -> Spooled:
        place = None if asked.is_robots else self._politeness.enter(url)
        try:
            return self._exchange(url, asked, place)
        except retrying.PassingFailure as failure:
            self._politeness.hold(url, failure.pause)
            raise
        finally:
            if place is not None:
                place.leave()

    def _exchange(self, url: str, asked: Asked, place: Place | None) -> Spooled:
        if asked.is_streamed:
            self._deadline.start(self.exchange_seconds, SLOWEST_STREAM, LONGEST_STREAM)
        else:
            self._deadline.start(self.exchange_seconds)
        started = time.monotonic()
        entry: dict[str, Any] = {"url": url[:1000], "status": None, "bytes": 0, "ms": 0}
        try:
            with self._client.stream(asked.method, url, headers=self._sent(url, asked)) as response:
                entry["status"] = response.status_code
                retrying.raise_if_passing(response)
                body = Body(response, asked.limit, place.renew if place else None)
                read = Spooled(
                    url, response.status_code, self._headers(response), asked.is_streamed
                )
                try:
                    # An answer to HEAD announces a document that does not come.
                    if asked.method != "HEAD":
                        self._receive(body, read)
                finally:
                    entry["bytes"] = body.travelled
        finally:
            entry["ms"] = round((time.monotonic() - started) * 1000)
            self._note(entry)
        _remember_validators(entry, read.headers)
        return read

    def _receive(self, body: Body, read: Spooled) -> None:
        echoes = self.access.echoes if self.access else []
        if not echoes:
            body.read_into(read.write)
        else:
            scrubber = Scrubber(echoes, read.write)
            body.read_into(scrubber.write)
            scrubber.finish()
        read.file.seek(0)

    def _headers(self, response: httpx.Response) -> dict[str, str]:
        hide = self.access.hide if self.access else str
        return {name: hide(value) for name, value in response.headers.items()}

    def _is_local(self, url: str) -> bool:
        return is_allowed(url, self._transport.allowed)

    def _from_memory(self, url: str, asked: Asked) -> Spooled:
        content, name = self._served[url]
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "etag": f'"{hashlib.sha256(content).hexdigest()}"',
        }
        entry = {"url": url[:1000], "status": 200, "bytes": len(content), "ms": 0}
        _remember_validators(entry, headers)
        if self._sent(url, asked).get("If-None-Match") == headers["etag"]:
            self._note(entry | {"status": 304, "bytes": 0})
            raise NotModified
        self._note(entry)
        read = Spooled(url, 200, headers, asked.is_streamed)
        read.write(content)
        read.file.seek(0)
        return read

    def _note(self, entry: dict[str, Any]) -> None:
        """The first requests and the latest ones: a long harvest keeps a short journal."""
        if len(self.journal) >= JOURNAL_LENGTH:
            del self.journal[JOURNAL_LENGTH // 2]
        self.journal.append(entry)

    def _robots(self, url: str) -> tuple[int, bytes]:
        """Status and body of a robots.txt; an unreachable host raises ``FetchError`` at once.

        One that leads nowhere, or further than ``MAX_REDIRECTS``, is none (RFC 9309).
        """
        asked = Asked({}, ROBOTS_BYTES, is_robots=True)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                with self._retried(url, asked) as read:
                    location = read.headers.get("location", "")
                    if read.status not in REDIRECTS or not location:
                        return read.status, read.bytes()
                url = self._clean(check(str(httpx.URL(url).join(location))))
        except (FetchError, httpx.InvalidURL) as error:
            status = _robots_status(error)
            if status is None:
                raise
            return status, b""
        return 404, b""


def _robots_status(error: FetchError | httpx.InvalidURL) -> int | None:
    """What a robots.txt that could not be read amounts to; None when its host is out of reach."""
    if isinstance(error, httpx.InvalidURL) or error.code == "adresse-invalide":
        return 404
    return 200 if error.code == "trop-gros" else error.status


def _bound(name: str, default: Number) -> Number:
    """A limit, which an operator may set otherwise in the settings."""
    return type(default)(getattr(settings, name, default))


def check(url: str) -> str:
    """The address, stripped. Raises ``FetchError`` when it is not an http(s) address, or holds a
    password (which would show wherever the address does)."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        parts.port  # noqa: B018 - raises on a port that is not a number
    except ValueError:
        is_usable = False
    if not is_usable:
        raise FetchError(
            "adresse-invalide", f"Ce n’est pas une adresse http ou https : {url[:200]}", url=url
        )
    if "@" in parts.netloc:
        raise FetchError(
            "adresse-invalide",
            "Cette adresse contient un nom ou un mot de passe avant « @ » : donnez-les dans les "
            "identifiants d’accès de la source.",
        )
    return url


def _checked(read: Spooled) -> Spooled:
    if read.status == 304:
        raise NotModified
    if not 200 <= read.status < 300:
        raise status_error(read.status, read.url)
    return read


def _remember_validators(entry: dict[str, Any], headers: Mapping[str, str]) -> None:
    for name, header in (("etag", "etag"), ("modified", "last-modified")):
        if headers.get(header):
            entry[name] = headers[header][:300]
