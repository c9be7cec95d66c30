"""The parts of public innovations: places, citations, evidence, terms, elements to reproduce."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from innovations.composition import REPRODUCTION, Composed
from innovations.copying import as_array, copy
from innovations.models import Citation, Evidence, Innovation, Location, Reproduction, Term

Pairs = Sequence[tuple[Innovation, Composed]]

LOCATION = (
    "innovation_id", "territory_id", "label", "longitude", "latitude", "confidence", "note",
    "source_records", "position",
)  # fmt: skip
CITATION = (
    "innovation_id", "source_record", "partner_slug", "partner_name", "source_slug", "source_name",
    "url", "is_record_page", "licence", "collected_at", "fields", "position",
)  # fmt: skip
EVIDENCE = ("field", "document", "section", "page", "quote")
TEXTS = tuple(f.name for f in Reproduction.text_fields())


def replace(pairs: Pairs) -> None:
    """Write the parts of known innovations in place of those they have."""
    ids = [innovation.pk for innovation, _ in pairs]
    if not ids:
        return
    parted: tuple[type[models.Model], ...] = (
        Location,
        Citation,
        Evidence,
        Innovation.terms.through,
    )
    for model in parted:
        model._base_manager.filter(innovation__in=ids).delete()
    # What is there and says nothing any more is emptied, not deleted: its history goes on.
    there = set(Reproduction.objects.filter(innovation__in=ids).values_list("pk", flat=True))
    Reproduction.objects.bulk_create(
        [
            Reproduction(innovation=innovation, **texts)
            for innovation, composed in pairs
            if any((texts := _reproduction(composed)).values()) or innovation.pk in there
        ],
        update_conflicts=True,
        unique_fields=["innovation"],
        update_fields=TEXTS,
    )
    _copy_parts(pairs)


def add(pairs: Pairs) -> None:
    """Write the parts of innovations that have none yet."""
    if not pairs:
        return
    told = [(i.pk, texts) for i, c in pairs if any((texts := _reproduction(c)).values())]
    if told:
        copy(Reproduction, ["innovation_id", *TEXTS], ([pk, *t.values()] for pk, t in told))
    _copy_parts(pairs)


def _copy_parts(pairs: Pairs) -> None:
    _copy(Location, LOCATION, (row for pair in pairs for row in _locations(*pair)))
    _copy(Citation, CITATION, (row for pair in pairs for row in _citations(*pair)))
    _copy(
        Evidence,
        ("innovation_id", *EVIDENCE),
        ([i.pk, *(str(e.get(n, "")) for n in EVIDENCE)] for i, c in pairs for e in c.evidence),
    )
    codes = _codes() if any(c.terms for _, c in pairs) else {}
    _copy(
        Innovation.terms.through,
        ("innovation_id", "term_id"),
        # Two codes may have come to mean the same term.
        (
            [innovation.pk, term]
            for innovation, c in pairs
            for term in dict.fromkeys(codes[code] for code in c.terms if code in codes)
        ),
    )


def _copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    if written := list(rows):
        copy(model, columns, written)


def _codes() -> Mapping[str, int]:
    found = Term.objects.values_list(Coalesce("merged_into", "pk"), "vocabulary", "code")
    return {f"{vocabulary}:{code}": pk for pk, vocabulary, code in found}


def _locations(innovation: Innovation, composed: Composed) -> Iterator[Sequence[Any]]:
    for position, (place, records) in enumerate(composed.places):
        yield (
            innovation.pk,
            place.territory_id,
            place.label[:300],
            place.longitude,
            place.latitude,
            place.confidence,
            place.note[:300],
            as_array(records),
            position,
        )


def _citations(innovation: Innovation, composed: Composed) -> Iterator[Sequence[Any]]:
    for position, cited in enumerate(composed.citations):
        said = cited.contribution
        yield (
            innovation.pk,
            said.record_id,
            said.partner_slug,
            said.partner_name,
            said.source_slug,
            said.source_name,
            said.url,
            said.is_record_page,
            said.licence,
            said.collected_at,
            as_array(cited.fields),
            position,
        )


def _reproduction(composed: Composed) -> dict[str, str]:
    return {name: str(composed.values.get(f"{REPRODUCTION}.{name}") or "") for name in TEXTS}
