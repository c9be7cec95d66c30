"""Files dropped by hand: checked by what they hold, kept, listed."""

import hashlib
import io
import secrets
from pathlib import PurePath
from typing import Any
from urllib.parse import urljoin

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from carrefour.http import decode
from partners.detection.foreign import foreign
from partners.models import Deposit, Partner, Source

MAX_BYTES = 50_000_000
MARK = "#depot-"
ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
EXPECTED = "Formats lus : CSV, XLSX, XLS, ODS, JSON, XML, RSS, archive zip ou tar.gz."


class Unreadable(ValueError):
    """A file that no connector reads; ``message`` is one French sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def store(source: Source, file: UploadedFile, user: Any) -> Deposit:
    """Keep the file: the source's next harvest reads it. Raises ``Unreadable``."""
    content = checked(file)
    return Deposit.objects.create(
        source=source,
        name=PurePath(str(file.name or "fichier")).name[-255:],
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_by=user,
    )


def checked(file: UploadedFile) -> bytes:
    """The file's content. Raises ``Unreadable`` when it is too big or of no format read here."""
    if (file.size or 0) > MAX_BYTES:
        raise Unreadable(
            f"Ce fichier pèse {(file.size or 0) / 1e6:.0f} Mo : la limite est de "
            f"{MAX_BYTES // 1_000_000} Mo. Retirez-en les images, ou déposez-le compressé."
        )
    file.seek(0)
    content = file.read()
    if not content.strip():
        raise Unreadable("Ce fichier est vide.")
    if document := foreign(io.BytesIO(content)):
        raise Unreadable(document)
    if fault := _fault(content):
        raise Unreadable(f"{fault}. {EXPECTED}")
    return content


def address_for(partner: Partner) -> str:
    """An address of its own for a source that has none: relative links are then those of the
    partner's site."""
    return f"{urljoin(partner.website, '/')}{MARK}{secrets.token_hex(4)}"


def is_deposited(source: Source) -> bool:
    """Whether the source is read from dropped files alone."""
    return MARK in source.url


def listed(source: Source) -> QuerySet[Deposit]:
    """The source's files, the latest first, without their content."""
    return source.deposits.defer("content").select_related("created_by")


def _fault(content: bytes) -> str:
    if content.startswith(ARCHIVES):
        return ""
    head = content[:20_000]
    # UTF-16 text has NUL bytes too, but announces itself.
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "Ce fichier est d’un format inconnu"
    text = decode(head).lstrip("\ufeff \t\r\n").lower()
    if text.startswith(("<!doctype html", "<html")):
        return "Ce fichier est une page web enregistrée"
    return ""
