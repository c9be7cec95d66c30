"""One fetcher per harvest: GET only, every bound in one place, every request in its journal."""

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import ssrfguard
import stamina
from django.conf import settings

from carrefour.http import retrying
from carrefour.http.charset import decode
from carrefour.http.errors import FetchError, NotModified
from carrefour.http.guard import Deadline, GuardedTransport, is_allowed
from carrefour.http.reading import ACCEPT_ENCODING, read
from carrefour.http.robots import ROBOTS_BYTES, Politeness

MAX_BYTES = 50_000_000
MAX_REDIRECTS = 5
CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
# One document, from the first byte sent to the last received.
EXCHANGE_SECONDS = 120.0
JOURNAL_LENGTH = 500


@dataclass(frozen=True)
class Fetched:
    """A document read: ``url`` is the final one, ``content`` is decompressed."""

    url: str
    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def text(self) -> str:
        declared = self.headers.get("content-type", "").lower().partition("charset=")[2]
        return decode(self.content, declared.partition(";")[0].strip("\"' "))

    def json(self) -> Any:
        """The JSON value. Raises ``FetchError`` (contenu) when it is not JSON."""
        try:
            return json.loads(self.text())
        except (ValueError, RecursionError) as error:
            raise FetchError(
                "contenu", f"La réponse n’est pas du JSON lisible : {self.url}", url=self.url
            ) from error


