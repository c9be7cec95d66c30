"""Where sockets are opened: only to addresses that were checked, and never past the deadline.

ssrfguard resolves a name once, refuses private, loopback, link-local and metadata addresses in
every spelling, and connects to the very address it checked (docs/decisions/http.md).
"""

import ssl
import time
from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
import ssrfguard
from ssrfguard.httpx import SafeBackend

# 80 and 443, and the unprivileged ports on which people serve; never SSH, SMTP, DNS…
PORTS = frozenset({80, 443, *range(1024, 65536)})
POLICY = ssrfguard.Policy(allowed_ports=PORTS)


class Deadline:
    """The moment by which the exchange in progress must be over, shared with its sockets."""

    def __init__(self) -> None:
        self.at = float("inf")
        self.last = float("inf")
        # The moment by which all exchanges must be over, when someone waits for them.
        self.end = float("inf")
        self.slowest = 0.0

    def start(self, seconds: float, slowest: float = 0.0, longest: float = 0.0) -> None:
        """``seconds`` for the exchange; with ``slowest`` (bytes per second), each byte received
        earns the time it takes at that speed, up to ``longest`` seconds in all."""
        now = time.monotonic()
        self.at = min(now + seconds, self.end)
        self.slowest = slowest
        self.last = min(now + max(seconds, longest), self.end)

    @property
    def in_all(self) -> float:
        """Seconds left for all exchanges together, never below zero."""
        return max(0.0, self.end - time.monotonic())

    def earn(self, received: int) -> None:
        if self.slowest:
            self.at = min(self.last, self.at + received / self.slowest)

    def left(self, timeout: float | None) -> float:
        """Seconds that may still be waited, at most ``timeout``.

        Raises ``httpcore.ReadTimeout`` when the time is over.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if timeout is None else min(left, timeout)


class TimedStream(httpcore.NetworkStream):
    """A stream whose every wait is cut by the deadline: a dripping server gains nothing."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self.stream.read(max_bytes, self.deadline.left(timeout))
        self.deadline.earn(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.deadline.left(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self.stream.start_tls(ssl_context, server_hostname, self.deadline.left(timeout))
        return TimedStream(secured, self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class TimedBackend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, deadline: Deadline) -> None:
        self.backend = backend
        self.deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self.backend.connect_tcp(
            host, port, self.deadline.left(timeout), local_address, socket_options
        )
        return TimedStream(stream, self.deadline)


class GuardedTransport(httpx.BaseTransport):
    """Opens connections through the guard, except to hosts that the operator allows by name."""

    def __init__(
        self, allowed: Iterable[str], deadline: Deadline, resolver: ssrfguard.Resolver | None = None
    ) -> None:
        self.allowed = frozenset(a.strip().lower() for a in allowed if a.strip())
        safe = SafeBackend(policy=POLICY, resolver=resolver)
        self._guarded = _Transport(TimedBackend(safe, deadline))
        self._free = _Transport(TimedBackend(httpcore.SyncBackend(), deadline))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request (redirects are requests of their own).

        Raises ``ssrfguard.SSRFGuardError`` when the address may not be reached.
        """
        if is_allowed(str(request.url), self.allowed):
            return self._free.handle_request(request)
        POLICY.check_url(str(request.url))
        return self._guarded.handle_request(request)

    def close(self) -> None:
        self._guarded.close()
        self._free.close()


class _Transport(httpx.HTTPTransport):
    """httpx's own transport over the given backend; proxies of the environment are ignored."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        context = _ssl_context()
        super().__init__(verify=context)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=4,
            max_keepalive_connections=2,
            keepalive_expiry=15,
            network_backend=backend,
        )


def is_allowed(url: str, allowed: frozenset[str]) -> bool:
    """Whether the operator named this host, alone (any port) or with this port."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    shown = f"[{host}]" if ":" in host else host
    return bool(allowed & {host, shown, f"{shown}:{port}"})


@cache
def _ssl_context() -> ssl.SSLContext:
    """Read once per process: loading the certificates takes half a second."""
    return httpx.create_ssl_context()
