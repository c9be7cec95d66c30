"""Addresses as partners write them: mended when the intention is clear, dropped otherwise."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from carrefour.text import one_line

DOUBLED = re.compile(r"^(https?:/*)+(?=https?:/)", re.IGNORECASE)
SCHEME = re.compile(r"^(https?):/*", re.IGNORECASE)
HOST = re.compile(
    r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}$", re.IGNORECASE
)
ADDRESS = re.compile(r"^(?:\d{1,3}\.){3}\d{1,3}$|^localhost$")
PLACEHOLDER = re.compile(
    r"x{3,}|\{[^}]*\}|%7b|<[^>]*>|\[(?:id|slug|url)\]|\b(?:todo|a-completer|placeholder|changeme)\b",
    re.IGNORECASE,
)
# What needs no mending: a plain lower-case host, usual characters in the path and the query.
MENDED = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}"
    r"(?:/[A-Za-z0-9_.\-~/%:=&+]*)?(?:\?[A-Za-z0-9_.\-~/%:=&+]*)?(?<=[A-Za-z0-9_\-/=])"
)
SAFE = "/%:=&?~#+!$,;'@()*[]"
LONGEST = 1000


def mended(written: str, base: str = "") -> str:
    """A usable http(s) address, or "".

    Mends a missing or misspelt scheme, a scheme said twice, capitals in the host, spaces and
    accents in the path, and a relative address when ``base`` is given.
    """
    if MENDED.fullmatch(written) and len(written) <= LONGEST:
        return written
    text = one_line(written).strip("<>\"' ").rstrip(".,;")
    if " " in text and not SCHEME.match(text):
        return ""
    text = DOUBLED.sub("", text)
    if base and text.startswith(("/", "?")) and not text.startswith("//"):
        text = urljoin(base, text)
    text = SCHEME.sub(lambda m: f"{m.group(1).lower()}://", text.removeprefix("//"))
    if not text.startswith(("http://", "https://")):
        if "@" in text.partition("/")[0] or ":" in text.partition("/")[0]:
            return ""
        text = f"http://{text}"
    return _checked(text)


def _checked(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    host = _ascii(host)
    if not (HOST.match(host) or ADDRESS.match(host)) or parts.username:
        return ""
    where = f"{host}:{port}" if port else host
    path = quote(parts.path, safe=SAFE)
    found = urlunsplit((parts.scheme, where, path, quote(parts.query, safe=SAFE), parts.fragment))
    return found if len(found) <= LONGEST else ""


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii").lower() if not host.isascii() else host.lower()
    except UnicodeError:
        return ""


def is_placeholder(url: str) -> bool:
    """Whether the address was never filled in: « …/post=XXX », « …/{id} »."""
    parts = urlsplit(url)
    return bool(PLACEHOLDER.search(f"{parts.path}?{parts.query}"))


def origin(url: str) -> str:
    """Scheme, host and port: « https://exemple.fr »."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
