"""Where the content files are, and how the tests read them."""

import json
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SITES = ROOT / "carrefour" / "demo" / "sites"
VOCABULARIES = ROOT / "partners" / "data" / "vocabularies"
# Replaced by the site's own address when it is served.
BASE = "__BASE__"

TAXONOMY: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (ROOT / "innovations" / "data" / "taxonomie.toml").read_text(encoding="utf-8")
)
TABLES = ("themes", "publics", "methods")
CODES = {table: {term["code"] for term in TAXONOMY[table]} for table in TABLES}

STUDY: dict[str, Any] = json.loads(
    (ROOT / "partners" / "data" / "etude-2017.json").read_text(encoding="utf-8")
)
DIFFUSION: dict[str, Any] = json.loads(
    (ROOT / "essaimage" / "data" / "etude-2017.json").read_text(encoding="utf-8")
)
PARTNERS: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "carrefour" / "demo" / "partners.toml").read_text(encoding="utf-8")
)["partners"]
