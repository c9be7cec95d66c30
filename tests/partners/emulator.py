"""Real rows served over HTTP on this machine in the shape each kind of platform documents.

Addresses are neutral and answers carry no Content-Type: only the content tells what they are.
"""

import html
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote
from xml.sax.saxutils import escape

from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from carrefour.text import key
from tests.partners.real_rows import RealSource, Row, pages, rows_of

PAGE = 40
Answer = tuple[int, str | bytes, dict[str, str]]
Site = Callable[[Request, str], Answer]


class Quiet(WSGIRequestHandler):
    """Writes no line per request."""

    def log(self, *args: Any) -> None:
        pass


class Emulator:
    """Serves (source, shape) pairs; a context manager. ``folder`` holds the real files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sites: dict[str, Site] = {}
        application = Request.application(self._answer)
        self._server = make_server(
            "127.0.0.1", 0, application, threaded=True, request_handler=Quiet
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def serve(self, source: RealSource, shape: str) -> str:
        """The address to give to a person who wants this source under this shape."""
        # A catalogue has a host for itself: one of them at a time.
        name = "" if shape in AT_THE_ROOT else f"s{len(self._sites) + 1}"
        base = f"http://127.0.0.1:{self._server.server_port}/{name}".rstrip("/")
        path = self.folder / source.file
        site, start = SHAPES[shape](path, source, base)
        self._sites[name] = site
        return f"{base}{start}"

    def _answer(self, request: Request) -> Response:
        name, _, rest = request.path.lstrip("/").partition("/")
        site, at = self._sites.get(name), f"/{rest}"
        if site is None:
            site, at = self._sites.get(""), request.path
        status, content, headers = site(request, at) if site else NOTHING
        response = Response(content, status)
        del response.headers["Content-Type"]
        response.headers.update(headers)
        return response


def _said(document: Any, **headers: str) -> Answer:
    return 200, json.dumps(document, ensure_ascii=False), {k.title(): v for k, v in headers.items()}


NOTHING: Answer = (404, "", {})
Built = tuple[Site, str]


def _file(path: Path, source: RealSource, base: str) -> Built:
    content = path.read_bytes()
    return lambda request, at: (200, content, {}) if at == "/fiches" else NOTHING, "/fiches"


def _archive(path: Path, source: RealSource, base: str) -> Built:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages(path):
            archive.write(page, f"contenu-main/{path.parent.name}/{page.name}")
        archive.writestr("contenu-main/README.md", "# Contenus\n\nLes fiches du site.\n")
    return lambda request, at: (200, output.getvalue(), {}), "/archive"


def _tarball(path: Path, source: RealSource, base: str) -> Built:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        for page in pages(path):
            archive.add(page, f"contenu-main/{path.parent.name}/{page.name}")
    return lambda request, at: (200, output.getvalue(), {}), "/archive"


def _numbered(path: Path, source: RealSource, base: str) -> Built:
    """Page numbers, and a total."""
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        page = request.args.get("page", 1, int)
        shown = rows[(page - 1) * PAGE : page * PAGE]
        return _said({"total": len(rows), "page": page, "per_page": PAGE, "results": shown})

    return site, "/api/fiches"


def _offset(path: Path, source: RealSource, base: str) -> Built:
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        start, size = request.args.get("offset", 0, int), request.args.get("limit", PAGE, int)
        shown = rows[start : start + min(size, 100)]
        return _said({"count": len(rows), "offset": start, "limit": size, "data": shown})

    return site, "/api/fiches"


def _cursor(path: Path, source: RealSource, base: str) -> Built:
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        start = int(request.args.get("cursor", "c0").removeprefix("c"))
        more = start + PAGE < len(rows)
        return _said(
            {
                "items": rows[start : start + PAGE],
                "next_cursor": f"c{start + PAGE}" if more else None,
                "has_more": more,
            }
        )

    return site, "/api/fiches"


def _link(path: Path, source: RealSource, base: str) -> Built:
    """The next page is told by a Link header (RFC 8288)."""
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        page = request.args.get("page", 1, int)
        shown = rows[(page - 1) * PAGE : page * PAGE]
        if page * PAGE >= len(rows):
            return _said(shown)
        return _said(shown, link=f'<{base}/api/fiches?page={page + 1}>; rel="next"')

    return site, "/api/fiches"


def _lines(path: Path, source: RealSource, base: str) -> Built:
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows_of(path))
    return lambda request, at: (200, text, {}), "/export"


def _geojson(path: Path, source: RealSource, base: str) -> Built:
    longitude, latitude = source.fields["longitude"][0], source.fields["latitude"][0]
    features = []
    for row in rows_of(path):
        kept = {k: v for k, v in row.items() if k not in {longitude, latitude}}
        point = {"type": "Point", "coordinates": [float(row[longitude]), float(row[latitude])]}
        features.append({"type": "Feature", "geometry": point, "properties": kept})
    document = {"type": "FeatureCollection", "features": features}
    return lambda request, at: _said(document), "/carte"


def _opendatasoft(path: Path, source: RealSource, base: str) -> Built:
    """Explore API v2.1: at most 100 records per page."""
    rows = [{key(k).replace(" ", "_"): v for k, v in row.items()} for row in rows_of(path)]

    def site(request: Request, at: str) -> Answer:
        if at.endswith("/exports/json"):
            return _said(rows)
        if not at.endswith("/records"):
            return _said({"dataset_id": "fiches", "metas": {"default": {"title": "Fiches"}}})
        size, start = request.args.get("limit", 10, int), request.args.get("offset", 0, int)
        if size > 100 or start + size > 10_000:
            return 400, json.dumps({"error_code": "InvalidRESTParameterError"}), {}
        return _said({"total_count": len(rows), "results": rows[start : start + size]})

    return site, "/api/explore/v2.1/catalog/datasets/fiches/records"


def _jsonapi(path: Path, source: RealSource, base: str) -> Built:
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        page = request.args.get("page[number]", 1, int)
        shown = rows[(page - 1) * PAGE : page * PAGE]
        data = [
            {
                "type": "node--fiche",
                "id": f"6b1f-{page}-{rank}",
                "attributes": row,
                "links": {"self": {"href": f"{base}/jsonapi/node/{page}-{rank}"}},
            }
            for rank, row in enumerate(shown)
        ]
        links: dict[str, Any] = {"self": {"href": f"{base}/jsonapi/fiches"}}
        if page * PAGE < len(rows):
            more = quote("page[number]")
            links["next"] = {"href": f"{base}/jsonapi/fiches?{more}={page + 1}"}
        return _said({"jsonapi": {"version": "1.0"}, "data": data, "links": links})

    return site, "/jsonapi/fiches"


def _arcgis(path: Path, source: RealSource, base: str) -> Built:
    rows = rows_of(path)
    longitude, latitude = source.fields["longitude"][0], source.fields["latitude"][0]

    def site(request: Request, at: str) -> Answer:
        start = request.args.get("resultOffset", 0, int)
        size = min(request.args.get("resultRecordCount", 500, int), 500)
        shown = [
            {
                "attributes": row,
                "geometry": {"x": float(row[longitude] or 0), "y": float(row[latitude] or 0)},
            }
            for row in rows[start : start + size]
        ]
        document = {
            "objectIdFieldName": "OBJECTID",
            "geometryType": "esriGeometryPoint",
            "spatialReference": {"wkid": 4326},
            "fields": [{"name": n, "type": "esriFieldTypeString"} for n in rows[0]],
            "features": shown,
        }
        more = {"exceededTransferLimit": True} if start + size < len(rows) else {}
        return _said(document | more)

    return site, "/rest/services/fiches/FeatureServer/0/query"


def _xml(path: Path, source: RealSource, base: str) -> Built:
    records = [
        "<fiche>"
        + "".join(f"<{_tag(k)}>{escape(str(v))}</{_tag(k)}>" for k, v in row.items() if _tag(k))
        + "</fiche>"
        for row in rows_of(path)
    ]
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<export>{"".join(records)}</export>'
    return lambda request, at: (200, text, {}), "/export"


def _tag(name: str) -> str:
    return key(name).replace(" ", "_").lstrip("0123456789_")


def _first(row: Row, source: RealSource, *targets: str) -> str:
    """What the row says for the first of the targets that it fills."""
    names = [n for t in targets for n in source.fields.get(t, ())]
    by_key = {key(k): v for k, v in row.items()}
    return next((str(by_key[key(n)]) for n in names if by_key.get(key(n))), "")


def _rss(path: Path, source: RealSource, base: str) -> Built:
    items = []
    for rank, row in enumerate(rows_of(path), start=1):
        link = _first(row, source, "url") or f"{base}/articles/{rank}"
        items.append(
            f"<item><title>{escape(_first(row, source, 'title'))}</title>"
            f"<link>{escape(link)}</link><guid>{escape(link)}</guid>"
            f"<description>{escape(_longest(row, source))}</description></item>"
        )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Fiches</title>'
        f"<link>{base}/</link><description>Toutes</description>{''.join(items)}</channel></rss>"
    )

    def site(request: Request, at: str) -> Answer:
        if at.startswith("/articles/"):
            return 200, _article(rows_of(path)[int(at.rpartition("/")[2]) - 1], source), {}
        return 200, text, {}

    return site, "/actualites"


def _longest(row: Row, source: RealSource) -> str:
    by_key = {key(k): str(v) for k, v in row.items()}
    return max((by_key.get(key(n), "") for n in source.fields["description"]), key=len)


def _article(row: Row, source: RealSource) -> str:
    title, place = _first(row, source, "title"), _first(row, source, "place")
    paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in _longest(row, source).split("\n\n"))
    where = f"<dl><dt>Ville</dt><dd>{html.escape(place)}</dd></dl>" if place else ""
    return (
        f'<!doctype html><html lang="fr"><head><title>{html.escape(title)} – Exemple</title></head>'
        f"<body><nav><a href='/'>Accueil</a></nav><main><article><h1>{html.escape(title)}</h1>"
        f"{paragraphs}{where}</article></main><footer>Mentions légales</footer></body></html>"
    )


def _listing(path: Path, source: RealSource, base: str) -> Built:
    """An HTML listing with one page per record, and nothing else to read."""
    rows = rows_of(path)
    cards = "".join(
        f'<li class="card"><h3><a href="{base}/fiches/{rank}">'
        f"{html.escape(_first(row, source, 'title'))}</a></h3>"
        f"<p>{html.escape(_first(row, source, 'description'))}</p></li>"
        for rank, row in enumerate(rows, start=1)
    )
    listing = (
        '<!doctype html><html lang="fr"><head><title>Nos projets</title></head><body>'
        '<nav><ul><li><a href="/">Accueil</a></li><li><a href="/nous">Nous</a></li></ul></nav>'
        f'<main><ul class="cards">{cards}</ul></main></body></html>'
    )

    def site(request: Request, at: str) -> Answer:
        if at.startswith("/fiches/"):
            return 200, _article(rows[int(at.rpartition("/")[2]) - 1], source), {}
        return (200, listing, {}) if at == "/projets" else NOTHING

    return site, "/projets"


def _jsonld(path: Path, source: RealSource, base: str) -> Built:
    """A site whose pages tell a schema.org object, all listed in its site map."""
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        if at == "/sitemap.xml":
            urls = "".join(f"<url><loc>{base}/p/{n}</loc></url>" for n in range(1, len(rows) + 1))
            namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
            return 200, f'<?xml version="1.0"?><urlset xmlns="{namespace}">{urls}</urlset>', {}
        if not at.startswith("/p/"):
            return NOTHING
        number = int(at.rpartition("/")[2])
        told = {
            "@context": "https://schema.org",
            "@type": "CreativeWork",
            "@id": f"{base}/p/{number}",
            "url": f"{base}/p/{number}",
            "name": _first(rows[number - 1], source, "title"),
            "description": _longest(rows[number - 1], source),
            "locationCreated": {
                "@type": "Place",
                "address": {"addressLocality": _first(rows[number - 1], source, "place")},
            },
        }
        said = json.dumps(told, ensure_ascii=False).replace("</", "<\\/")
        page = _article(rows[number - 1], source)
        block = f'<script type="application/ld+json">{said}</script></head>'
        return 200, page.replace("</head>", block), {}

    return site, "/sitemap.xml"


def _wordpress(path: Path, source: RealSource, base: str) -> Built:
    """A WordPress site: its home page names the REST API."""
    posts = [
        {
            "id": rank + 100,
            "slug": f"fiche-{rank}",
            "link": f"{base}/fiche-{rank}/",
            "modified_gmt": "2024-03-01T10:00:00",
            "type": "post",
            "title": {"rendered": html.escape(_first(row, source, "title"))},
            "excerpt": {"rendered": "", "protected": False},
            "content": {"rendered": f"<p>{_longest(row, source)}</p>", "protected": False},
            "acf": {key(k).replace(" ", "_"): v for k, v in row.items()},
            "categories": [],
        }
        for rank, row in enumerate(rows_of(path), start=1)
    ]
    documents: dict[str, Any] = {
        "/wp-json/": {"name": "Exemple", "namespaces": ["wp/v2"], "routes": {"/wp/v2/posts": {}}},
        "/wp-json/wp/v2/types": {"post": {"slug": "post", "rest_base": "posts", "name": "Fiches"}},
        "/wp-json/wp/v2/taxonomies": {"category": {"rest_base": "categories"}},
        "/wp-json/wp/v2/categories": [],
        "/wp-json/wp/v2/media": [],
    }

    def site(request: Request, at: str) -> Answer:
        if at == "/accueil":
            api = f'<link rel="https://api.w.org/" href="{base}/wp-json/">'
            return 200, f"<!doctype html><html><head>{api}</head><body>Bonjour</body></html>", {}
        if at == "/wp-json/wp/v2/posts":
            size, page = request.args.get("per_page", 10, int), request.args.get("page", 1, int)
            shown = posts[(page - 1) * size : page * size]
            pages_count = -(-len(posts) // size)
            headers = {"X-WP-Total": str(len(posts)), "X-WP-TotalPages": str(pages_count)}
            return 200, json.dumps(shown), headers
        return _said(documents[at]) if at in documents else NOTHING

    return site, "/accueil"


OAI = (
    '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>2024-03-01T10:00:00Z</responseDate><request>{base}</request>{answer}</OAI-PMH>"
)
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">{elements}</oai_dc:dc>'
)


def _oai(path: Path, source: RealSource, base: str) -> Built:
    """A repository that gives its records forty at a time."""
    records = []
    for rank, row in enumerate(rows_of(path), start=1):
        said = {
            "title": _first(row, source, "title"),
            "description": _longest(row, source),
            "coverage": _first(row, source, "place"),
            "identifier": f"{base}/fiches/{rank}",
        }
        elements = "".join(f"<dc:{k}>{escape(v)}</dc:{k}>" for k, v in said.items() if v)
        records.append(
            f"<record><header><identifier>oai:exemple.fr:{rank}</identifier>"
            f"<datestamp>2024-03-01</datestamp></header>"
            f"<metadata>{DC.format(elements=elements)}</metadata></record>"
        )
    answers = {
        "Identify": "<Identify><repositoryName>Exemple</repositoryName>"
        f"<baseURL>{base}/depot</baseURL><protocolVersion>2.0</protocolVersion>"
        "<earliestDatestamp>2020-01-01</earliestDatestamp><deletedRecord>no</deletedRecord>"
        "<granularity>YYYY-MM-DD</granularity></Identify>",
        "ListMetadataFormats": "<ListMetadataFormats><metadataFormat>"
        "<metadataPrefix>oai_dc</metadataPrefix></metadataFormat></ListMetadataFormats>",
        "ListSets": '<error code="noSetHierarchy">Pas d’ensembles</error>',
    }

    def site(request: Request, at: str) -> Answer:
        verb = request.args.get("verb", "")
        answer = answers.get(verb, '<error code="badVerb">Verbe absent ou inconnu</error>')
        if verb == "ListRecords":
            start = int(request.args.get("resumptionToken", "0"))
            end = start + PAGE
            token = str(end) if end < len(records) else ""
            sized = f'<resumptionToken completeListSize="{len(records)}">{token}</resumptionToken>'
            answer = f"<ListRecords>{''.join(records[start:end])}{sized}</ListRecords>"
        return 200, OAI.format(base=f"{base}/depot", answer=answer), {}

    return site, "/depot"


def _oai_recorded(path: Path, source: RealSource, base: str) -> Built:
    """The answers recorded beside the file, as their server gave them."""
    kept = {p.stem: p.read_bytes() for p in path.parent.glob("*.xml")}
    none = OAI.format(base=base, answer='<error code="badVerb">Illegal verb</error>').encode()

    def site(request: Request, at: str) -> Answer:
        return 200, kept.get(request.args.get("verb", ""), none), {}

    return site, "/depot"


def _udata(path: Path, source: RealSource, base: str) -> Built:
    """A data set of data.gouv.fr's software, its file beside it."""
    content = path.read_bytes()
    resource = {
        "id": "7a1c", "title": path.stem, "format": "csv", "type": "main", "filetype": "file",
        "url": f"{base}/fichier", "latest": f"{base}/fichier", "filesize": len(content),
        "last_modified": "2024-03-01T10:00:00+00:00",
    }  # fmt: skip
    document = {
        "id": "5e0f", "slug": "fiches", "title": "Fiches", "license": "fr-lo",
        "page": f"{base}/fr/datasets/fiches/", "uri": f"{base}/api/1/datasets/fiches/",
        "resources": [resource], "last_modified": "2024-03-01T10:00:00+00:00",
    }  # fmt: skip

    def site(request: Request, at: str) -> Answer:
        if at.startswith("/api/1/"):
            return _said(document)
        return (200, content, {}) if at == "/fichier" else NOTHING

    return site, "/api/1/datasets/fiches/"


