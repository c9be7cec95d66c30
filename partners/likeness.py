"""What recognises a record whose identifier or address changed; and its date."""

import datetime
import hashlib
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from carrefour.text import key
from partners.digests import normalised_url

LONGEST = 2000
# Less text than this is no portrait: « Repair café » says nothing of which one.
ENOUGH = 80


def page_key(url: str) -> str:
    """The address without scheme, « www. », final slash, fragment or tracking, its query sorted."""
    page, _, query = normalised_url(url).partition("?")
    return f"{page}?{'&'.join(sorted(query.split('&')))}" if query else page


def likeness(values: dict[str, Any], sites: list[dict[str, Any]]) -> str:
    """SHA-256 of what the record says, its identifier and its address apart; "" for too little."""
    title = key(str(values.get("title", "")))
    text = str(values.get("description") or values.get("summary") or "")
    about = key(text[: 2 * LONGEST])[:LONGEST]
    if not title or len(title) + len(about) < ENOUGH:
        return ""
    porteur = key(str((values.get("porteur") or {}).get("name", "")))
    places = sorted(key(str(site.get("label", ""))) for site in sites)
    return hashlib.sha256("\n".join([title, porteur, about, *places]).encode()).hexdigest()


def dated(said: str) -> datetime.datetime | None:
    """The instant that a source gives for its record (ISO 8601), or None; a day is its midnight."""
    try:
        moment = parse_datetime(said) if said else None
        day = None if moment or not said else parse_date(said)
    except ValueError:
        return None
    if day:
        moment = datetime.datetime(day.year, day.month, day.day)
    if moment is None:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
