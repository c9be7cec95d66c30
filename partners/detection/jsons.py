"""JSON: what an API's first answer tells of its shape and of its pages."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import ijson

from carrefour.http import FetchError, Spooled, decode
from partners.connectors.documents import search
from partners.connectors.shapes import list_path
from partners.connectors.shapes.grids import with_named_cells
from partners.detection import paging
from partners.detection.detected import Detected
from partners.detection.probe import Probe

WHOLE = 30_000_000
EXPLORE = re.compile(r"^(.*?/(?:api/explore/v2\.\d|api/v2)/catalog/datasets/[^/?]+)")
NOT_RECORDS = {
    "attachment", "nav_menu_item", "custom_css", "oembed_cache", "user_request",
    "customize_changeset",
}  # fmt: skip
FOREIGN_TYPES = re.compile(r"^(wp_|elementor|e-|jet-|ct_|fl-|vc_|rm_|acf|nf_|mailpoet|tribe_venue)")


def recognised(document: Spooled, text: str, probe: Probe) -> list[Detected]:
    """The ways to read a document that begins by a brace or a bracket."""
    if document.size > WHOLE:
        return _by_beginning(document)
    try:
        said = with_named_cells(json.loads(decode(document.bytes(), document.charset)))
    except (ValueError, RecursionError):
        return _lines(document.url, text)
    for look in (_wordpress, _json_feed, _catalogue, _opendatasoft, _arcgis_service, _linked_data):
        if found := look(document.url, said, probe):
            return found
    return _list(document, said, probe)


def _lines(url: str, text: str) -> list[Detected]:
    """One object per line (NDJSON, GeoJSON sequences)."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    read = 0
    for line in lines:
        try:
            read += isinstance(json.loads(line.strip("\x1e ")), dict)
        except ValueError:
            continue
    # The sample's last line may be cut.
    return [Detected("json", url, confidence=0.9)] if read > 1 and read >= len(lines) - 1 else []


def _by_beginning(document: Spooled) -> list[Detected]:
    """A document too big to be held: its list is the first list of objects met."""
    before = ""
    try:
        for rank, (prefix, event, _) in enumerate(ijson.parse(document.file)):
            if event == "start_map" and (prefix == "item" or prefix.endswith(".item")):
                path = prefix.removesuffix("item").rstrip(".")
                return [Detected("json", document.url, {"path": path} if path else {}, 0.85)]
            before = prefix
            if rank > 100_000:
                break
    except ijson.JSONError:
        return []
    return [Detected("json", document.url, confidence=0.4)] if before else []


def _wordpress(url: str, said: Any, probe: Probe) -> list[Detected]:
    is_index = isinstance(said, Mapping) and "wp/v2" in (said.get("namespaces") or [])
    if is_index:
        root = url if "wp-json" in url or "rest_route" in url else urljoin(url, "wp-json/")
        return wordpress_kinds(root, probe)
    items = said if isinstance(said, list) else []
    is_posts = bool(items) and all(
        isinstance(i, Mapping) and isinstance(i.get("title"), Mapping) and "rendered" in i["title"]
        for i in items[:5]
    )
    if ("/wp-json/wp/v2/" in url or "rest_route=" in url) and isinstance(said, list):
        return [Detected("wordpress", url, confidence=0.95)]
    return [Detected("json", url, confidence=0.8)] if is_posts else []


def wordpress_kinds(root: str, probe: Probe) -> list[Detected]:
    """The site's content types, those that are no article first: a directory has its own."""
    answer = probe.get(urljoin(root, "wp/v2/types") if "rest_route" not in root else root)
    try:
        listed = answer.json() if answer else {}
    except FetchError:
        listed = {}
    kinds = []
    for name, kind in listed.items() if isinstance(listed, Mapping) else ():
        base = str(kind.get("rest_base") or name) if isinstance(kind, Mapping) else ""
        if base and name not in NOT_RECORDS and not FOREIGN_TYPES.match(name):
            kinds.append((name, base))
    own = [base for name, base in kinds if name not in {"post", "page"}]
    found = [Detected("wordpress", root, {"type": b}, 0.8 - 0.02 * n) for n, b in enumerate(own)]
    # Articles when the site has nothing more telling; pages seldom are records.
    found.append(Detected("wordpress", root, {}, 0.85 if not own else 0.7))
    if any(name == "page" for name, _ in kinds):
        found.append(Detected("wordpress", root, {"type": "pages"}, 0.3))
    if own:
        found[0].warnings.append(
            "Ce site a ses propres types de contenu : "
            + ", ".join(f"« {b} »" for b in own[:8])
            + " ; le premier est lu, choisissez celui des fiches."
        )
    return found


