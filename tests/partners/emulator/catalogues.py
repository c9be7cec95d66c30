"""Open data catalogues, whose data set leads to a file."""

from pathlib import Path

from werkzeug import Request

from tests.partners.emulator.answers import NOTHING, Answer, Built, said
from tests.partners.real_rows import RealSource


def udata(path: Path, source: RealSource, base: str) -> Built:
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
            return said(document)
        return (200, content, {}) if at == "/fichier" else NOTHING

    return site, "/api/1/datasets/fiches/"


def ckan(path: Path, source: RealSource, base: str) -> Built:
    content = path.read_bytes()
    resource = {"id": "7a1c", "name": path.stem, "format": "CSV", "url": f"{base}/fichier"}
    package = {
        "id": "5e0f", "name": "fiches", "title": "Fiches", "license_id": "fr-lo",
        "metadata_modified": "2024-03-01T10:00:00", "resources": [resource],
    }  # fmt: skip

    def site(request: Request, at: str) -> Answer:
        if at == "/fichier":
            return 200, content, {}
        return said({"help": "", "success": True, "result": package})

    return site, "/api/3/action/package_show?id=fiches"
