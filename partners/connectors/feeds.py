"""RSS, Atom and JSON Feed as one kind of list."""

import calendar
import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin
from xml.sax import SAXException

import feedparser

from carrefour.http import Fetched
from partners.connectors.base import SourceError
from partners.connectors.provenance import date_of, licence_of

NO_FEED = "Ce n’est pas un flux d’actualités (RSS, Atom ou JSON Feed) lisible."
# Entities made of others, or of files: bombs and disclosures.
ENTITIES = re.compile(rb"<!ENTITY\s+(?:%\s+)?\S+\s+(?:SYSTEM|PUBLIC|[\"'][^\"'>]*[&%](?!#))")
Entry = dict[str, Any]


@dataclass
class Feed:
    """``entries`` are rows of plain names, their « id » the feed's own or ""; ``following`` is the
    next page's address or "".

    ``is_whole``: the feed says that it holds everything; ``is_broken``: it was malformed.
    """

    entries: list[Entry] = field(default_factory=list)
    following: str = ""
    is_whole: bool = False
    is_broken: bool = False


def parse(fetched: Fetched) -> Feed:
    """The feed of a document. Raises ``SourceError`` when it is none."""
    if fetched.content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return _from_json(fetched)
    if ENTITIES.search(fetched.content):
        raise SourceError("entites", "Ce flux déclare des entités : il est refusé par sécurité.")
    feed = feedparser.parse(
        fetched.content,
        response_headers={
            "content-type": fetched.headers.get("content-type", ""),
            "content-location": fetched.url,
        },
        sanitize_html=False,
    )
    if not feed.version and not feed.entries:
        raise SourceError("format", NO_FEED)
    licence = _licence(feed.feed)
    links = {str(k.get("rel")): k.get("href") for k in feed.feed.get("links", [])}
    following = links.get("next") or links.get("prev-archive") or ""
    return Feed(
        entries=[_entry(entry, fetched.url, licence) for entry in feed.entries],
        following=urljoin(fetched.url, following) if following else "",
        is_whole=any(name.endswith("_complete") for name in feed.feed),
        # A wrong media type or encoding, which feedparser tells too, harms nothing.
        is_broken=isinstance(feed.get("bozo_exception"), SAXException),
    )


def _entry(entry: Any, base: str, licence: str) -> Entry:
    content = next((c.get("value", "") for c in entry.get("content", [])), "")
    summary = entry.get("summary", "")
    data = {
        "id": str(entry.get("id") or "").strip(),
        "title": entry.get("title", ""),
        "link": urljoin(base, entry.link) if entry.get("link") else "",
        "summary": summary,
        "content": content or summary,
        "tags": [t.term or t.get("label") for t in entry.get("tags", []) if t.get("term")],
        "author": entry.get("author", ""),
        "published": _day(entry, "published"),
        "updated": _day(entry, "updated"),
        "picture": _picture(entry, base),
        "licence": _licence(entry) or licence,
    }
    where = entry.get("where") or {}
    if where.get("type") == "Point":
        data["longitude"], data["latitude"] = where["coordinates"][:2]
    return data


def _day(entry: Any, name: str) -> str:
    """A feed's date as AAAA-MM-JJ, also when its form is not the standard's."""
    # feedparser's own look-up gives one date for the other.
    moment = dict.get(entry, f"{name}_parsed")
    if not moment:
        return date_of(dict.get(entry, name))[:10]
    stamp = datetime.datetime.fromtimestamp(calendar.timegm(moment), tz=datetime.UTC)
    return stamp.date().isoformat()


def _picture(entry: Any, base: str) -> str:
    enclosed = [k for k in entry.get("links", []) if k.get("rel") == "enclosure"]
    media = [m for m in entry.get("media_content", []) if m.get("medium", "image") == "image"]
    shown = [*enclosed, *media, *entry.get("media_thumbnail", [])]
    for one in shown:
        address = one.get("href") or one.get("url")
        if address and str(one.get("type", "image/")).startswith("image/"):
            return urljoin(base, str(address))
    return ""


def _licence(said: Any) -> str:
    links = [k.get("href") for k in said.get("links", []) if k.get("rel") == "license"]
    return licence_of(*links, said.get("cc_license"), said.get("rights"))


def _from_json(fetched: Fetched) -> Feed:
    try:
        document = json.loads(fetched.text())
    except (ValueError, RecursionError) as error:
        raise SourceError("format", NO_FEED) from error
    items = document.get("items")
    if not str(document.get("version", "")).startswith("https://jsonfeed.org/") or not isinstance(
        items, list
    ):
        raise SourceError("format", NO_FEED)
    following = document.get("next_url")
    return Feed(
        entries=[_item(item, fetched.url) for item in items if isinstance(item, Mapping)],
        following=urljoin(fetched.url, following) if isinstance(following, str) else "",
    )


def _item(item: Mapping[str, Any], base: str) -> Entry:
    link = item.get("url") or item.get("external_url") or ""
    picture = item.get("image") or item.get("banner_image") or ""
    authors = item.get("authors") or [item.get("author")]
    names = [str(a["name"]) for a in authors if isinstance(a, Mapping) and a.get("name")]
    return {
        "id": str(item.get("id") or "").strip(),
        "title": item.get("title") or "",
        "link": urljoin(base, str(link)) if link else "",
        "summary": item.get("summary") or "",
        "content": item.get("content_html") or item.get("content_text") or "",
        "tags": item.get("tags") if isinstance(item.get("tags"), list) else [],
        "author": ", ".join(names),
        "published": date_of(item.get("date_published"))[:10],
        "updated": date_of(item.get("date_modified"))[:10],
        "picture": urljoin(base, str(picture)) if picture else "",
        "licence": "",
    }
