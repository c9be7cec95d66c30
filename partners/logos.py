"""A partner's logo: checked, made small, kept as WebP, served from here."""

from django.core.files.uploadedfile import UploadedFile

from carrefour.images import NotAPicture, converted
from partners.models import Partner

MAX_BYTES = 2_000_000
BOX = (480, 240)
SMALLEST = 40


def store(partner: Partner, file: UploadedFile) -> None:
    """Keep the logo in place of the former one. Raises ``NotAPicture``."""
    logo, digest = checked(file)
    partner.logo, partner.logo_digest = logo, digest
    partner.save(update_fields=["logo", "logo_digest"])


def checked(file: UploadedFile) -> tuple[bytes, str]:
    """(WebP, its digest). Raises ``NotAPicture`` (a French sentence)."""
    if (file.size or 0) > MAX_BYTES:
        raise NotAPicture("Ce fichier est trop lourd : 2 Mo au plus.")
    file.seek(0)
    (logo,) = converted(file.read(), [BOX], SMALLEST)
    return logo.content, logo.digest


def remove(partner: Partner) -> None:
    partner.logo, partner.logo_digest = None, ""
    partner.save(update_fields=["logo", "logo_digest"])
