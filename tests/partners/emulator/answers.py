"""What a site answers: (status, content, headers)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug import Request

from tests.partners.real_rows import RealSource

# Rows per page.
PAGE = 40
Answer = tuple[int, str | bytes, dict[str, str]]
Site = Callable[[Request, str], Answer]
# A site, and the path of the address to give.
Built = tuple[Site, str]
# From (the real file, what is known of it, the site's address).
Builder = Callable[[Path, RealSource, str], Built]
NOTHING: Answer = (404, "", {})


def said(document: Any, **headers: str) -> Answer:
    return 200, json.dumps(document, ensure_ascii=False), {k.title(): v for k, v in headers.items()}
