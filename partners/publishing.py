"""From source records to public innovations: contribution, composition, state, by batches."""

import datetime
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from django.db import transaction

from innovations import copying, publishing
from innovations.composition import Composed, Contribution, Place, compose
from innovations.edits import usable
from innovations.licences import Licence
from innovations.models import FieldEdit, Innovation, Status
from partners.models import Decision, Moderation, RecordState, RecordType, Source, SourceRecord
from partners.screening.flagging import Screened, screen
from partners.suppression import keep_objections_waiting
from partners.vocabularies import Vocabularies, Words
from territories.models import Territory

log = logging.getLogger(__name__)
BATCH = 500
PLAIN = ("title", "summary", "description", "website", "nature", "maturity", "reach")
PUBLIC_TYPES = {RecordType.INNOVATION}

Territories = Mapping[tuple[str, str], int]


class Meaning(Protocol):
    """Whatever tells the terms that a source's words mean."""

    def terms(self, source_id: int | None, words: Words) -> list[str]: ...


def publish_records(
    records: Sequence[SourceRecord], vocabularies: Vocabularies | None = None
) -> list[Innovation]:
    """Compose and write the innovations that these records speak of.

    Records have their primary key; those not written yet only learn their innovation. New records
    of innovations get an innovation of their own; the others' is composed again from all its
    records. The number of queries does not depend on the number of records in a batch.
    """
    written: list[Innovation] = []
    for start in range(0, len(records), BATCH):
        written += _publish(records[start : start + BATCH], vocabularies)
    return written


def republish(innovations: Iterable[int]) -> int:
    """Compose these innovations again from all their records; returns how many were written."""
    # One record of each leads to the others, which are read once their innovation is locked.
    told = SourceRecord.objects.filter(innovation__in=list(innovations))
    first = told.order_by("innovation_id", "pk").distinct("innovation_id")
    return len(publish_records(sorted(first, key=lambda record: record.pk)))


def publish_pending(
    source: Source,
    vocabularies: Vocabularies | None = None,
    *,
    limit: int | None = None,
    but: Collection[int] = (),
) -> int:
    """Publish the present records of the source that have no innovation yet, at most ``limit``,
    ``but`` those (ids).

    Each batch in a transaction of its own; returns how many were published.
    """
    waiting = SourceRecord.objects.present().filter(
        source=source, innovation=None, record_type__in=PUBLIC_TYPES
    )
    if but:
        waiting = waiting.exclude(pk__in=but)
    done = 0
    while limit is None or done < limit:
        with transaction.atomic():
            keep_objections_waiting()
            size = BATCH if limit is None else min(BATCH, limit - done)
            batch = list(waiting.order_by("pk")[:size])
            publish_records(batch, vocabularies)
        done += len(batch)
        if len(batch) < BATCH:
            break
    return done


@transaction.atomic
def _publish(
    records: Sequence[SourceRecord], vocabularies: Vocabularies | None
) -> list[Innovation]:
    concerned = [r for r in records if r.innovation_id or r.record_type in PUBLIC_TYPES]
    if not concerned:
        return []
    publishing.share()
    _catch_up(concerned)
    # Locked before their records are read: another harvest may be writing the same innovation.
    locked = Innovation.objects.select_for_update().order_by("pk")
    ids = {r.innovation_id for r in concerned if r.innovation_id}
    known = {i.pk: i for i in locked.filter(pk__in=ids)} if ids else {}
    sets = _record_sets(concerned)
    everyone = [record for members in sets for record in members]
    sources = Source.objects.select_related("partner").in_bulk({r.source_id for r in everyone})
    edits = edits_of(known)
    sent_back = _sent_back(known)
    territories = territories_of(everyone)
    vocabularies = vocabularies or Vocabularies.load(sources)
    screened = screen(everyone)
    publications = []
    for members in sets:
        innovation = known.get(members[0].innovation_id or 0)
        present = [r for r in members if _is_public(r)]
        # What is gone everywhere keeps its last known content, in the state « retirée ».
        contributions = [
            contribution(r, sources[r.source_id], vocabularies, territories, screened.get(r.pk))
            for r in present or members
        ]
        is_held = any(r.pk in screened and screened[r.pk].is_held for r in present)
        composed = compose(contributions, edits.get(innovation.pk) if innovation else None)
        publications.append(
            publishing.Publication(
                composed=composed,
                status=_status(composed, present, sources, innovation, sent_back, is_held=is_held),
                innovation=innovation,
                preferred_slug=next((s for r in members if (s := r.values.get("slug"))), ""),
            )
        )
    innovations = publishing.publish(publications)
    vocabularies.save_new()
    _link(sets, innovations)
    return innovations


def _catch_up(records: Sequence[SourceRecord]) -> None:
    """Where the records stand now: staff may have merged or split since they were read."""
    known = {r.pk: r for r in records if r.innovation_id or not r._state.adding}
    standing = SourceRecord.objects.filter(pk__in=known)
    for pk, innovation, is_site in standing.values_list("pk", "innovation_id", "is_site"):
        known[pk].innovation_id, known[pk].is_site = innovation, is_site


def _record_sets(records: Sequence[SourceRecord]) -> list[list[SourceRecord]]:
    """The records of each innovation concerned, siblings of other sources included."""
    given = {r.pk for r in records}
    ids = {r.innovation_id for r in records if r.innovation_id}
    siblings = SourceRecord.objects.filter(innovation__in=ids).exclude(pk__in=given) if ids else []
    sets: dict[Any, list[SourceRecord]] = defaultdict(list)
    for record in [*records, *siblings]:
        sets[record.innovation_id or f"new-{record.pk}"].append(record)
    return list(sets.values())


