"""Reading a response's body within bounds, decompression bombs included."""

import zlib
from collections.abc import Callable, Iterator

import httpx

from carrefour.http.errors import FetchError

CHUNK = 65_536
# What we ask for, and all that we accept to decode.
ACCEPT_ENCODING = "gzip, deflate"


def read(response: httpx.Response, limit: int) -> tuple[bytes, int]:
    """The decoded body and how many bytes travelled.

    Raises ``FetchError`` (trop-gros, encodage) as soon as ``limit`` decoded bytes are passed.
    """
    url = str(response.url)
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise too_big(limit, url)
    body = bytearray()
    travelled = 0
    decoded = _decoder(response.headers.get("content-encoding", ""), url)
    for raw in response.iter_raw(CHUNK):
        travelled += len(raw)
        for piece in decoded(raw):
            body += piece
            if len(body) > limit:
                raise too_big(limit, url)
    return bytes(body), travelled


def too_big(limit: int, url: str) -> FetchError:
    return FetchError(
        "trop-gros", f"Le document dépasse {limit // 1_000_000 or 1} Mo : {url}", url=url
    )


def _decoder(encoding: str, url: str) -> Callable[[bytes], Iterator[bytes]]:
    """A function from raw bytes to decoded pieces; encodings piled up are refused."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return lambda raw: iter([raw])
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError("encodage", f"Compression non prise en charge : {encoding}", url=url)
    state = _Inflating(encoding)
    return lambda raw: _inflate(state, raw, url)


class _Inflating:
    def __init__(self, encoding: str) -> None:
        self.stream = zlib.decompressobj(wbits=47 if "gzip" in encoding else zlib.MAX_WBITS)
        self.is_first = True
        self.is_deflate = encoding == "deflate"

    def decompress(self, raw: bytes) -> bytes:
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


def _inflate(state: _Inflating, raw: bytes, url: str) -> Iterator[bytes]:
    while raw:
        try:
            yield state.decompress(raw)
        except zlib.error as error:
            raise FetchError("encodage", f"Contenu compressé illisible : {url}", url=url) from error
        raw = state.stream.unconsumed_tail
