"""Storing a batch of projects: what is new, what changed, what is refused. Set-based throughout."""

import datetime
import logging
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners import staging
from partners.connectors import RawRow
from partners.erasure import erase, target_of_records
from partners.identity import SAME_IDENTITY, Group, Refused
from partners.likeness import dated, likeness, page_key
from partners.mapping import links
from partners.mapping.places import looked_up
from partners.mapping.record import MappedRecord, map_rows
from partners.mapping.rules import Rule
from partners.models import RecordState, RejectedRow, Run, Source, SourceRecord
from partners.publishing import is_complete, publish_records
from partners.rawness import storable
from partners.staging import Known
from partners.suppression import Suppressions
from partners.vocabularies import Vocabularies

NAMED = ("pk", "external_id", "url", "values__title", "values__porteur__name")
NOT_DIGESTED = {
    "field": "record",
    "code": "erreur-interne",
    "message": "La correspondance n’a pas pu traiter cette fiche ; l’équipe technique le sait.",
}
log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What became of a batch; ``made`` holds the records new or changed, saved or as they'd be.

    ``gone``: the ids of the known records that are on the suppression list; ``hidden``: the rows
    of the suppressed projects, which nothing counts; ``again``: rows that this reading had counted
    already; ``mended``: cells whose encoding was repaired.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    suppressed: int = 0
    redacted: int = 0
    hidden: int = 0
    again: int = 0
    mended: int = 0
    made: list[SourceRecord] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)


