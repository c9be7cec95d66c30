"""A small HTTP server, on this machine only, that plays the partner platforms."""

import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from carrefour.demo.samples import answer

HOST = "127.0.0.1"
log = logging.getLogger(__name__)


class SamplesServer(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, data: Path | None = None) -> None:
        """Listen on ``port`` (0: any free one). Raises ``OSError`` when it is taken."""
        super().__init__((HOST, port), Handler)
        self.data = data

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: SamplesServer
    protocol_version = "HTTP/1.1"
    server_version = "PlateformesExemple"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        found = answer(self.path, self.server.url, self.server.data)
        etag = found.headers.get("ETag")
        if etag and self.headers.get("If-None-Match") == etag:
            found.status, found.content = 304, b""
        self.send_response(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(found.content)))
        self.end_headers()
        if with_body:
            self.wfile.write(found.content)

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)
