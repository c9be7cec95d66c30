"""The server of the emulated sites."""

import threading
from pathlib import Path
from typing import Any, Self

from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.partners.emulator.answers import NOTHING, Site
from tests.partners.emulator.shapes import AT_THE_ROOT, SHAPES
from tests.partners.real_rows import RealSource


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
