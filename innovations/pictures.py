"""Copying partners' pictures: fetched politely, checked, made small, and only then shown.

A visitor's browser never asks a partner for one: its address would leak, and the page depend on
another's server.
"""

import datetime
import hashlib
import re
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from carrefour.http import Fetcher, FetchError
from carrefour.http.pacing import WAIT_LIMIT
from carrefour.images import NotAPicture, converted
from innovations.licences import OPEN
from innovations.models import Picture, PictureState, RemovedPicture

MAX_BYTES = 8_000_000
FULL = (960, 1440)
THUMBNAIL = (320, 480)
SMALLEST = 80
# A site down today may answer tomorrow; after the last try only a new address is tried.
PAUSES = [datetime.timedelta(hours=h) for h in (1, 6, 24, 24 * 7)]
# While one worker copies, the others leave the picture alone. It may wait for its turn at the host
# several times: for robots.txt, for the address and for the one this leads to.
CLAIM = 4 * datetime.timedelta(seconds=WAIT_LIMIT)
# As ``partners/pictures.py`` cuts it in SQL.
ORIGIN = re.compile(r"^https?://[^/]+", re.IGNORECASE)
NOTHING: dict[str, Any] = {
    "content": b"",
    "thumbnail": b"",
    "digest": "",
    "width": 0,
    "height": 0,
    "thumbnail_width": 0,
    "thumbnail_height": 0,
    "copied_at": None,
}


def copy_waiting(limit: int) -> int:
    """Copy up to ``limit`` pictures that wait for it; returns how many were tried."""
    tried = 0
    with Fetcher(max_bytes=MAX_BYTES) as fetcher:
        while tried < limit and (picture := _claimed()) is not None:
            _copy(picture, fetcher)
            tried += 1
    return tried


@transaction.atomic
def remove(pictures: Iterable[int]) -> int:
    """Take pictures away for good: these addresses give their records no picture any more."""
    taken = Picture.objects.select_for_update().filter(pk__in=list(pictures))
    RemovedPicture.objects.bulk_create(
        [
            RemovedPicture(innovation_id=innovation, address_digest=digest_of(address))
            for innovation, address in taken.values_list("innovation_id", "source_url")
        ],
        ignore_conflicts=True,
    )
    return taken.update(state=PictureState.REMOVED, **NOTHING)


@transaction.atomic
def put_back(pictures: Iterable[int]) -> int:
    """Undo ``remove``; returns how many of these pictures had been taken away."""
    taken = Picture.objects.select_for_update().filter(
        pk__in=list(pictures), state=PictureState.REMOVED
    )
    for innovation, address in taken.values_list("innovation_id", "source_url"):
        RemovedPicture.objects.filter(
            innovation=innovation, address_digest=digest_of(address)
        ).delete()
    is_open = When(licence__in=[str(licence) for licence in OPEN], then=Value("a-copier"))
    return taken.update(state=Case(is_open, default=Value("liee")), tries=0, try_after=None)


def digest_of(address: str) -> str:
    """Of the address without its site: what was removed stays away when the site moves."""
    return hashlib.sha256(ORIGIN.sub("", address).encode()).hexdigest()


@transaction.atomic
def _claimed() -> Picture | None:
    """The next picture to copy, which no other worker will take."""
    picture = Picture.objects.waiting().select_for_update(skip_locked=True).first()
    if picture is not None:
        picture.tries += 1
        picture.try_after = timezone.now() + CLAIM
        picture.save(update_fields=["tries", "try_after"])
    return picture


def _copy(picture: Picture, fetcher: Fetcher) -> None:
    same = Picture.objects.filter(source_url=picture.source_url, state=PictureState.COPIED).first()
    if same is not None:
        # Several records may share one: it is fetched once.
        _write(picture, state=PictureState.COPIED, **{n: getattr(same, n) for n in NOTHING})
        return
    try:
        content = fetcher.get(picture.source_url, accept="image/*").content
        full, thumbnail = converted(content, [FULL, THUMBNAIL], SMALLEST)
    except NotAPicture as error:
        _write(picture, state=PictureState.UNUSABLE, problem=error.message)
    except FetchError as error:
        _postpone(picture, error)
    else:
        _write(
            picture,
            state=PictureState.COPIED,
            problem="",
            content=full.content,
            width=full.width,
            height=full.height,
            digest=full.digest,
            thumbnail=thumbnail.content,
            thumbnail_width=thumbnail.width,
            thumbnail_height=thumbnail.height,
            copied_at=timezone.now(),
        )


def _postpone(picture: Picture, error: FetchError) -> None:
    """Try again later; a last failure is said."""
    problem = error.message[:500]
    if picture.tries > len(PAUSES):
        _write(picture, state=PictureState.UNUSABLE, problem=problem)
    else:
        _write(picture, problem=problem, try_after=timezone.now() + PAUSES[picture.tries - 1])


def _write(picture: Picture, **changes: Any) -> None:
    """Unless the picture was removed, or had another address, while it was being fetched."""
    Picture.objects.filter(
        pk=picture.pk, source_url=picture.source_url, state=PictureState.WAITING
    ).update(**changes)
