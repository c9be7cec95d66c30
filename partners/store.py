"""Storing a batch of projects: what is new, what changed, what is refused. Set-based throughout."""

import datetime
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners.connectors import RawRow
from partners.erasure import erase, target_of_records
from partners.identity import Group, Refused
from partners.mapping import links
from partners.mapping.places import looked_up
from partners.mapping.record import MappedRecord, map_rows
from partners.mapping.rules import Rule
from partners.models import RecordState, RejectedRow, Run, Source, SourceRecord
from partners.publishing import is_complete, publish_records
from partners.rawness import storable
from partners.suppression import Suppressions
from partners.vocabularies import Vocabularies

WRITTEN = [
    "url", "record_type", "state", "raw", "fingerprint", "values", "sites", "problems",
    "licence", "changed_at", "seen_at", "missing_since",
]  # fmt: skip
KNOWN = (
    "pk", "external_id", "fingerprint", "state", "innovation_id", "url", "values__title",
    "values__porteur__name",
)  # fmt: skip

NOT_DIGESTED = {
    "field": "record",
    "code": "erreur-interne",
    "message": "La correspondance n’a pas pu traiter cette fiche ; l’équipe technique le sait.",
}
log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What became of a batch; ``made`` holds the records new or changed, saved or as they'd be.

    ``gone``: the ids of the known records that are on the suppression list.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    suppressed: int = 0
    redacted: int = 0
    made: list[SourceRecord] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


