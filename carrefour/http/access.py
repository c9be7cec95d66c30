"""Being let in by a source: what it asks for is sent to it, to nobody else, and told nowhere.

The secret is added at the last moment, to the request that leaves: neither the journal, nor the
logs of httpx, nor the address given back to a connector ever hold it.
"""

import base64
import html
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote, quote_plus

import httpx

from carrefour.http import retrying
from carrefour.http.errors import FetchError, status_error
from carrefour.http.reading import Body

TOKEN_BYTES = 100_000
# A token is renewed a little before its end: the clock of the other side is not ours.
TOKEN_MARGIN = 10.0
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Headers by which a secret could change what the request is.
FORBIDDEN_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "user-agent"}
# Shorter secrets are words that a document may hold by chance.
SHORTEST_ECHO = 8
HIDDEN = "***"


class AccessKind(StrEnum):
    HEADER = "header"
    QUERY = "query"
    BEARER = "bearer"
    BASIC = "basic"
    OAUTH2 = "oauth2"


@dataclass(frozen=True)
class Access:
    """What lets us in at ``origin`` (« https://hôte:port »).

    ``name`` is the header, the parameter, the user or the OAuth2 client. Raises ``ValueError`` (a
    French sentence, without the secret) when it cannot be sent as it is.
    """

    kind: AccessKind
    origin: str
    name: str = ""
    secret: str = field(default="", repr=False)
    token_url: str = ""
    scope: str = ""

    def __post_init__(self) -> None:
        if not self.secret or not self.secret.isprintable():
            raise ValueError("Le secret est vide, ou contient un caractère invisible.")
        if self.kind in {AccessKind.HEADER, AccessKind.BEARER} and not self.secret.isascii():
            raise ValueError("Le secret contient un caractère accentué.")
        if self.kind != AccessKind.BEARER and not self.name:
            raise ValueError("Le nom manque.")
        if self.kind == AccessKind.HEADER and (
            not HEADER_NAME.fullmatch(self.name) or self.name.lower() in FORBIDDEN_HEADERS
        ):
            raise ValueError(f"« {self.name} » ne peut être le nom d’un en-tête.")
        if self.kind == AccessKind.OAUTH2 and not self.token_url:
            raise ValueError("L’adresse des jetons manque.")

    def without_key(self, url: str) -> str:
        """The address without the key, which a site may put back in its « next » links."""
        if self.kind != AccessKind.QUERY or f"{quote_plus(self.name)}=" not in url:
            return url
        parsed = httpx.URL(url)
        if origin_of(parsed) != self.origin:
            return url
        return str(parsed.copy_remove_param(self.name))

    @property
    def echoes(self) -> list[bytes]:
        """Spellings of the secret under which a site may give it back, the longest first."""
        if len(self.secret) < SHORTEST_ECHO:
            return []
        spellings = {
            self.secret,
            quote(self.secret, safe=""),
            quote_plus(self.secret),
            json.dumps(self.secret)[1:-1],
            html.escape(self.secret),
        }
        if self.kind in {AccessKind.BASIC, AccessKind.OAUTH2}:
            spellings.add(basic(self.name, self.secret).partition(" ")[2])
        return sorted((s.encode() for s in spellings), key=len, reverse=True)

    def hide(self, text: str) -> str:
        """``text`` without the secret that a site gave back in it."""
        for echo in self.echoes:
            text = text.replace(echo.decode(), HIDDEN)
        return text


def origin_of(url: str | httpx.URL) -> str:
    """« https://hôte:port », the port always said. Raises ``httpx.InvalidURL``."""
    parsed = httpx.URL(url)
    port = parsed.port or {"https": 443, "http": 80}.get(parsed.scheme, 0)
    return f"{parsed.scheme}://{parsed.raw_host.decode('ascii')}:{port}"