def _json_feed(url: str, said: Any, probe: Probe) -> list[Detected]:
    version = said.get("version") if isinstance(said, Mapping) else ""
    if isinstance(version, str) and "jsonfeed.org" in version:
        return [Detected("feed", url, confidence=0.97)]
    return []


def _catalogue(url: str, said: Any, probe: Probe) -> list[Detected]:
    """A data set of udata or CKAN, or a list of them."""
    if not isinstance(said, Mapping):
        return []
    result = said.get("result") if said.get("success") is True else None
    if isinstance(result, Mapping) and (_is_dataset(result) or _datasets(result)):
        return [Detected("ckan", url, confidence=0.95 if _is_dataset(result) else 0.75)]
    if _is_dataset(said):
        return [Detected("udata", url, confidence=0.95)]
    if isinstance(said.get("data"), list) and _datasets({"results": said["data"]}):
        return [Detected("udata", url, confidence=0.7)]
    return []


def _is_dataset(said: Mapping[str, Any]) -> bool:
    resources = said.get("resources")
    return isinstance(resources, list) and all(
        isinstance(r, Mapping) and ("url" in r or "latest" in r) for r in resources
    )


def _datasets(said: Mapping[str, Any]) -> bool:
    listed = said.get("results")
    return (
        isinstance(listed, list)
        and bool(listed)
        and all(isinstance(d, Mapping) and _is_dataset(d) for d in listed)
    )


def _opendatasoft(url: str, said: Any, probe: Probe) -> list[Detected]:
    """A data set's description leads to its records."""
    inside = EXPLORE.match(url)
    if not inside or url.partition("?")[0].rstrip("/").endswith(("/records", "/exports/json")):
        return []
    if isinstance(said, Mapping) and ("dataset_id" in said or "dataset" in said):
        return [Detected("json", f"{inside.group(1)}/records", {"path": "results"}, 0.9)]
    return []


def _arcgis_service(url: str, said: Any, probe: Probe) -> list[Detected]:
    """A service or a layer, not yet a question put to it."""
    if not isinstance(said, Mapping) or "currentVersion" not in said:
        return []
    layer = url.partition("?")[0].rstrip("/")
    if isinstance(said.get("layers"), list) and said["layers"]:
        layer = f"{layer}/{said['layers'][0].get('id', 0)}"
    question = f"{layer}/query?where=1%3D1&outFields=*&outSR=4326&f=json"
    return [Detected("json", question, {"path": "features"}, 0.85)]


def _linked_data(url: str, said: Any, probe: Probe) -> list[Detected]:
    is_linked = isinstance(said, Mapping) and "schema.org" in str(said.get("@context", ""))[:200]
    if is_linked and ("@graph" in said or "@type" in said):
        return [Detected("jsonld", url, confidence=0.85)]
    return []


def _list(document: Spooled, said: Any, probe: Probe) -> list[Detected]:
    path = list_path(said)
    items = _at(said, path)
    if not items:
        # A list that is empty today, or an object keyed by identifiers.
        keyed = _keyed(said)
        return (
            [Detected("json", document.url, {}, 0.75 if keyed else 0.5)]
            if (keyed or isinstance(said, list))
            else []
        )
    options: dict[str, Any] = {"path": path} if path else {}
    options |= paging.told(said, document.url, len(items))
    if "link" not in document.headers and not paging.is_told(options):
        options |= paging.tried(document.url, path, items, options, probe)
    return [Detected("json", document.url, options, 0.9)]


def _at(said: Any, path: str) -> Sequence[Any]:
    found = search(path, said)
    return found if isinstance(found, list) else []


def _keyed(said: Any) -> bool:
    """Objects by their identifier, in the document or in its longest member."""
    members = [said, *said.values()] if isinstance(said, Mapping) else []
    for member in members:
        objects = list(member.values()) if isinstance(member, Mapping) else []
        names = [frozenset(o) for o in objects if isinstance(o, Mapping)]
        if len(names) > 1 and len(names) == len(objects):
            shared = frozenset.intersection(*names)
            if len(shared) >= 0.5 * min(map(len, names)):
                return True
    return False


def page_number(url: str) -> str:
    """The query parameter that numbers pages in the address itself, or ""."""
    asked = parse_qs(urlsplit(url).query)
    return next((n for n in ("page", "p", "paged", "pageNumber", "page_number") if n in asked), "")
