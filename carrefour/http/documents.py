"""A document read: in memory, or on disk when it is big."""

import json
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Self

from carrefour.http.charset import decode
from carrefour.http.errors import FetchError

# Beyond this a streamed body goes to disk.
IN_MEMORY = 1_000_000


class _Headed:
    headers: Mapping[str, str]

    @property
    def content_type(self) -> str:
        """The media type the server says, lower case, without parameters; often wrong or ""."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The encoding the server says, or ""."""
        declared = self.headers.get("content-type", "").lower().partition("charset=")[2]
        return declared.partition(";")[0].strip("\"' ")


@dataclass(frozen=True)
class Fetched(_Headed):
    """A document read: ``url`` is the final one, ``content`` is decompressed."""

    url: str
    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        return decode(self.content, self.charset)

    def json(self) -> Any:
        """The JSON value. Raises ``FetchError`` (contenu) when it is not JSON."""
        try:
            return json.loads(self.text())
        except (ValueError, RecursionError) as error:
            raise FetchError(
                "contenu", f"La réponse n’est pas du JSON lisible : {self.url}", url=self.url
            ) from error


class Spooled(_Headed):
    """A document that may be large: its decompressed body is ``file``, binary and seekable, which
    lies on disk beyond ``IN_MEMORY`` bytes (when it ``may_spill``) and goes when it is closed or
    forgotten.

    ``url`` is the final address, ``size`` the body's bytes.
    """

    def __init__(
        self, url: str, status: int, headers: Mapping[str, str], may_spill: bool = True
    ) -> None:
        self.url = url
        self.status = status
        self.headers = headers
        self.size = 0
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            IN_MEMORY if may_spill else 0
        )
        # A connector that stops in the middle leaves no open file behind.
        self.close = weakref.finalize(self, self.file.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        self.file.write(piece)

    def head(self, length: int) -> bytes:
        """The first bytes; the file is then at its beginning."""
        self.file.seek(0)
        start = self.file.read(length)
        self.file.seek(0)
        return start

    def bytes(self) -> bytes:
        """The whole body in memory; the file is then at its beginning."""
        return self.head(self.size)
