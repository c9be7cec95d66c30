"""Web sites: a feed, a listing and its pages, schema.org objects, WordPress."""

import html
import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from werkzeug import Request

from carrefour.text import key
from tests.partners.emulator.answers import NOTHING, Answer, Built, said
from tests.partners.emulator.telling import article, first, longest
from tests.partners.real_rows import RealSource, rows_of


def rss(path: Path, source: RealSource, base: str) -> Built:
    items = []
    for rank, row in enumerate(rows_of(path), start=1):
        link = first(row, source, "url") or f"{base}/articles/{rank}"
        items.append(
            f"<item><title>{escape(first(row, source, 'title'))}</title>"
            f"<link>{escape(link)}</link><guid>{escape(link)}</guid>"
            f"<description>{escape(longest(row, source))}</description></item>"
        )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Fiches</title>'
        f"<link>{base}/</link><description>Toutes</description>{''.join(items)}</channel></rss>"
    )

    def site(request: Request, at: str) -> Answer:
        if at.startswith("/articles/"):
            return 200, article(rows_of(path)[int(at.rpartition("/")[2]) - 1], source), {}
        return 200, text, {}

    return site, "/actualites"


def listing(path: Path, source: RealSource, base: str) -> Built:
    """An HTML listing with one page per record, and nothing else to read."""
    rows = rows_of(path)
    cards = "".join(
        f'<li class="card"><h3><a href="{base}/fiches/{rank}">'
        f"{html.escape(first(row, source, 'title'))}</a></h3>"
        f"<p>{html.escape(first(row, source, 'description'))}</p></li>"
        for rank, row in enumerate(rows, start=1)
    )
    listing = (
        '<!doctype html><html lang="fr"><head><title>Nos projets</title></head><body>'
        '<nav><ul><li><a href="/">Accueil</a></li><li><a href="/nous">Nous</a></li></ul></nav>'
        f'<main><ul class="cards">{cards}</ul></main></body></html>'
    )

    def site(request: Request, at: str) -> Answer:
        if at.startswith("/fiches/"):
            return 200, article(rows[int(at.rpartition("/")[2]) - 1], source), {}
        return (200, listing, {}) if at == "/projets" else NOTHING

    return site, "/projets"


def jsonld(path: Path, source: RealSource, base: str) -> Built:
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
            "name": first(rows[number - 1], source, "title"),
            "description": longest(rows[number - 1], source),
            "locationCreated": {
                "@type": "Place",
                "address": {"addressLocality": first(rows[number - 1], source, "place")},
            },
        }
        said = json.dumps(told, ensure_ascii=False).replace("</", "<\\/")
        page = article(rows[number - 1], source)
        block = f'<script type="application/ld+json">{said}</script></head>'
        return 200, page.replace("</head>", block), {}

    return site, "/sitemap.xml"


def wordpress(path: Path, source: RealSource, base: str) -> Built:
    """A WordPress site: its home page names the REST API."""
    posts = [
        {
            "id": rank + 100,
            "slug": f"fiche-{rank}",
            "link": f"{base}/fiche-{rank}/",
            "modified_gmt": "2024-03-01T10:00:00",
            "type": "post",
            "title": {"rendered": html.escape(first(row, source, "title"))},
            "excerpt": {"rendered": "", "protected": False},
            "content": {"rendered": f"<p>{longest(row, source)}</p>", "protected": False},
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
        return said(documents[at]) if at in documents else NOTHING

    return site, "/accueil"
