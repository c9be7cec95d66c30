"""Writing composed records as public innovations, a batch at a time, and their search rows."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from carrefour.html import clean
from carrefour.text import key
from innovations import organisations, searchrows, slugs
from innovations.composition import REPRODUCTION, Composed
from innovations.models import (
    Citation,
    Evidence,
    Innovation,
    Location,
    Reproduction,
    Status,
    Term,
)

PLAIN_FIELDS = (
    "title", "summary", "description", "website", "nature", "maturity", "reach",
    "started_year", "is_commun", "commun_governance", "commun_licence",
)  # fmt: skip
WRITTEN = [
    *PLAIN_FIELDS, "title_key", "organisation", "is_reference", "origins", "status",
    "published_at", "updated_at", "composed_at",
]  # fmt: skip
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
    """Wait for one's turn to write innovations, kept until the transaction ends.

    Whoever reads innovations to write them again takes it before reading: what staff decides in
    between would be lost.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NAMING_LOCK])


@transaction.atomic
def publish(publications: Sequence[Publication]) -> list[Innovation]:
    """Write the batch and refresh its search rows; returns the innovations in the same order.

    A number of queries that does not depend on the size of the batch. Staff's decision to
    unpublish is kept whatever ``status`` says. Two harvests at once take turns: they may meet the
    same organisation, or want the same address.
    """
    lock()
    now = timezone.now()
    owners = organisations.get_or_create_many(
        [p.composed.values.get("organisation") for p in publications]
    )
    innovations = [_filled(p, owner, now) for p, owner in zip(publications, owners, strict=True)]
    new = [i for i in innovations if i.pk is None]
    slugs.assign(
        new, {id(i): p.preferred_slug for i, p in zip(innovations, publications, strict=True)}
    )
    Innovation.objects.bulk_create(new)
    known = [i for i in innovations if i not in new]
    Innovation.objects.bulk_update(known, WRITTEN, batch_size=500)
    _write_parts(list(zip(innovations, (p.composed for p in publications), strict=True)))
    searchrows.refresh([i.pk for i in innovations])
    return innovations


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
    for name in PLAIN_FIELDS:
        empty = None if name in {"started_year", "is_commun"} else ""
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
    if innovation.status not in KEPT:
        innovation.status = publication.status
    if innovation.status == Status.PUBLISHED and innovation.published_at is None:
        innovation.published_at = now
    innovation.updated_at = innovation.composed_at = now
    return innovation


def _write_parts(pairs: Sequence[tuple[Innovation, Composed]]) -> None:
    ids = [innovation.pk for innovation, _ in pairs]
    _replace(Location, ids, [p for i, c in pairs for p in _locations(i, c)])
    _replace(Citation, ids, [p for i, c in pairs for p in _citations(i, c)])
    _replace(Evidence, ids, [p for i, c in pairs for p in _evidence(i, c)])
    _write_terms(pairs, ids)
    Reproduction.objects.bulk_create(
        [Reproduction(innovation=i, **_reproduction(c)) for i, c in pairs],
        update_conflicts=True,
        unique_fields=["innovation"],
        update_fields=[f.name for f in Reproduction.text_fields()],
    )


def _replace(model: type, innovation_ids: list[int], rows: list[Any]) -> None:
    model.objects.filter(innovation__in=innovation_ids).delete()  # type: ignore[attr-defined]
    model.objects.bulk_create(rows, batch_size=2000)  # type: ignore[attr-defined]


def _locations(innovation: Innovation, composed: Composed) -> list[Location]:
    return [
        Location(
            innovation=innovation,
            territory_id=place.territory_id,
            label=place.label[:300],
            longitude=place.longitude,
            latitude=place.latitude,
            confidence=place.confidence,
            note=place.note[:300],
            source_records=list(records),
            position=position,
        )
        for position, (place, records) in enumerate(composed.places)
    ]


def _citations(innovation: Innovation, composed: Composed) -> list[Citation]:
    return [
        Citation(
            innovation=innovation,
            source_record=said.record_id,
            partner_slug=said.partner_slug,
            partner_name=said.partner_name,
            source_slug=said.source_slug,
            source_name=said.source_name,
            url=said.url,
            is_record_page=said.is_record_page,
            licence=said.licence,
            collected_at=said.collected_at,
            fields=list(cited.fields),
            position=position,
        )
        for position, cited in enumerate(composed.citations)
        for said in [cited.contribution]
    ]


def _evidence(innovation: Innovation, composed: Composed) -> list[Evidence]:
    names = ("field", "document", "section", "page", "quote")
    return [
        Evidence(innovation=innovation, **{n: str(e.get(n, "")) for n in names})
        for e in composed.evidence
    ]


def _reproduction(composed: Composed) -> dict[str, str]:
    return {
        f.name: str(composed.values.get(f"{REPRODUCTION}.{f.name}", ""))
        for f in Reproduction.text_fields()
    }


def _write_terms(pairs: Sequence[tuple[Innovation, Composed]], ids: list[int]) -> None:
    by_code: Mapping[str, int] = {
        f"{vocabulary}:{code}": pk
        for pk, vocabulary, code in Term.objects.values_list("pk", "vocabulary", "code")
    }
    through = Innovation.terms.through
    through.objects.filter(innovation__in=ids).delete()
    through.objects.bulk_create(
        [
            through(innovation_id=innovation.pk, term_id=by_code[code])
            for innovation, composed in pairs
            for code in composed.terms
            if code in by_code
        ],
        batch_size=5000,
    )
