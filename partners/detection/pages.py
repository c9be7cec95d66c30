"""A web page: the API, the feed, the data set, the site map or the list that stand behind it."""

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from partners.connectors import CONNECTORS, SourceError
from partners.detection import sitemaps
from partners.detection.detected import Detected
from partners.detection.probe import Probe

FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
)
API = "https://api.w.org/"
# The page of a data set, and the address that describes it, by the catalogue's software.
CATALOGUES = {
    "udata": (
        re.compile(r"^(.*?)/(?:[a-z]{2}/)?datasets/([\w.-]+)/?$"),
        "{0}/api/1/datasets/{1}/",
    ),
    "ckan": (
        re.compile(r"^(.*?)/(?:[a-z]{2}/)?dataset/([\w.-]+)/?$"),
        "{0}/api/3/action/package_show?id={1}",
    ),
}
EXPLORE = re.compile(r"^(.*?)/explore/(?:dataset|embed/dataset)/([\w@.-]+)")
FILES = re.compile(r"\.(csv|tsv|xlsx?|ods|geojson|json|zip)(?:$|\?)", re.IGNORECASE)
KIND_OF_FILE = {"geojson": "json", "json": "json", "zip": "spreadsheet"}
COMMENTS = re.compile(r"comment", re.IGNORECASE)
Looked = Callable[[str, str, LexborHTMLParser, Probe], list[Detected]]


def discovered(url: str, text: str, probe: Probe) -> list[Detected]:
    """Every better way to read what the page shows, then the page itself."""
    tree = LexborHTMLParser(text)
    found: list[Detected] = []
    for look in (_dataset, _wordpress, _gogocarto, _feeds, _linked_data, _files, _selectors):
        found += look(url, text, tree, probe)
    if not found or max(f.confidence for f in found) < 0.6:
        found += _site_map(url, text, tree, probe)
    return found


def _wordpress(url: str, text: str, tree: LexborHTMLParser, probe: Probe) -> list[Detected]:
    from partners.detection.jsons import wordpress_kinds

    link = tree.css_first(f'link[rel="{API}"]')
    if link is not None:
        root = urljoin(url, link.attributes.get("href") or "")
        return wordpress_kinds(root, probe)
    if "/wp-content/" not in text:
        return []
    # The link is often removed « for safety », the API seldom.
    root = urljoin(url, "/wp-json/")
    answer = probe.get(root)
    is_open = answer is not None and b'"wp/v2"' in answer.content[:200_000].replace(b"\\/", b"/")
    return wordpress_kinds(root, probe) if is_open else []


def _feeds(url: str, text: str, tree: LexborHTMLParser, probe: Probe) -> list[Detected]:
    from partners.detection.contents import feed

    found: list[Detected] = []
    for link in tree.css('link[rel~="alternate"]'):
        address = urljoin(url, link.attributes.get("href") or "")
        title = link.attributes.get("title") or ""
        if link.attributes.get("type") not in FEED_TYPES or COMMENTS.search(title + address):
            continue
        # The first is looked at; the others are most often its sections.
        answer = None if found else probe.get(address)
        if answer is None and not found:
            continue
        told = feed(address, answer.content) if answer else Detected("feed", address)
        if told.confidence < 0.9:
            continue
        told.confidence = 0.72 if not found else 0.4
        told.warnings.append(f"Cette page annonce un flux, lu à sa place : {address}")
        found.append(told)
    return found


def _dataset(url: str, text: str, tree: LexborHTMLParser, probe: Probe) -> list[Detected]:
    """The page of a data set: its catalogue's API describes it."""
    path = urlsplit(url)._replace(query="", fragment="").geturl()
    if inside := EXPLORE.match(path):
        api = f"{inside[1]}/api/explore/v2.1/catalog/datasets/{inside[2]}/records"
        answer = probe.get(f"{api}?limit=1")
        if answer and b"total_count" in answer.content[:500]:
            return [Detected("json", api, {"path": "results", "total": "total_count"}, 0.92)]
    for kind, (pattern, api) in CATALOGUES.items():
        if inside := pattern.match(path):
            address = api.format(*inside.groups())
            answer = probe.get(address)
            if answer and b'"resources"' in answer.content:
                return [Detected(kind, address, confidence=0.92)]
    return []


def _gogocarto(url: str, text: str, tree: LexborHTMLParser, probe: Probe) -> list[Detected]:
    if "gogocarto" not in text.lower():
        return []
    api = urljoin(url, "/api/elements.json")
    answer = probe.get(api)
    if answer is None or not answer.content.lstrip().startswith((b"{", b"[")):
        return []
    return [Detected("json", api, {"path": "data"} if b'"data"' in answer.content else {}, 0.9)]


def _linked_data(url: str, text: str, tree: LexborHTMLParser, probe: Probe) -> list[Detected]:
    """Several schema.org objects on the page: a list of them."""
    blocks = [n.text() for n in tree.css('script[type="application/ld+json"]')]
    told = sum(len(sitemaps.TYPE.findall(b)) - len(sitemaps.DECOR.findall(b)) for b in blocks)
    is_list = any('"ItemList"' in b or '"itemListElement"' in b for b in blocks)
    if told > 2 or (is_list and told > 0):
        return [Detected("jsonld", url, confidence=0.78)]
    return []


def _files(url: str, text: str, tree: LexborHTMLParser, probe: Probe) -> list[Detected]:
    """Files to download from the page, the first ones."""
    found: dict[str, Detected] = {}
    for link in tree.css("a[href]"):
        address = urljoin(url, link.attributes.get("href") or "")
        if kind := FILES.search(urlsplit(address).path):
            name = KIND_OF_FILE.get(kind[1].lower(), "spreadsheet")
            said = f"Cette page donne un fichier à télécharger, lu à sa place : {address}"
            found.setdefault(address, Detected(name, address, {}, 0.55, [said]))
    few = list(found.values())[:5]
    for rank, detected in enumerate(few):
        detected.confidence -= 0.02 * rank
    return few


def _selectors(url: str, text: str, tree: LexborHTMLParser, probe: Probe) -> list[Detected]:
    """The block that repeats on the page, with a link each time: the last resort."""
    if "html" not in CONNECTORS:
        return []
    from partners.connectors.selector_proposal import propose_selectors

    try:
        options = propose_selectors(text, url)
    except SourceError:
        return []
    if not options or not options.get("items"):
        return []
    said = "Fiches repérées dans la page elle-même : vérifiez les premières avant d’enregistrer."
    return [Detected("html", url, options, 0.6, [said])]


def _site_map(url: str, text: str, tree: LexborHTMLParser, probe: Probe) -> list[Detected]:
    """The site's own list of its pages, from its robots.txt or at its usual place."""
    robots = probe.get(urljoin(url, "/robots.txt"))
    named = re.findall(r"(?im)^\s*sitemap:\s*(\S+)", robots.text()) if robots else []
    for address in [*named[:1], urljoin(url, "/sitemap.xml")]:
        answer = probe.get(address)
        if answer and (
            "<urlset" in answer.text()[:3000] or "<sitemapindex" in answer.text()[:3000]
        ):
            found = sitemaps.listed(answer.url, answer.text(), probe)
            for detected in found:
                detected.confidence -= 0.15
                detected.warnings.append(f"Pages lues par le plan du site : {address}")
            return found
    return []
