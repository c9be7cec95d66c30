"""JSON APIs that give their rows page by page, each numbering them in its way."""

from pathlib import Path

from werkzeug import Request

from tests.partners.emulator.answers import PAGE, Answer, Built, said
from tests.partners.real_rows import RealSource, rows_of


def by_number(path: Path, source: RealSource, base: str) -> Built:
    """Page numbers, and a total."""
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        page = request.args.get("page", 1, int)
        shown = rows[(page - 1) * PAGE : page * PAGE]
        return said({"total": len(rows), "page": page, "per_page": PAGE, "results": shown})

    return site, "/api/fiches"


def by_offset(path: Path, source: RealSource, base: str) -> Built:
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        start, size = request.args.get("offset", 0, int), request.args.get("limit", PAGE, int)
        shown = rows[start : start + min(size, 100)]
        return said({"count": len(rows), "offset": start, "limit": size, "data": shown})

    return site, "/api/fiches"


def by_cursor(path: Path, source: RealSource, base: str) -> Built:
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        start = int(request.args.get("cursor", "c0").removeprefix("c"))
        more = start + PAGE < len(rows)
        return said(
            {
                "items": rows[start : start + PAGE],
                "next_cursor": f"c{start + PAGE}" if more else None,
                "has_more": more,
            }
        )

    return site, "/api/fiches"


def linked(path: Path, source: RealSource, base: str) -> Built:
    """The next page is told by a Link header (RFC 8288)."""
    rows = rows_of(path)

    def site(request: Request, at: str) -> Answer:
        page = request.args.get("page", 1, int)
        shown = rows[(page - 1) * PAGE : page * PAGE]
        if page * PAGE >= len(rows):
            return said(shown)
        return said(shown, link=f'<{base}/api/fiches?page={page + 1}>; rel="next"')

    return site, "/api/fiches"
