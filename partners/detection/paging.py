"""How an API turns its pages: what its first answer tells, else what a second one shows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from carrefour.http import FetchError
from partners.connectors.documents import search
from partners.connectors.shapes import list_path, step
from partners.detection.probe import Probe

NEXT = (
    "next", "next_page", "nextPage", "next_url", "nextUrl", "next_page_url", "nextPageUrl",
    "suivant", "suivante", "page_suivante", "@odata.nextLink", "odata.nextLink", "nextLink",
    "hydra:next",
)  # fmt: skip
TOKENS = {
    "next_cursor": "cursor", "nextCursor": "cursor", "cursor": "cursor", "next_token": "token",
    "nextToken": "nextToken", "nextPageToken": "pageToken", "next_page_token": "page_token",
    "continuation": "continuation", "continuationToken": "continuationToken", "after": "after",
    "scroll_id": "scroll_id", "offset": "offset", "starting_after": "starting_after",
}  # fmt: skip
TOTALS = (
    "total", "count", "total_count", "nhits", "totalCount", "total_results", "totalResults",
    "numberMatched", "nb_total", "recordsTotal", "totalElements", "hydra:totalItems", "totalItems",
)  # fmt: skip
PAGES = ("page", "p", "paged", "currentPage", "current_page", "pageNumber", "page_number")
OFFSETS = {"offset": "limit", "start": "rows", "skip": "take", "from": "size", "debut": "nombre"}
SIZES = ("per_page", "page_size", "pageSize", "limit", "size", "rows", "perPage", "nb")
# A list of exactly so many items is perhaps a first page.
ROUND = {10, 12, 15, 20, 24, 25, 30, 40, 50, 60, 100, 200, 250, 500, 1000}
Named = tuple[str, str, Any]


def told(document: Any, url: str, length: int) -> dict[str, Any]:
    """The connector's options that the first answer itself gives; ``length``: its items."""
    if not isinstance(document, Mapping):
        return {}
    found: dict[str, Any] = {}
    members = list(_members(document))
    for path, name, value in members:
        if name in TOTALS and isinstance(value, int) and not isinstance(value, bool):
            found.setdefault("total", path)
    address = _address(members)
    if address:
        return found | {"next": address}
    if token := _token(members):
        return found | token
    return found | _numbered(members, url, length)


def is_told(options: Mapping[str, Any]) -> bool:
    """Whether the options say how to go on."""
    return bool({"next", "page_param", "offset_param", "cursor", "cursor_param"} & set(options))


def _members(document: Mapping[str, Any]) -> Iterator[Named]:
    """(path, name, value) of the answer's own members and of those of its envelopes."""
    for name, value in document.items():
        path = step(str(name))
        yield path, str(name), value
        if isinstance(value, Mapping) and len(value) < 40:
            for inner, said in value.items():
                yield f"{path}.{step(str(inner))}", str(inner), said
                if isinstance(said, Mapping) and inner in NEXT:
                    yield f"{path}.{step(str(inner))}.href", "next", said.get("href")


def _address(members: Sequence[Named]) -> str:
    """Path of the next page's address; an announced next page may be none today."""
    for path, name, value in members:
        if name in NEXT and isinstance(value, str) and ("/" in value or value.startswith("?")):
            return path
    previous = {"previous", "prev", "precedent", "first", "last"}
    names = {name for _, name, _ in members}
    for path, name, value in members:
        if name in NEXT and value is None and previous & names:
            return path
    return ""


def _token(members: Sequence[Named]) -> dict[str, Any]:
    """The token that the next question must bring back (``cursor``: its path)."""
    for path, name, value in members:
        if name in TOKENS and isinstance(value, str) and value and "/" not in value[:8]:
            return {"cursor": path, "cursor_param": TOKENS[name]}
    return {}


def _numbered(members: Sequence[Named], url: str, length: int) -> dict[str, Any]:
    """Page numbers or ranks, in the address or in the answer."""
    asked = parse_qs(urlsplit(url).query)
    said = {name: value for _, name, value in members if isinstance(value, int)}
    size = next((n for n in SIZES if n in asked), "")
    for offset, limit in OFFSETS.items():
        if offset in asked or (offset in said and (limit in said or "limit" in said)):
            counted = limit if limit in said or limit in asked else "limit"
            return {"offset_param": offset, "size_param": counted, "size": max(length, 1)}
    for page in PAGES:
        if page in asked or page in said:
            name = (
                page
                if page in asked
                else {"currentPage": "page", "current_page": "page"}.get(page, page)
            )
            first = (
                int(asked[name][0])
                if name in asked and asked[name][0].isdigit()
                else said.get(page, 1)
            )
            return (
                {"page_param": name}
                | ({"first_page": first} if first == 0 else {})
                | (
                    {"size_param": size, "size": int(asked[size][0])}
                    if size and asked[size][0].isdigit()
                    else {}
                )
            )
    return {}


def tried(
    url: str, path: str, items: Sequence[Any], options: Mapping[str, Any], probe: Probe
) -> dict[str, Any]:
    """What asking for a second page shows, when the first does not seem to be all there is."""
    if not options.get("total") and len(items) not in ROUND:
        return {}
    first = _digest(items)
    questions = [("page", 2, "page_param"), ("offset", len(items), "offset_param")]
    for name, value, option in questions:
        answer = probe.get(_with(url, name, value))
        try:
            second = answer.json() if answer else None
        except FetchError:
            continue
        found = _list_of(second, path)
        if found and _digest(found) != first and _is_alike(items, found):
            return {option: name}
    return {}


def _list_of(document: Any, path: str) -> list[Any]:
    if path and list_path(document) != path:
        return []
    found = search(path, document)
    return found if isinstance(found, list) else []


def _digest(items: Sequence[Any]) -> str:
    return json.dumps(list(items)[:5], sort_keys=True, default=str)


def _is_alike(first: Sequence[Any], second: Sequence[Any]) -> bool:
    a, b = first[0], second[0]
    return isinstance(a, Mapping) and isinstance(b, Mapping) and bool(set(a) & set(b))


def _with(url: str, name: str, value: int) -> str:
    parts = urlsplit(url)
    query = parse_qs(parts.query, keep_blank_values=True) | {name: [str(value)]}
    return urlunsplit((*parts[:3], urlencode(query, doseq=True), ""))
