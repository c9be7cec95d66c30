"""HTTP caching of public pages: shared caches may keep them, browsers ask again.

The entity tag is known before the page is made: what the program is, what the public data are, and
what is asked. Whoever has the page already is told so for one query.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache, wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.utils.module_loading import import_string

View = Callable[..., HttpResponseBase]
Made = TypeVar("Made")

# What a visitor may see late: the time in a shared cache, and once more while it asks again.
# The right to object is promised on it (docs/exploitation.md).
SECONDS = 60
PROGRAM = ("carrefour", "territories", "innovations", "partners", "essaimage", "templates")
SCRIPTS = ("static/css", "static/js")


@dataclass(frozen=True)
class DataVersion:
    """``number`` differs whenever a public datum was written; ``at``: when that was."""

    number: int
    at: datetime | None


def public_page(seconds: int = SECONDS, *, of_data: bool = True) -> Callable[[View], View]:
    """Let shared caches keep the page ``seconds``, and answer 304 without making it.

    The page must be the same for everyone: it reads no session and sets no cookie. Browsers keep it
    but ask each time: what was just published or removed shows at once. A page made of what the
    version of the data does not follow says so (``of_data``): its tag is that of its content. The
    others are made from the data of one instant.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            share(request)
            if not of_data or request.method not in {"GET", "HEAD"}:
                return kept(view(request, *args, **kwargs), seconds)
            version = data_version()
            tag = entity_tag(request, version)
            response: HttpResponseBase | None = None
            if names_a_page(request):
                response = get_conditional_response(request, tag, _second(version.at))
            if response is None:
                with reading(version), one_instant():
                    response = view(request, *args, **kwargs)
            if response.status_code in {200, 304}:
                response.headers.setdefault("ETag", tag)
                if version.at:
                    response.headers.setdefault("Last-Modified", http_date(_second(version.at)))
            return kept(response, seconds)

        return cached

    return decorator


def data_version() -> DataVersion:
    found: DataVersion = import_string(settings.DATA_VERSION)()
    return found


# The version that the request being answered reads, and what this process made of the last one.
_read: ContextVar[int | None] = ContextVar("data_version", default=None)
_made: dict[str, tuple[int, Any]] = {}


@contextmanager
def reading(version: DataVersion) -> Iterator[None]:
    """Have ``of_version`` take this version as known, for as long as one answer is made."""
    token = _read.set(version.number)
    try:
        yield
    finally:
        _read.reset(token)


def of_version(name: str, make: Callable[[], Made]) -> Made:
    """What ``make`` gives, made once by each process for each version of the public data.

    For what is small and read by every search (terms, names): the answers of a version are shared
    by threads, to be read only. One query outside a public page.
    """
    number = _read.get()
    number = data_version().number if number is None else number
    known = _made.get(name)
    if known is None or known[0] != number:
        _made[name] = known = (number, make())
    made: Made = known[1]
    return made


@contextmanager
def one_instant() -> Iterator[None]:
    """What is read within is the database as it was at one instant, whatever is written meanwhile:
    a search reads its bitmaps, then the rows that changed since, then the records. Within a
    transaction that began before, nothing changes.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def share(request: HttpRequest) -> None:
    """Have the frame of the page show nothing of who asks (see templates/base.html)."""
    request.is_shared = True  # type: ignore[attr-defined]


def kept(response: HttpResponseBase, seconds: int) -> HttpResponseBase:
    if response.status_code in {200, 304} and not response.has_header("Cache-Control"):
        patch_cache_control(
            response, public=True, max_age=0, s_maxage=seconds, stale_while_revalidate=seconds
        )
    return response


def entity_tag(request: HttpRequest, version: DataVersion) -> str:
    """A weak tag: compressed or not, it is the same page. Pages may tell the day."""
    said = (
        program(),
        version.number,
        timezone.localdate(),
        request.get_host(),
        request.get_full_path(),
    )
    return f'W/"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"'


@cache
def program() -> str:
    """A digest of the code, templates, scripts and settings that make the pages; a process runs
    one program."""
    digest = hashlib.sha256(f"{settings.BASE_URL} {settings.TILE_SERVER}".encode())
    for folder in (*PROGRAM, *SCRIPTS):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".css", ".js", ".toml", ".typ"}:
                digest.update(path.read_bytes())
    digest.update((settings.BASE_DIR / "uv.lock").read_bytes())
    return digest.hexdigest()


def names_a_page(request: HttpRequest) -> bool:
    """Whether who asks has a tag, hence had the page. « If-None-Match: * » and a date alone say
    nothing of this address: whether there is a page is known once it is made, and the middleware
    of conditional answers then reads them.
    """
    return request.headers.get("If-None-Match", "*").strip() != "*"


def _second(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None
