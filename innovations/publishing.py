"""Writing composed records as public innovations, a batch at a time, and their search rows."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from carrefour.html import clean
from carrefour.text import key
from innovations import (
    assessing,
    copying,
    differences,
    enrichment,
    organisations,
    parts,
    searchrows,
    slugs,
)
from innovations.composition import Composed
from innovations.models import Innovation, Status

PLAIN_FIELDS = (
    "title", "summary", "description", "website", "nature", "maturity", "reach",
    "started_year", "is_commun", "commun_governance", "commun_licence",
)  # fmt: skip
WRITTEN = [
    *PLAIN_FIELDS, "title_key", "organisation", "is_reference", "origins", "alternatives", "status",
    "published_at", "updated_at", "composed_at",
]  # fmt: skip
EMPTY = {name: None if name in {"started_year", "is_commun"} else "" for name in PLAIN_FIELDS}
# Number of the lock under which innovations are written, names and addresses given out.
NAMING_LOCK = 0x0CA2EF0
# Choices of staff that composition never undoes.
KEPT = {Status.UNPUBLISHED}


@dataclass(frozen=True)
class Publication:
    """What to write: the composed record, onto ``innovation`` (None: a new one), as ``status``.

    ``preferred_slug`` is honoured for a new innovation when free.
    """

    composed: Composed
    status: Status
    innovation: Innovation | None = None
    preferred_slug: str = ""


def lock() -> None:
    """Wait for one's turn to write innovations, alone until the transaction ends.

    Whoever reads innovations to write them again, and is no harvest, takes it before reading: what
    is decided in between would be lost.
    """
    _take("pg_advisory_xact_lock")


def share() -> None:
    """The same among harvests: they write at once, each row locked, and wait for ``lock``."""
    _take("pg_advisory_xact_lock_shared")


def _take(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [NAMING_LOCK])


@transaction.atomic
def publish(publications: Sequence[Publication]) -> list[Innovation]:
    """Write the batch and refresh its search rows; returns the innovations in the same order.

    A number of queries that does not depend on the size of the batch. Staff's decision to
    unpublish is kept whatever ``status`` says. The known innovations are locked by the caller.
    Several harvests write at once: organisations, then addresses, are taken in order, so that one
    may wait for another and never both.
    """
    share()
    now = timezone.now()
    owners = organisations.get_or_create_many(
        [p.composed.values.get("organisation") for p in publications]
    )
    before = {p.innovation.pk: tuple(p.innovation.origins) for p in publications if p.innovation}
    innovations = [_filled(p, owner, now) for p, owner in zip(publications, owners, strict=True)]
    pairs = list(zip(innovations, (p.composed for p in publications), strict=True))
    new = [(i, c) for i, c in pairs if i.pk is None]
    known = [(i, c) for i, c in pairs if i.pk is not None]
    slugs.assign(
        [i for i, _ in new],
        {id(i): p.preferred_slug for i, p in zip(innovations, publications, strict=True)},
    )
    _insert([i for i, _ in new])
    copying.update(Innovation, [i for i, _ in known], WRITTEN)
    parts.replace(known)
    parts.add(new)
    if enriched := enrichment.touched(known, before):
        enrichment.replace(enriched)
    differences.note(known, now)
    ids, new_ids = [i.pk for i in innovations], {i.pk for i, _ in new}
    # Its completeness is part of a search row's merit.
    assessing.refresh(ids, new=new_ids)
    searchrows.refresh(ids, new=new_ids)
    return innovations


def _insert(innovations: Sequence[Innovation]) -> None:
    """Write new innovations; an address taken by another harvest at this instant is numbered."""
    for innovation, pk in zip(
        innovations, copying.next_ids(Innovation, len(innovations)), strict=True
    ):
        innovation.pk = pk
    written = copying.insert_free(Innovation, innovations, order="slug")
    again = [i for i in innovations if i.pk not in written]
    for innovation in again:
        innovation.slug = f"{innovation.slug[:100]}-{innovation.pk}"
    copying.insert_free(Innovation, again, order="slug")
    for innovation in innovations:
        innovation._state.adding = False


def set_status(innovation_ids: Iterable[int], status: Status) -> int:
    """Change the state of innovations and their search rows; returns how many changed.

    Publishing sets the date of first publication.
    """
    ids = list(innovation_ids)
    now = timezone.now()
    changes: dict[str, Any] = {"status": status, "updated_at": now}
    if status == Status.PUBLISHED:
        changes["published_at"] = Coalesce("published_at", now)
    with transaction.atomic():
        lock()
        changed = Innovation.objects.filter(pk__in=ids).exclude(status=status).update(**changes)
        searchrows.refresh(ids)
    return changed


def _filled(publication: Publication, owner: Any, now: datetime.datetime) -> Innovation:
    composed = publication.composed
    innovation = publication.innovation or Innovation()
    for name, empty in EMPTY.items():
        setattr(innovation, name, composed.values.get(name, empty))
    # Partners' values are safe already; nothing else may reach the public page either.
    innovation.description = clean(innovation.description)
    if not innovation.website.lower().startswith(("http://", "https://")):
        innovation.website = ""
    innovation.title = innovation.title[:300]
    innovation.title_key = key(innovation.title)[:300]
    innovation.organisation = owner
    innovation.is_reference = composed.is_reference
    innovation.origins = composed.origins
    innovation.alternatives = composed.alternatives
    if innovation.status not in KEPT:
        innovation.status = publication.status
    if innovation.status == Status.PUBLISHED and innovation.published_at is None:
        innovation.published_at = now
    innovation.updated_at = innovation.composed_at = now
    return innovation
