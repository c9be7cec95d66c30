"""Every shape under which rows are served, and the connector that should be found for it."""

from tests.partners.emulator import catalogues, files, paged, platforms, repositories, sites
from tests.partners.emulator.answers import Builder

SHAPES: dict[str, Builder] = {
    "plain": files.one_file,
    "zip": files.archive_of_pages,
    "tgz": files.tarball,
    "page": paged.by_number,
    "offset": paged.by_offset,
    "cursor": paged.by_cursor,
    "link": paged.linked,
    "ndjson": files.lines,
    "geojson": platforms.geojson,
    "opendatasoft": platforms.opendatasoft,
    "jsonapi": platforms.jsonapi,
    "arcgis": platforms.arcgis,
    "xml": files.records,
    "rss": sites.rss,
    "wordpress": sites.wordpress,
    "oai": repositories.oai,
    "oai-recorded": repositories.oai_recorded,
    "jsonld": sites.jsonld,
    "html": sites.listing,
    "udata": catalogues.udata,
    "ckan": catalogues.ckan,
}
AT_THE_ROOT = {"udata"}
CONNECTOR_OF = {
    "page": "json", "offset": "json", "cursor": "json", "link": "json", "ndjson": "json",
    "geojson": "json", "opendatasoft": "json", "jsonapi": "json", "arcgis": "json",
    "xml": "xml", "rss": "feed", "wordpress": "wordpress", "oai": "oaipmh",
    "oai-recorded": "oaipmh", "jsonld": "jsonld", "html": "html", "udata": "udata",
    "ckan": "ckan",
}  # fmt: skip