def _ckan(path: Path, source: RealSource, base: str) -> Built:
    content = path.read_bytes()
    resource = {"id": "7a1c", "name": path.stem, "format": "CSV", "url": f"{base}/fichier"}
    package = {
        "id": "5e0f", "name": "fiches", "title": "Fiches", "license_id": "fr-lo",
        "metadata_modified": "2024-03-01T10:00:00", "resources": [resource],
    }  # fmt: skip

    def site(request: Request, at: str) -> Answer:
        if at == "/fichier":
            return 200, content, {}
        return _said({"help": "", "success": True, "result": package})

    return site, "/api/3/action/package_show?id=fiches"


SHAPES: dict[str, Callable[[Path, RealSource, str], Built]] = {
    "plain": _file,
    "zip": _archive,
    "tgz": _tarball,
    "page": _numbered,
    "offset": _offset,
    "cursor": _cursor,
    "link": _link,
    "ndjson": _lines,
    "geojson": _geojson,
    "opendatasoft": _opendatasoft,
    "jsonapi": _jsonapi,
    "arcgis": _arcgis,
    "xml": _xml,
    "rss": _rss,
    "wordpress": _wordpress,
    "oai": _oai,
    "oai-recorded": _oai_recorded,
    "jsonld": _jsonld,
    "html": _listing,
    "udata": _udata,
    "ckan": _ckan,
}
AT_THE_ROOT = {"udata"}
CONNECTOR_OF = {
    "page": "json", "offset": "json", "cursor": "json", "link": "json", "ndjson": "json",
    "geojson": "json", "opendatasoft": "json", "jsonapi": "json", "arcgis": "json",
    "xml": "xml", "rss": "feed", "wordpress": "wordpress", "oai": "oaipmh",
    "oai-recorded": "oaipmh", "jsonld": "jsonld", "html": "html", "udata": "udata",
    "ckan": "ckan",
}  # fmt: skip