class SignedTransport(httpx.BaseTransport):
    """Adds the secret to the requests of its own origin, on their way out."""

    def __init__(self, inner: httpx.BaseTransport, access: Access) -> None:
        self.inner = inner
        self.access = access
        self._token = ""
        self._token_until = 0.0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send; an OAuth2 token refused is renewed once. Raises ``FetchError`` (acces-refuse)."""
        is_ours = origin_of(request.url) == self.access.origin
        if not is_ours or request.url.path == "/robots.txt":
            return self.inner.handle_request(request)
        response = self.inner.handle_request(self._signed(request))
        if response.status_code == 401 and self.access.kind == AccessKind.OAUTH2:
            response.close()
            self._token = ""
            response = self.inner.handle_request(self._signed(request))
        return response

    def close(self) -> None:
        self.inner.close()

    def _signed(self, request: httpx.Request) -> httpx.Request:
        access, headers, url = self.access, request.headers.copy(), request.url
        if access.kind == AccessKind.HEADER:
            headers[access.name] = access.secret
        elif access.kind == AccessKind.QUERY:
            url = url.copy_set_param(access.name, access.secret)
        elif access.kind == AccessKind.BASIC:
            headers["Authorization"] = basic(access.name, access.secret)
        elif access.kind == AccessKind.BEARER:
            headers["Authorization"] = f"Bearer {access.secret}"
        else:
            headers["Authorization"] = f"Bearer {self._current_token(request)}"
        return httpx.Request(
            request.method,
            url,
            headers=headers,
            stream=request.stream,
            extensions=request.extensions,
        )

    def _current_token(self, request: httpx.Request) -> str:
        if not self._token or time.monotonic() > self._token_until:
            answer = self._ask_token(request)
            self._token = str(answer.get("access_token") or "")
            self._token_until = time.monotonic() + _lasts(answer) - TOKEN_MARGIN
        return self._token

    def _ask_token(self, request: httpx.Request) -> dict[str, Any]:
        """Client credentials in the header as the standard asks, else in the body."""
        access = self.access
        form = {"grant_type": "client_credentials"}
        if access.scope:
            form["scope"] = access.scope
        named = {"client_id": access.name, "client_secret": access.secret}
        header = {"Authorization": basic(quote_plus(access.name), quote_plus(access.secret))}
        status, answer = self._post(form, header, request)
        if status in {400, 401}:
            status, answer = self._post(form | named, {}, request)
        if status != 200 or not answer.get("access_token"):
            raise FetchError(
                "acces-refuse",
                f"Le service des jetons refuse les identifiants ({status}) : {access.token_url}",
                url=access.token_url,
                status=status,
            )
        return answer

    def _post(
        self, form: dict[str, str], headers: dict[str, str], like: httpx.Request
    ) -> tuple[int, dict[str, Any]]:
        request = httpx.Request(
            "POST",
            self.access.token_url,
            data=form,
            headers={
                **headers,
                "Accept": "application/json",
                "User-Agent": like.headers.get("User-Agent", ""),
                "Accept-Encoding": like.headers.get("Accept-Encoding", "identity"),
            },
            extensions=like.extensions,
        )
        response = self.inner.handle_request(request)
        response.request = request
        try:
            retrying.raise_if_passing(response)
            content = bytearray()
            Body(response, TOKEN_BYTES).read_into(content.extend)
        finally:
            response.close()
        if 300 <= response.status_code < 400 or response.status_code >= 500:
            raise status_error(response.status_code, self.access.token_url)
        return response.status_code, _object(bytes(content))


def basic(user: str, password: str) -> str:
    """The value of an « Authorization » header of the Basic scheme."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def _lasts(answer: dict[str, Any]) -> float:
    """Seconds a token lives; servers that do not say so are asked again on a 401."""
    said = str(answer.get("expires_in") or "")
    return float(said) if said.isdigit() else 3600.0


class Scrubber:
    """Writes a body without the secret that its site gives back in it."""

    def __init__(self, echoes: Sequence[bytes], write: Callable[[bytes], object]) -> None:
        self.echoes = echoes
        self.inner = write
        self.keep = max((len(e) for e in echoes), default=1) - 1
        self.carried = b""

    def write(self, piece: bytes) -> None:
        piece = self.carried + piece
        for echo in self.echoes:
            piece = piece.replace(echo, HIDDEN.encode())
        # The secret may stand across two pieces.
        cut = max(0, len(piece) - self.keep)
        self.carried = piece[cut:]
        self.inner(piece[:cut])

    def finish(self) -> None:
        self.inner(self.carried)
        self.carried = b""


def _object(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