def contribution(
    record: SourceRecord,
    source: Source,
    vocabularies: Meaning,
    territories: Territories,
    screened: Screened | None = None,
) -> Contribution:
    """What one record says, in the terms of composition; ``screened``: what may be shown of it."""
    said = screened.values if screened else record.values
    sites = screened.sites if screened else record.sites
    values = {name: said[name] for name in PLAIN if said.get(name)}
    if year := said.get("year"):
        values["started_year"] = year
    if porteur := said.get("porteur"):
        values["organisation"] = {
            "name": porteur["name"],
            "legal_form": porteur.get("legal_form", ""),
        }
    if terms := vocabularies.terms(record.source_id, said.get("words") or {}):
        values["terms"] = terms
    for name in ("reproduction", "evidence"):
        if said.get(name):
            values[name] = said[name]
    return Contribution(
        record_id=record.pk,
        partner_slug=source.partner.slug,
        partner_name=source.partner.name,
        source_slug=source.slug,
        source_name=source.name,
        url=record.url or source.partner.website,
        is_record_page=bool(record.url),
        licence=record.licence,
        is_open=Licence(record.licence).is_open,
        collected_at=record.changed_at,
        priority=source.priority,
        field_priorities=source.field_priorities,
        is_site=record.is_site,
        values=values,
        places=[place(site, territories) for site in sites],
    )


def place(site: Mapping[str, Any], territories: Territories) -> Place:
    return Place(
        territory_id=territories.get((site.get("kind", ""), site.get("code", ""))),
        label=site.get("label") or site.get("name") or "",
        longitude=site.get("longitude"),
        latitude=site.get("latitude"),
        confidence=site.get("confidence", 0.0),
        note=site.get("note", ""),
    )


def is_complete(values: Mapping[str, Any], *, has_place: bool, has_link: bool) -> bool:
    """A title, some description, and a place or a link (a document that is quoted is one)."""
    is_told = values.get("summary") or values.get("description")
    is_found = has_place or has_link or values.get("website") or values.get("evidence")
    return bool(values.get("title") and is_told and is_found)


def _is_public(record: SourceRecord) -> bool:
    return record.state != RecordState.WITHDRAWN and record.record_type in PUBLIC_TYPES


def _status(
    composed: Composed,
    present: Sequence[SourceRecord],
    sources: Mapping[int, Source],
    innovation: Innovation | None,
    sent_back: Mapping[int, datetime.datetime],
    *,
    is_held: bool = False,
) -> Status:
    """The state that the records deserve; what staff unpublished stays so (see publish).

    What staff sent back waits until a partner changes its record; then it is reviewed again,
    unless it was published since. ``is_held``: personal data wait for someone. What is public
    already stays so without them.
    """
    if not present:
        return Status.WITHDRAWN
    has_link = any(c.contribution.is_record_page for c in composed.citations)
    values = {**composed.values, "evidence": composed.evidence}
    if not is_complete(values, has_place=bool(composed.places), has_link=has_link):
        return Status.TO_COMPLETE
    is_public = innovation is not None and innovation.is_public
    if innovation is not None and not is_public and (at := sent_back.get(innovation.pk)):
        has_changed = any(r.changed_at > at for r in present)
        return Status.IN_REVIEW if has_changed else Status.SENT_BACK
    if innovation is not None and innovation.published_at and innovation.status != Status.IN_REVIEW:
        return Status.PUBLISHED
    is_held = is_held or any(r.values.get("hold") for r in present)
    direct = [s for r in present if (s := sources[r.source_id]).publishes_directly]
    is_direct = any(source.partner.is_admitted for source in direct)
    return Status.PUBLISHED if is_direct and not is_held else Status.IN_REVIEW


def edits_of(innovations: Collection[int]) -> dict[int, dict[str, Any]]:
    """What composition takes of the staff's edits, innovation by innovation; one query."""
    edits: dict[int, dict[str, Any]] = defaultdict(dict)
    if not innovations:
        return edits
    for edit in FieldEdit.objects.of(innovations):
        subject = edits[edit.subject]  # type: ignore[attr-defined]
        try:
            # The record's own edit stands before those of the records merged into it.
            subject.setdefault(edit.field, usable(edit.field, edit.value))
        except ValueError as error:
            log.warning("Modification %s laissée de côté : %s", edit.pk, error)
    return edits


def _sent_back(innovations: Collection[int]) -> dict[int, datetime.datetime]:
    """When staff sent these innovations back to their partners; only those where that holds."""
    if not innovations:
        return {}
    holding = Moderation.objects.holding(innovations)
    told = holding.values_list("innovation", "decision", "made_at")
    return {pk: at for pk, decision, at in told if decision == Decision.SEND_BACK}


def territories_of(records: Iterable[SourceRecord]) -> Territories:
    """(kind, code) → id of every territory that the records' sites name, in one query."""
    named = {(s["kind"], s["code"]) for r in records for s in r.sites if s.get("code")}
    if not named:
        return {}
    found = Territory.objects.filter(code__in={code for _, code in named})
    return {(kind, code): pk for pk, kind, code in found.values_list("pk", "kind", "code")}


def _link(sets: Sequence[Sequence[SourceRecord]], innovations: Sequence[Innovation]) -> None:
    """Give the records their innovation; those not written yet will be written with it."""
    new = []
    for members, innovation in zip(sets, innovations, strict=True):
        for record in members:
            if record.innovation_id is None:
                record.innovation_id = innovation.pk
                new.append(record)
    copying.update(SourceRecord, [r for r in new if not r._state.adding], ["innovation"])
