"""schema.org in JSON-LD as pages hold it: found, mended, unfolded, the page's own things chosen."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from selectolax.lexbor import LexborHTMLParser

SCRIPT = 'script[type*="ld+json"]'
DEPTH = 12
MAX_NODES = 2000
# Things that are worth a record, most telling first; a page has one main thing.
WANTED = (
    "Project", "ResearchProject", "Event", "Course", "Service", "GovernmentService", "Product",
    "SoftwareApplication", "Article", "NewsArticle", "BlogPosting", "TechArticle", "Report",
    "CreativeWork", "HowTo", "Dataset", "Place", "CivicStructure", "LocalBusiness", "NGO",
    "Organization", "EducationalOrganization", "GovernmentOrganization", "Library",
)  # fmt: skip
COMMENTS = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)")
COMMENTS_END = re.compile(r"(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$")
TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def things(tree: LexborHTMLParser) -> tuple[list[dict[str, Any]], int]:
    """Every thing that the page describes, references resolved, and how many unreadable blocks."""
    documents, unreadable = [], 0
    for script in tree.css(SCRIPT):
        document = _loaded(script.text(deep=True) or "")
        unreadable += document is None
        documents.append(document)
    return told_by(documents), unreadable


def told_by(documents: Sequence[Any]) -> list[dict[str, Any]]:
    """Every thing that JSON-LD documents describe, references resolved."""
    found = list(_unfolded(documents, DEPTH))[:MAX_NODES]
    named: dict[str, dict[str, Any]] = {}
    for thing in found:
        if thing.get("@id") and len(thing) > len(named.get(str(thing["@id"]), {})):
            named[str(thing["@id"])] = thing
    return [_resolved(t, named, 3) for t in found]


def types_of(thing: Mapping[str, Any]) -> list[str]:
    """« Article », « Place »… without their vocabulary's address."""
    said = thing.get("@type") or []
    said = said if isinstance(said, list) else [said]
    return [re.split(r"[/#:]", str(t))[-1] for t in said]


def main_things(found: Sequence[dict[str, Any]], types: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The things that are records: all those of ``types`` when given, else those of the most
    telling type of the page. A page's publisher is none of its records."""
    if types:
        return [t for t in found if set(types_of(t)) & set(types)]
    publishers = {_identity(p) for t in found for p in _publishers(t)}
    kept = [t for t in found if _identity(t) not in publishers or not _identity(t)]
    for wanted in WANTED:
        chosen = [t for t in kept if wanted in types_of(t) and (t.get("name") or t.get("headline"))]
        if chosen:
            return chosen
    return []


def _publishers(thing: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    is_page = {"WebSite", "WebPage", "CollectionPage", "Article", "NewsArticle", "BlogPosting"}
    if not is_page & set(types_of(thing)):
        return []
    values = [thing.get("publisher"), thing.get("isPartOf"), thing.get("about")]
    return [v for v in values if isinstance(v, Mapping)]


def _identity(thing: Mapping[str, Any]) -> str:
    return str(thing.get("@id") or thing.get("url") or "")


def _loaded(text: str) -> Any:
    """The JSON value, mended when its damage is a usual one; None when it cannot be read."""
    text = COMMENTS_END.sub("", COMMENTS.sub("", text)).strip().rstrip(";")
    for attempt in (text, TRAILING_COMMA.sub(r"\1", text), html.unescape(text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _unfolded(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Things at the top, in graphs, in lists of items and as main entities."""
    if isinstance(value, list) and depth:
        for inner in value:
            yield from _unfolded(inner, depth - 1)
    elif isinstance(value, dict) and depth:
        if value.get("@type"):
            yield {k: v for k, v in value.items() if k not in {"@context", "@graph"}}
        for name in ("@graph", "itemListElement", "item", "mainEntity", "hasPart", "subEvent"):
            yield from _unfolded(value.get(name), depth - 1)


def _resolved(value: Any, named: Mapping[str, dict[str, Any]], depth: int) -> Any:
    """{"@id": …} replaced by what it points to; texts rid of their HTML escapes."""
    if isinstance(value, list):
        return [_resolved(v, named, depth) for v in value]
    if isinstance(value, str):
        return html.unescape(value) if "&" in value else value
    if not isinstance(value, dict):
        return value
    if set(value) == {"@id"} and depth and str(value["@id"]) in named:
        value = named[str(value["@id"])]
    if not depth:
        return {k: v for k, v in value.items() if not isinstance(v, dict | list)}
    return {k: _resolved(v, named, depth - 1) for k, v in value.items()}
