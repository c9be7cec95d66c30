"""What the sample partner sites answer to an address: their routes, files, pages of a list."""

import hashlib
import json
import mimetypes
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SITES = Path(__file__).parent / "sites"
# Address under which the files of the folder DATA=… are served.
DATA = "donnees"
BASE = b"__BASE__"
HIDDEN = {"site.toml", "README.md"}
# Never sent whole: a text is one that may hold the site's own address.
TEXTS = ("text/", "application/json", "application/xml", "application/atom", "application/rss")
ROBOTS = b"User-agent: *\nAllow: /\n"
TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".html": "text/html; charset=utf-8",
}


@dataclass
class Answer:
    status: int
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def answer(target: str, origin: str, data: Path | None = None) -> Answer:
    """The answer to a GET of ``target`` (path and query) at ``origin`` (« http://127.0.0.1:8001 »).

    ``data`` is the folder served under /donnees/.
    """
    parts = urlsplit(target)
    names = [n for n in unquote(parts.path).split("/") if n not in ("", ".")]
    if ".." in names or "\0" in parts.path:
        return _missing()
    if names == ["robots.txt"]:
        return Answer(200, ROBOTS, {"Content-Type": "text/plain; charset=utf-8"})
    if names[:1] == [DATA]:
        return _file(data, names[1:], "") if data else _missing()
    site = SITES / names[0] if names else SITES
    if not (site / "site.toml").is_file():
        return _file(SITES, names, origin)
    base = f"{origin}/{names[0]}"
    inside = "/" + "/".join(names[1:]) + ("/" if parts.path.endswith("/") and names[1:] else "")
    query = dict(parse_qsl(parts.query))
    route = _route(site, inside, query)
    return _routed(site, route, query, base) if route else _file(site, names[1:], base)


@lru_cache(maxsize=32)
def _routes(path: Path, changed: float) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        return list(tomllib.load(file).get("routes", []))


def _route(site: Path, path: str, query: Mapping[str, str]) -> dict[str, Any] | None:
    """The route of that path whose every query parameter is there; the most demanding wins."""
    settings = site / "site.toml"
    routes = _routes(settings, settings.stat().st_mtime)
    fitting = [
        r
        for r in routes
        if r["path"].rstrip("/") == path.rstrip("/")
        and all(query.get(k) == v for k, v in r.get("query", {}).items())
    ]
    return max(fitting, key=lambda r: len(r.get("query", {})), default=None)


def _routed(site: Path, route: Mapping[str, Any], query: Mapping[str, str], base: str) -> Answer:
    content = (site / route["file"]).read_bytes()
    headers = {"Content-Type": route["content_type"]}
    if "pagination" in route:
        content, more, status = _page(content, route["pagination"], query)
        if status != 200:
            return Answer(status, content, headers)
        headers |= more
    if headers["Content-Type"].startswith(TEXTS):
        content = content.replace(BASE, base.encode())
    return Answer(200, content, headers | {"ETag": _etag(content)})


def _page(
    content: bytes, rules: Mapping[str, Any], query: Mapping[str, str]
) -> tuple[bytes, dict[str, str], int]:
    """One slice of a JSON list with the headers that count the rest, as WordPress does."""
    items = json.loads(content)
    number = _whole(query.get(rules["page"]), 1)
    size = min(_whole(query.get(rules["size"]), rules["default_size"]), rules["max_size"])
    pages = max(1, -(-len(items) // size))
    headers = {rules["total_header"]: str(len(items)), rules["pages_header"]: str(pages)}
    if number > pages:
        fault = {"code": "rest_post_invalid_page_number", "data": {"status": 400}}
        return json.dumps(fault).encode(), {}, rules["beyond_status"]
    chosen = items[(number - 1) * size : number * size]
    return json.dumps(chosen, ensure_ascii=False).encode(), headers, 200


def _whole(text: str | None, default: int) -> int:
    return max(1, int(text)) if text and text.isdigit() else default


def _file(folder: Path | None, names: list[str], base: str) -> Answer:
    if folder is None or (names and names[-1] in HIDDEN):
        return _missing()
    root = folder.resolve()
    path = root.joinpath(*names).resolve()
    if path.is_dir():
        path = path / "index.html"
    if not path.is_relative_to(root) or not path.is_file():
        return _missing()
    kind = TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0]
    kind = kind or "application/octet-stream"
    content = path.read_bytes()
    if base and kind.startswith(TEXTS):
        content = content.replace(BASE, base.encode())
    return Answer(200, content, {"Content-Type": kind, "ETag": _etag(content)})


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:24]}"'


def _missing() -> Answer:
    page = "<!doctype html><html lang=fr><title>Page absente</title><p>Cette page n’existe pas."
    return Answer(404, page.encode(), {"Content-Type": "text/html; charset=utf-8"})