class Fetcher:
    """Reads addresses for one harvest; use it as a context manager.

    ``validators`` maps a URL to the (ETag, Last-Modified) of its last reading, for conditional
    requests. ``journal`` lists {url, status, bytes, ms} and the validators received, newest last.
    """

    def __init__(
        self,
        *,
        allow_hosts: list[str] | None = None,
        validators: Mapping[str, tuple[str, str]] | None = None,
        max_bytes: int = MAX_BYTES,
        exchange_seconds: float = EXCHANGE_SECONDS,
        resolver: ssrfguard.Resolver | None = None,
    ) -> None:
        allowed = settings.HARVEST_ALLOW_HOSTS if allow_hosts is None else allow_hosts
        self.validators = dict(validators or {})
        self.max_bytes = max_bytes
        self.exchange_seconds = exchange_seconds
        self.journal: list[dict[str, Any]] = []
        # Sites found out of reach: asking each of their pages again would take hours.
        self._down: set[str] = set()
        self._deadline = Deadline()
        self._transport = GuardedTransport(allowed, self._deadline, resolver)
        self._client = httpx.Client(
            transport=self._transport,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            headers={
                "User-Agent": settings.HARVEST_USER_AGENT,
                "Accept-Encoding": ACCEPT_ENCODING,
                "Accept-Language": "fr",
            },
        )
        delay = getattr(settings, "HARVEST_DELAY", 0.5)
        self._politeness = Politeness(settings.HARVEST_USER_AGENT, delay, self._robots)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.close()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        accept: str = "*/*",
        conditional: bool = False,
    ) -> Fetched:
        """The document at ``url``, redirects followed.

        Raises ``FetchError``; with ``conditional`` and known validators, ``NotModified`` when the
        document has not changed since they were received.
        """
        full = str(httpx.URL(check(url), params=dict(params))) if params else check(url)
        headers = {"Accept": accept}
        if conditional and full in self.validators:
            etag, modified = self.validators[full]
            headers |= {"If-None-Match": etag} if etag else {"If-Modified-Since": modified}
        return self._follow(full, headers)

    def _follow(self, url: str, headers: dict[str, str]) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            self._politeness.check(url)
            fetched = self._retried(url, headers, self.max_bytes)
            location = fetched.headers.get("location", "")
            if fetched.status not in {301, 302, 303, 307, 308} or not location:
                return _checked(fetched)
            url = check(str(httpx.URL(url).join(location)))
        raise FetchError(
            "trop-de-redirections", f"Plus de {MAX_REDIRECTS} redirections : {url}", url=url
        )

    def _retried(self, url: str, headers: dict[str, str], limit: int) -> Fetched:
        """One document, asked again on passing failures; every failure becomes a ``FetchError``."""
        site = urlsplit(url).netloc
        if site in self._down:
            raise FetchError("injoignable", f"Le site est injoignable : {url}", url=url)
        attempts = stamina.retry_context(
            on=retrying.backoff,
            attempts=retrying.ATTEMPTS,
            timeout=retrying.TOTAL,
            wait_initial=0.5,
            wait_max=retrying.LONGEST_PAUSE,
        )
        try:
            for attempt in attempts:
                with attempt:
                    return self._once(url, headers, limit)
        except retrying.PassingFailure as failure:
            raise _status_error(failure.status, url) from failure
        except (httpx.HTTPError, httpx.InvalidURL, ssrfguard.SSRFGuardError) as error:
            told = _told(error, url)
            if told.code in {"injoignable", "delai"}:
                self._down.add(site)
            raise told from error
        raise AssertionError("stamina always returns or raises")

    def _once(self, url: str, headers: dict[str, str], limit: int) -> Fetched:
        if not url.endswith("/robots.txt"):
            self._politeness.wait(url, is_local=is_allowed(url, self._transport.allowed))
        self._deadline.start(self.exchange_seconds)
        started = time.monotonic()
        entry: dict[str, Any] = {"url": url[:1000], "status": None, "bytes": 0, "ms": 0}
        try:
            with self._client.stream("GET", url, headers=headers) as response:
                entry["status"] = response.status_code
                retrying.raise_if_passing(response)
                content, entry["bytes"] = read(response, limit)
                received = dict(response.headers)
        finally:
            entry["ms"] = round((time.monotonic() - started) * 1000)
            self._note(entry)
        self._remember_validators(entry, received)
        return Fetched(url, entry["status"], content, received)

    def _note(self, entry: dict[str, Any]) -> None:
        """The first requests and the latest ones: a long harvest keeps a short journal."""
        if len(self.journal) >= JOURNAL_LENGTH:
            del self.journal[JOURNAL_LENGTH // 2]
        self.journal.append(entry)

    @staticmethod
    def _remember_validators(entry: dict[str, Any], headers: Mapping[str, str]) -> None:
        for name, header in (("etag", "etag"), ("modified", "last-modified")):
            if headers.get(header):
                entry[name] = headers[header][:300]

    def _robots(self, url: str) -> tuple[int, bytes]:
        """Status and body of a robots.txt; an unreachable host raises ``FetchError`` at once."""
        try:
            fetched = self._retried(url, {}, ROBOTS_BYTES)
        except FetchError as error:
            if error.code == "trop-gros":
                return 200, b""
            if error.status is not None:
                return error.status, b""
            raise
        if fetched.status in {301, 302, 303, 307, 308} and fetched.headers.get("location"):
            target = check(str(httpx.URL(url).join(fetched.headers["location"])))
            fetched = self._retried(target, {}, ROBOTS_BYTES)
        return fetched.status, fetched.content


def check(url: str) -> str:
    """The address, stripped. Raises ``FetchError`` when it is not an http(s) address."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        parts.port  # noqa: B018 - raises on a port that is not a number
    except ValueError:
        is_usable = False
    if not is_usable:
        raise FetchError(
            "adresse-invalide", f"Ce n’est pas une adresse http ou https : {url[:200]}", url=url
        )
    return url


def _checked(fetched: Fetched) -> Fetched:
    if fetched.status == 304:
        raise NotModified
    if not 200 <= fetched.status < 300:
        raise _status_error(fetched.status, fetched.url)
    return fetched


def _status_error(status: int, url: str) -> FetchError:
    if status in {404, 410}:
        code, message = "introuvable", f"Le site répond que cette page n’existe pas ({status})"
    elif status in {401, 403, 407, 451}:
        code, message = "acces-refuse", f"Le site refuse l’accès ({status})"
    elif status == 429:
        code, message = "trop-de-requetes", "Le site demande de patienter plus longtemps (429)"
    elif status >= 500:
        code, message = "serveur", f"Le site est en panne ou surchargé ({status})"
    else:
        code, message = "statut", f"Réponse inattendue du site ({status})"
    return FetchError(code, f"{message} : {url}", url=url, status=status)


def _told(error: Exception, url: str) -> FetchError:
    if isinstance(error, ssrfguard.SSRFGuardError):
        return FetchError(
            "adresse-interdite",
            f"Adresse interne ou réservée, refusée par sécurité : {url} (pour un essai local, "
            "nommez la machine dans CARREFOUR_HARVEST_ALLOW_HOSTS)",
            url=url,
        )
    if isinstance(error, httpx.TimeoutException):
        return FetchError("delai", f"Le site n’a pas répondu à temps : {url}", url=url)
    if _is_certificate(error):
        return FetchError("certificat", f"Le certificat du site n’est pas valable : {url}", url=url)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return FetchError("adresse-invalide", f"Adresse invalide : {url}", url=url)
    return FetchError("injoignable", f"Le site est injoignable : {url}", url=url)


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
