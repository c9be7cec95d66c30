"""Reading a response's body within bounds, decompression bombs and cut bodies included."""

import zlib
from collections.abc import Callable, Iterator

import httpx

from carrefour.http.errors import FetchError, Truncated

CHUNK = 65_536
# What we ask for, and all that we accept to decode.
ACCEPT_ENCODING = "gzip, deflate"
GZIP_MAGIC = b"\x1f\x8b"


class Body:
    """The body of one response: ``travelled`` counts the bytes received so far, ``beat`` is called
    as they come."""

    def __init__(
        self, response: httpx.Response, limit: int, beat: Callable[[], None] | None = None
    ) -> None:
        self.response = response
        self.limit = limit
        self.beat = beat
        self.travelled = 0
        self.size = 0

    def read_into(self, write: Callable[[bytes], object]) -> None:
        """Give every decoded piece to ``write``.

        Raises ``FetchError`` (trop-gros, encodage) as soon as ``limit`` decoded bytes are passed,
        ``Truncated`` when the body ends before it should.
        """
        url = str(self.response.url)
        announced = self.response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self.limit:
            raise too_big(self.limit, url)
        decoder = _decoder(self.response.headers.get("content-encoding", ""), url)
        for raw in self._raw():
            for piece in decoder.decode(raw):
                self.size += len(piece)
                if self.size > self.limit:
                    raise too_big(self.limit, url)
                write(piece)
        if self.travelled and not decoder.is_over:
            raise Truncated

    def _raw(self) -> Iterator[bytes]:
        try:
            for raw in self.response.iter_raw(CHUNK):
                self.travelled += len(raw)
                if self.beat is not None:
                    self.beat()
                yield raw
        except (httpx.RemoteProtocolError, httpx.ReadError) as error:
            raise Truncated from error


def too_big(limit: int, url: str) -> FetchError:
    return FetchError(
        "trop-gros", f"Le document dépasse {limit // 1_000_000 or 1} Mo : {url}", url=url
    )


class _Plain:
    """No encoding: the connection itself tells whether the body is whole."""

    is_over = True

    def decode(self, raw: bytes) -> Iterator[bytes]:
        yield raw


def _decoder(encoding: str, url: str) -> "_Plain | _Inflating":
    """From raw bytes to decoded pieces; encodings piled up are refused."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return _Plain()
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError("encodage", f"Compression non prise en charge : {encoding}", url=url)
    return _Inflating(encoding, url)


class _Inflating:
    def __init__(self, encoding: str, url: str) -> None:
        self.url = url
        self.is_deflate = encoding == "deflate"
        self.is_first = True
        self.stream = self._fresh()

    @property
    def is_over(self) -> bool:
        return self.stream.eof

    def decode(self, raw: bytes) -> Iterator[bytes]:
        """Pieces of at most ``CHUNK`` bytes. Raises ``FetchError`` (encodage)."""
        while raw:
            if self.stream.eof:
                # Several gzip members make one body; what else follows the end is no content.
                if self.is_deflate or not raw.startswith(GZIP_MAGIC):
                    return
                self.stream = self._fresh()
            try:
                piece = self._inflate(raw)
            except zlib.error as error:
                message = f"Contenu compressé illisible : {self.url}"
                raise FetchError("encodage", message, url=self.url) from error
            yield piece
            raw = self.stream.unconsumed_tail or self.stream.unused_data

    def _fresh(self) -> "zlib._Decompress":
        return zlib.decompressobj(wbits=zlib.MAX_WBITS if self.is_deflate else 47)

    def _inflate(self, raw: bytes) -> bytes:
        try:
            return self.stream.decompress(raw, CHUNK)
        except zlib.error:
            # Some servers send deflate without its zlib header.
            if not (self.is_first and self.is_deflate):
                raise
            self.stream = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
            return self.stream.decompress(raw, CHUNK)
        finally:
            self.is_first = False
