"""A web server that behaves as badly as servers do: each answer is written byte by byte."""

import contextlib
import socketserver
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

Answer = Callable[["Visit"], None]
MEGABYTE = b"0" * 1_000_000


class Visit(socketserver.StreamRequestHandler):
    """One connection, one request, one answer."""

    server: "HostileServer"

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            request = self.rfile.readline(65_536).decode("latin-1").split(" ")
            while self.rfile.readline(65_536).strip():
                pass
            self.target = request[1] if len(request) > 1 else "/"
            self.path, _, self.query = self.target.partition("?")
            self.server.asked[self.path] += 1
            self.server.answers.get(self.path, status(404))(self)

    def send(self, content: bytes) -> None:
        """Write as is; a client that left ends the answer."""
        self.wfile.write(content)
        self.wfile.flush()


class HostileServer(socketserver.ThreadingTCPServer):
    """``answers``: path → answer, changed by the test at any time; ``asked`` counts requests."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.answers: dict[str, Answer] = {}
        self.asked: Counter[str] = Counter()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what most of these tests are about."""

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def serving() -> Iterator[HostileServer]:
    server = HostileServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def head(code: int = 200, **headers: Any) -> bytes:
    lines = [f"HTTP/1.1 {code} Hostile", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def document(content: bytes | str, **headers: Any) -> Answer:
    """An honest answer."""
    body = content.encode() if isinstance(content, str) else content
    return lambda visit: visit.send(head(Content_Length=len(body), **headers) + body)


def status(code: int, **headers: Any) -> Answer:
    return lambda visit: visit.send(head(code, Content_Length=0, **headers))


def redirect(to: str) -> Answer:
    return status(302, Location=to)


def loop(visit: Visit) -> None:
    """Each address leads to another, that leads back here."""
    number = int(visit.query or 0) + 1
    visit.send(head(302, Content_Length=0, Location=f"{visit.path}?{number}"))


def endless(start: bytes) -> Answer:
    """A body without end and without length."""

    def answer(visit: Visit) -> None:
        visit.send(head() + start)
        while True:
            visit.send(MEGABYTE)

    return answer


def announced(size: int) -> Answer:
    return lambda visit: visit.send(head(Content_Length=size) + b"id;titre\n")


def dripping_body(start: bytes) -> Answer:
    """A byte now and then, for ever."""

    def answer(visit: Visit) -> None:
        visit.send(head() + start)
        _drip(visit)

    return answer


def dripping_headers(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(visit)


def silent(visit: Visit) -> None:
    time.sleep(20)


def endless_headers(visit: Visit) -> None:
    visit.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        visit.send(b"X-More: " + b"x" * 8000 + b"\r\n")


def hanging_up(visit: Visit) -> None:
    """Not a byte."""


def truncated(content: bytes | str) -> Answer:
    """Half of what is announced."""
    body = content.encode() if isinstance(content, str) else content
    return lambda visit: visit.send(head(Content_Length=len(body)) + body[: len(body) // 2])


def cut_chunk(content: bytes | str) -> Answer:
    """A chunked body that never says its end."""
    body = content.encode() if isinstance(content, str) else content
    sent = head(Transfer_Encoding="chunked") + f"{len(body):x}\r\n".encode() + body + b"\r\n"
    return lambda visit: visit.send(sent)


def gzip_bomb(megabytes: int) -> Answer:
    """A small body that unfolds to much: a megabyte, compressed once and repeated."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    packed = packer.compress(MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(megabytes):
        checksum = zlib.crc32(MEGABYTE, checksum)
    start = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    size = len(MEGABYTE) * megabytes
    end = packer.flush() + checksum.to_bytes(4, "little") + size.to_bytes(4, "little")
    return document(start + packed * megabytes + end, Content_Encoding="gzip")


def gzip_noise(visit: Visit) -> None:
    document(b"\x1f\x8b\x08\x00" + b"not gzip at all", Content_Encoding="gzip")(visit)


def _drip(visit: Visit) -> None:
    for _ in range(200):
        visit.send(b"x")
        time.sleep(0.1)
