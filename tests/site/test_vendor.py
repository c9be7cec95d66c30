"""What the site embeds is what its README says, and calls nobody."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"
README = (VENDOR / "README.md").read_text()


@pytest.mark.parametrize("path", sorted((VENDOR / "maplibre-gl").iterdir()), ids=lambda p: p.name)
def test_the_files_of_the_map_are_those_that_were_published(path: Path) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    assert re.search(rf"`{re.escape(path.name)}` \| `{digest}`", README)


def test_no_embedded_file_names_a_source_map() -> None:
    scripts = [p for p in VENDOR.rglob("*") if p.suffix in {".js", ".mjs", ".css"}]

    assert [p.name for p in scripts if b"sourceMappingURL=" in p.read_bytes()] == []
