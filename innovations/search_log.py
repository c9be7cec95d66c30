"""Searches noted without who makes them: see docs/decisions/0062-search-log.md.

In Redis, until a threshold of visitors, only digests keyed by a secret of the day; then the search
and its count, which a task writes to the database. The page never waits for it.
"""

import datetime
import hashlib
import hmac
import json
import re
import secrets
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from innovations.models import SearchCount, SearchKind
from innovations.search import InnovationSearch
from innovations.search_facets import FACETS
from innovations.search_log_scrubbing import countable
from innovations.search_page import SearchPage

# So many different visitors on one day before a search is known at all.
VISITORS = 5
SECRET_KEPT = 2 * 86_400
COUNTS_KEPT = 3 * 86_400
# Facets that one search may count: a query string is anyone's to write.
MOST_FACETS = 20
PLACE = re.compile(r"[a-z]{2,16}-[0-9A-Za-z]{1,9}")
CODE = re.compile(r"[\w-]{1,100}", re.ASCII)
ROBOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|headless|preview|lighthouse|python|curl|wget|scan",
    re.IGNORECASE,
)
Thing = tuple[str, str, str]


def is_robot(user_agent: str) -> bool:
    return not user_agent or bool(ROBOT.search(user_agent))


def note(query: QueryDict, visitor: str) -> None:
    """Count a search once per visitor and day; nothing that tells the visitor is kept.

    ``visitor``: any text that tells one from another, known here only through the secret.
    """
    things = _things(query)
    if not things:
        return
    day = timezone.localdate()
    secret = _secret(day)
    pipe = _redis().pipeline(transaction=False)
    for kind, value, _ in things:
        name = f"recherches:{day}:{_digest(secret, kind, value)}"
        pipe.sadd(name, _digest(secret, visitor, kind, value))
        pipe.expire(name, SECRET_KEPT)
        pipe.scard(name)
    counts = pipe.execute()[2::3]
    known: Any = {
        json.dumps([kind, value]): json.dumps([count, label])
        for (kind, value, label), count in zip(things, counts, strict=True)
        if count >= VISITORS
    }
    if known:
        name = _kept(day)
        pipe.hset(name, mapping=known)
        pipe.expire(name, COUNTS_KEPT)
        pipe.execute()


def write() -> int:
    """Write what Redis knows of the last days to the database; returns how many counts changed.

    Done again, it writes the same. Values that the directory does not know are left out.
    """
    today = timezone.localdate()
    changed = 0
    for ago in range(3):
        day = today - datetime.timedelta(days=ago)
        found: dict[bytes, bytes] = _redis().hgetall(_kept(day))  # type: ignore[assignment]
        for asked, told in found.items():
            kind, value = json.loads(asked)
            visitors, label = json.loads(told)
            changed += _write(day, kind, value, label, visitors)
    return changed


def forget() -> int:
    """Remove the counts older than the settings say; 0 keeps them all."""
    days = settings.KEEP_SEARCHES_DAYS
    if not days:
        return 0
    before = timezone.localdate() - datetime.timedelta(days=days)
    return SearchCount.objects.filter(day__lt=before).delete()[0]


def _things(query: QueryDict) -> list[Thing]:
    """(kind, value, label) of all that a search counts for; [] for an empty one."""
    said = countable(query.get("q", ""))
    place = query.get("territoire", "")
    place = place if PLACE.fullmatch(place) else ""
    found: list[Thing] = []
    if said:
        found.append((SearchKind.TEXT, *said))
        if place:
            found.append((SearchKind.TEXT_PLACE, f"{said[0]}|{place}", said[1]))
    if place:
        found.append((SearchKind.PLACE, place, ""))
    chosen = [
        (SearchKind.FACET, f"{facet.name}:{code}", "")
        for facet in FACETS
        for code in dict.fromkeys(query.getlist(facet.name))
        if CODE.fullmatch(code)
    ]
    found += chosen[:MOST_FACETS]
    return [(SearchKind.ALL, "", ""), *found] if found or query.get("q") else []


def _write(day: datetime.date, kind: str, value: str, label: str, visitors: int) -> int:
    known = SearchCount.objects.filter(day=day, kind=kind, value=value)
    if known.filter(visitors=visitors).exists():
        return 0
    total = None
    if kind != SearchKind.ALL:
        search = InnovationSearch.from_query(_query(kind, value, label))
        if kind != SearchKind.TEXT and search.notices:
            return 0
        page = SearchPage(search)
        label = label if kind == SearchKind.TEXT else " ".join(x.label for x in page.active)
        if kind in {SearchKind.TEXT, SearchKind.TEXT_PLACE}:
            total = search.said.total if page.relaxed else search.total
    SearchCount.objects.update_or_create(
        day=day,
        kind=kind,
        value=value,
        defaults={"label": label[:250], "visitors": visitors, "total": total},
    )
    return 1


def _query(kind: str, value: str, label: str) -> QueryDict:
    query = QueryDict(mutable=True)
    if kind in {SearchKind.TEXT, SearchKind.TEXT_PLACE}:
        query["q"] = label
    if kind in {SearchKind.PLACE, SearchKind.TEXT_PLACE}:
        query["territoire"] = value.rpartition("|")[2]
    if kind == SearchKind.FACET:
        name, _, code = value.partition(":")
        query[name] = code
    return query


def _secret(day: datetime.date) -> bytes:
    """The key of the day: drawn once, kept nowhere else, gone after it."""
    name = f"recherches:{day}:secret"
    drawn = secrets.token_bytes(32)
    if _redis().set(name, drawn, nx=True, ex=SECRET_KEPT):
        return drawn
    kept: Any = _redis().get(name)
    return kept or drawn


def _digest(secret: bytes, *said: str) -> str:
    return hmac.digest(secret, json.dumps(said).encode(), hashlib.sha256).hex()[:32]


def _kept(day: datetime.date) -> str:
    return f"recherches:{day}:connues"


@cache
def _redis() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