@dataclass
class Store:
    """Writes the batches of one run.

    ``shared``: the pages that several projects claim. ``reading_since``: when the reading began;
    a record seen since was read already. ``attempt_since``: when its present attempt did; a record
    read before that, in an attempt that was broken off, may have changed since. ``spares_known``:
    no record known is changed or seen, whatever comes under its identifier. ``marks_seen``:
    whether a record is seen at its source when a row of it is refused. ``publishes_new``: whether
    new records become public innovations at once. ``stops``: the exceptions by which the program
    is told to stop.
    """

    source: Source
    run: Run | None
    rules: Sequence[Rule]
    suppressions: Suppressions
    vocabularies: Vocabularies
    shared: Container[str] = frozenset()
    reading_since: datetime.datetime | None = None
    attempt_since: datetime.datetime = field(default_factory=timezone.now)
    spares_known: bool = False
    marks_seen: bool = True
    publishes_new: bool = True
    stops: tuple[type[BaseException], ...] = ()
    _previewed: dict[int, int] = field(default_factory=dict)

    def write(self, batch: Sequence[Group | Refused]) -> Outcome:
        """Store one batch in one transaction, records published and refusals kept included."""
        now = timezone.now()
        with transaction.atomic(savepoint=False):
            # Read again: someone may have objected since the last batch.
            self.suppressions = Suppressions.hold()
            outcome = self._sorted(batch, now)
            if outcome.gone:
                erase(target_of_records(outcome.gone))
            staging.mark_seen(outcome.seen, now)
            staging.number(outcome.made)
            linked = self.publishes_new
            # Published first: a new record is then written once, with its innovation.
            publish_records(
                [r for r in outcome.made if linked or r.innovation_id], self.vocabularies
            )
            staging.write(outcome.made)
            self._keep_refused(outcome.refused, now)
        return outcome

    def preview(self, batch: Sequence[Group | Refused]) -> Outcome:
        """What ``write`` would do, without writing anything. Sixteen bytes of each project are
        kept, for want of the database to tell what was read before."""
        return self._sorted(batch, timezone.now(), self._previewed)

    def _sorted(
        self,
        batch: Sequence[Group | Refused],
        now: datetime.datetime,
        met: dict[int, int] | None = None,
    ) -> Outcome:
        """The outcome to be. ``met``: the projects of the batches before this one."""
        outcome = Outcome()
        refused = self._refused_before(batch)
        new = []
        for project in self._distinct(batch, {} if met is None else met, outcome):
            if project.fingerprint in refused:
                outcome.again += len(project.rows)
            else:
                new.append(project)
        before = staging.known(
            self.source,
            [(p.external_id, p.fingerprint) for p in new if p.external_id],
            self.reading_since,
            self.attempt_since,
        )
        listed = self._listed(before)
        for project in new:
            found = before.get(project.external_id)
            if isinstance(project, Refused):
                self._refuse(project, outcome, found)
            else:
                self._sort(project, found, listed, outcome, now)
        return outcome

    def _sort(
        self,
        group: Group,
        found: Known | None,
        listed: Container[int],
        outcome: Outcome,
        now: datetime.datetime,
    ) -> None:
        if found is None or not (found.is_same or self._was_read(found) or found.pk in listed):
            self._make(group, found, outcome, now)
        elif found.pk in listed:
            outcome.suppressed += 1
            outcome.hidden += len(group.rows)
            outcome.gone.append(found.pk)
        elif not self._was_read(found):
            outcome.unchanged += 1
            outcome.seen.append(found.pk)
        elif found.is_same:
            outcome.again += len(group.rows)
        elif self.spares_known or found.is_recent:
            self._refuse(same_identity(group), outcome, found)
        else:
            # The source changed while the reading was interrupted: counted then, mended now.
            outcome.again += len(group.rows)
            self._make(group, found, outcome, now)

    def _was_read(self, found: Known) -> bool:
        return found.was_read or self.spares_known

    def _distinct(
        self, batch: Sequence[Group | Refused], met: dict[int, int], outcome: Outcome
    ) -> Iterator[Group | Refused]:
        """The projects of the batch, each identifier once: another with the same identifier is the
        same rows read twice (pages that shifted while they were read), or is refused."""
        for project in batch:
            project.external_id = self.suppressions.identifier(project.external_id)
            if isinstance(project, Refused):
                yield project
                continue
            content = hash(project.fingerprint)
            name = hash(project.external_id)
            if name not in met:
                met[name] = content
                yield project
            elif met[name] == content:
                outcome.again += len(project.rows)
            else:
                yield same_identity(project)

    def _refused_before(self, batch: Sequence[Group | Refused]) -> set[str]:
        """The fingerprints of the batch that this reading refused already: rows read twice."""
        if self.reading_since is None or self.source.pk is None:
            return set()
        rows = RejectedRow.objects.filter(
            source=self.source,
            seen_at__gte=self.reading_since,
            fingerprint__in=[project.fingerprint for project in batch],
        )
        return set(rows.values_list("fingerprint", flat=True))

    def _listed(self, before: dict[str, Known]) -> set[int]:
        """The known records that are on the list as they are stored, changed or not."""
        if not before or not self.suppressions.has_records:
            return set()
        rows = SourceRecord.objects.filter(pk__in=[found.pk for found in before.values()])
        return {
            pk
            for pk, external_id, *said in rows.values_list(*NAMED)
            if self._hides(external_id, *(s or "" for s in said), pk=pk)
        }

    def _make(
        self, group: Group, found: Known | None, outcome: Outcome, now: datetime.datetime
    ) -> None:
        """Make the record of a new or changed project, unless it is refused or kept away."""
        raw, removed = self._clean(group.rows)
        page = str(self.suppressions.redact(group.rows[0].url)[0])[:1000]
        mapped = self._mapped(group, raw, page)
        if self._is_hidden(group, mapped, found):
            outcome.suppressed += 1
            outcome.hidden += 0 if found and found.was_read else len(group.rows)
            return
        outcome.redacted += removed
        outcome.mended += mapped.mended
        if mapped.errors:
            refused = Refused(group.rows, mapped.errors, group.external_id, group.fingerprint)
            self._refuse(refused, outcome, found)
            return
        record = self._record(group, raw, mapped, now)
        record.page = page
        if found:
            record.pk, record.innovation_id = found.pk, found.innovation_id
            record._state.adding = False
        outcome.made.append(record)
        outcome.updated += found is not None and not found.was_read
        outcome.created += found is None

    def _clean(self, rows: Sequence[RawRow]) -> tuple[list[dict[str, Any]], int]:
        """The rows' content as it may be kept, and how many data had to go."""
        return self.suppressions.redact(storable([row.data for row in rows]))

    def _refuse(self, refused: Refused, outcome: Outcome, found: Known | None) -> None:
        """Keep a refusal, which says what to mend, unless it is of a project kept away. The last
        good version of a known record stays: the source still has it."""
        clean, _ = self._clean(refused.rows)
        if self.suppressions.has_records and self._is_refusal_hidden(refused, clean, found):
            outcome.suppressed += 1
            outcome.hidden += len(refused.rows)
            return
        if found and self.marks_seen:
            outcome.seen.append(found.pk)
        refused.rows = [
            replace(row, data=data) for row, data in zip(refused.rows, clean, strict=True)
        ]
        outcome.refused.append(refused)

    def _mapped(self, group: Group, raw: list[dict[str, Any]], page: str) -> MappedRecord:
        """The record of the rows. One that the rules cannot digest is refused, not raised."""
        mandatory = self.source.mandatory or ()
        try:
            return map_rows(self.rules, raw, base=self.source.url, url=page, mandatory=mandatory)
        except self.stops:
            raise
        except Exception:
            log.exception("Correspondance de %s, %s", self.source.slug, group.external_id)
            return MappedRecord(errors=[NOT_DIGESTED])

    def _is_refusal_hidden(
        self, refused: Refused, raw: list[dict[str, Any]], found: Known | None
    ) -> bool:
        page = refused.rows[0].url
        group = Group(refused.external_id, refused.rows)
        return self._is_hidden(group, self._mapped(group, raw, page), found)

    def _is_hidden(self, group: Group | Refused, mapped: MappedRecord, found: Known | None) -> bool:
        url = "" if mapped.url in self.shared else mapped.url
        pk = found.pk if found else None
        return self._hides(group.external_id, url, mapped.title, mapped.porteur, pk=pk)

    def _hides(
        self, external_id: str, url: str, title: str, porteur: str, *, pk: int | None
    ) -> bool:
        """Whether a project, the record ``pk`` if it is known, is on the list; by its page only if
        it is no other record's: an address taken off several for being shared is not listed."""

        def hides(page: str) -> bool:
            return self.suppressions.hides(self.source.slug, external_id, page, title, porteur)

        if not hides(url):
            return False
        others = SourceRecord.objects.present().filter(source_id=self.source.pk)
        others = others.exclude(pk=pk) if pk else others
        return hides("") or not (self.source.pk and others.on_page(url).exists())

    def _record(
        self, group: Group, raw: list[dict[str, Any]], mapped: MappedRecord, now: datetime.datetime
    ) -> SourceRecord:
        url = "" if mapped.url in self.shared else mapped.url
        sites = looked_up(mapped.sites)
        complete = is_complete(mapped.values, has_place=bool(sites), has_link=bool(url))
        return SourceRecord(
            source_id=self.source.pk,
            external_id=group.external_id,
            url=url,
            record_type=self.source.record_type,
            state=RecordState.COMPLETE if complete else RecordState.TO_COMPLETE,
            raw=raw,
            fingerprint=group.fingerprint,
            values=mapped.values,
            sites=sites,
            problems=mapped.problems + remarks(mapped, sites, complete=complete),
            licence=mapped.licence or group.rows[0].licence or self.source.licence,
            # Kept even when the page is shared: who comes later must not take it for its own.
            page_key=page_key(mapped.url),
            likeness=likeness(mapped.values, sites),
            dated_at=dated(max(row.date for row in group.rows)),
            changed_at=now,
            seen_at=now,
        )

    def _keep_refused(self, refused: Sequence[Refused], now: datetime.datetime) -> None:
        rows = {
            r.fingerprint: RejectedRow(
                source=self.source,
                run=self.run,
                fingerprint=r.fingerprint,
                position=r.position[:200],
                external_id=self.suppressions.identifier(r.external_id),
                raw=[row.data for row in r.rows],
                page=str(self.suppressions.redact(r.rows[0].url)[0])[:1000],
                errors=r.errors,
                seen_at=now,
            )
            for r in refused
        }
        RejectedRow.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["source", "fingerprint"],
            update_fields=["run", "position", "external_id", "page", "errors", "seen_at"],
        )


def same_identity(group: Group) -> Refused:
    return Refused(group.rows, [SAME_IDENTITY], group.external_id, group.fingerprint)


def remarks(
    mapped: MappedRecord, sites: Sequence[dict[str, Any]], *, complete: bool
) -> list[dict[str, str]]:
    """What a partner would like to know of a record that is kept: {field, code, message}."""
    found = []
    if not complete:
        found.append(("record", "a-completer", _what_is_missing(mapped)))
    for site in sites:
        if site["confidence"] < 0.9:
            where = f"« {site['label']} »" if site["label"] else "Un lieu"
            why = site["note"].rstrip(". ") or "lieu non reconnu"
            found.append(("place", "lieu-incertain", f"{where} : {why}."))
    if links.is_placeholder(mapped.values.get("website", "")):
        found.append(("website", "adresse", "Le site web semble être une adresse à remplir."))
    return [{"field": f, "code": c, "message": m} for f, c, m in found]


def _what_is_missing(mapped: MappedRecord) -> str:
    if not (mapped.values.get("summary") or mapped.values.get("description")):
        return "Sans résumé ni description, la fiche n’est pas publiée."
    return "Sans lieu ni lien, la fiche n’est pas publiée."