@dataclass
class Store:
    """Writes the batches of one run. ``pages`` counts how many projects claim each page."""

    source: Source
    run: Run | None
    rules: Sequence[Rule]
    suppressions: Suppressions
    vocabularies: Vocabularies
    pages: dict[str, int] = field(default_factory=dict)

    def write(self, batch: Sequence[Group | Refused]) -> Outcome:
        """Store one batch in one transaction, records published and refusals kept included."""
        now = timezone.now()
        with transaction.atomic():
            # Read again: someone may have objected since the last batch.
            self.suppressions = Suppressions.hold()
            outcome, seen = self._sorted(batch, now)
            if outcome.gone:
                erase(target_of_records(outcome.gone))
            SourceRecord.objects.filter(pk__in=seen).update(seen_at=now, missing_since=None)
            outcome.made = SourceRecord.objects.bulk_create(
                outcome.made,
                update_conflicts=True,
                unique_fields=["source", "external_id"],
                update_fields=WRITTEN,
            )
            publish_records(outcome.made, self.vocabularies)
            self._keep_refused(outcome.refused, now)
        return outcome

    def preview(self, batch: Sequence[Group | Refused]) -> Outcome:
        """What ``write`` would do, without writing anything."""
        return self._sorted(batch, timezone.now())[0]

    def _sorted(
        self, batch: Sequence[Group | Refused], now: datetime.datetime
    ) -> tuple[Outcome, list[int]]:
        """The outcome to be, and the ids of the records seen again as they were."""
        outcome = Outcome()
        for refused in batch:
            if isinstance(refused, Refused):
                self._refuse(refused, outcome)
        groups = [b for b in batch if isinstance(b, Group)]
        for group in groups:
            group.external_id = self.suppressions.identifier(group.external_id)
        known = self._known([g.external_id for g in groups])
        self._links = {e: known[e]["innovation_id"] for e in known}
        seen: list[int] = []
        for group in groups:
            before = known.get(group.external_id)
            if before and self._is_listed(before):
                outcome.suppressed += 1
                outcome.gone.append(before["pk"])
            elif before and self._is_same(before, group):
                outcome.unchanged += 1
                seen.append(before["pk"])
            else:
                self._make(group, before, outcome, seen, now)
        return outcome, seen

    def _known(self, external_ids: list[str]) -> dict[str, dict[str, Any]]:
        if self.source.pk is None:
            return {}
        rows = SourceRecord.objects.filter(source=self.source, external_id__in=external_ids)
        return {row["external_id"]: row for row in rows.values(*KNOWN)}

    def _is_listed(self, before: dict[str, Any]) -> bool:
        """Whether a record as it is stored, changed at its source or not, is on the list."""
        said = (before[n] or "" for n in ("url", "values__title", "values__porteur__name"))
        return self.suppressions.hides(self.source.slug, before["external_id"], *said)

    @staticmethod
    def _is_same(before: dict[str, Any], group: Group) -> bool:
        is_here = before["state"] != RecordState.WITHDRAWN
        return is_here and before["fingerprint"] == group.fingerprint

    def _make(
        self,
        group: Group,
        before: dict[str, Any] | None,
        outcome: Outcome,
        seen: list[int],
        now: datetime.datetime,
    ) -> None:
        """Make the record of a new or changed project, unless it is refused or kept away."""
        raw, removed = self._clean(group.rows)
        mapped = self._mapped(group, raw)
        if self._is_hidden(group, mapped):
            outcome.suppressed += 1
            return
        outcome.redacted += removed
        if mapped.errors:
            refused = Refused(group.rows, mapped.errors, group.external_id, group.fingerprint)
            self._refuse(refused, outcome)
            # The last good version stays; the refusal says what to mend.
            seen += [before["pk"]] if before else []
            return
        outcome.made.append(self._record(group, raw, mapped, now))
        outcome.updated += before is not None
        outcome.created += before is None

    def _clean(self, rows: Sequence[RawRow]) -> tuple[list[dict[str, Any]], int]:
        """The rows' content as it may be kept, and how many data had to go."""
        return self.suppressions.redact(storable([row.data for row in rows]))

    def _refuse(self, refused: Refused, outcome: Outcome) -> None:
        clean, _ = self._clean(refused.rows)
        refused.rows = [
            replace(row, data=data) for row, data in zip(refused.rows, clean, strict=True)
        ]
        outcome.refused.append(refused)

    def _mapped(self, group: Group, raw: list[dict[str, Any]]) -> MappedRecord:
        """The record of the rows. One that the rules cannot digest is refused, not raised."""
        page, _ = self.suppressions.redact(group.rows[0].url)
        try:
            return map_rows(self.rules, raw, base=self.source.url, url=page)
        except Exception:
            log.exception("Correspondance de %s, %s", self.source.slug, group.external_id)
            return MappedRecord(errors=[NOT_DIGESTED])

    def _is_hidden(self, group: Group, mapped: MappedRecord) -> bool:
        shared = self.pages.get(mapped.url, 0) > 1
        return self.suppressions.hides(
            self.source.slug,
            group.external_id,
            "" if shared else mapped.url,
            mapped.title,
            mapped.porteur,
        )

    def _record(
        self, group: Group, raw: list[dict[str, Any]], mapped: MappedRecord, now: datetime.datetime
    ) -> SourceRecord:
        url = "" if self.pages.get(mapped.url, 0) > 1 else mapped.url
        sites = looked_up(mapped.sites)
        complete = is_complete(mapped.values, has_place=bool(sites), has_link=bool(url))
        return SourceRecord(
            source=self.source if self.source.pk else None,
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
            innovation_id=self._links.get(group.external_id),
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
                errors=r.errors,
                seen_at=now,
            )
            for r in refused
        }
        RejectedRow.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["source", "fingerprint"],
            update_fields=["run", "position", "external_id", "errors", "seen_at"],
        )


def remarks(
    mapped: MappedRecord, sites: Sequence[dict[str, Any]], *, complete: bool
) -> list[dict[str, str]]:
    """What a partner would like to know of a record that is kept: {field, code, message}."""
    found = []
    if not complete:
        found.append(("record", "a-completer", _what_is_missing(mapped)))
    for site in sites:
        if site["confidence"] < 0.9:
            where = f"« {site['label']} »" if site["label"] else "Un lieu"
            why = site["note"].rstrip(". ") or "lieu non reconnu"
            found.append(("place", "lieu-incertain", f"{where} : {why}."))
    if links.is_placeholder(mapped.values.get("website", "")):
        found.append(("website", "adresse", "Le site web semble être une adresse à remplir."))
    return [{"field": f, "code": c, "message": m} for f, c, m in found]


def _what_is_missing(mapped: MappedRecord) -> str:
    if not (mapped.values.get("summary") or mapped.values.get("description")):
        return "Sans résumé ni description, la fiche n’est pas publiée."
    return "Sans lieu ni lien, la fiche n’est pas publiée."
