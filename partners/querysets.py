"""Which rows: the questions asked of partners, sources, records and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone

from partners.likeness import page_key

if TYPE_CHECKING:
    from partners.models import (  # noqa: F401
        Flag,
        Objection,
        Pair,
        Partner,
        Regrouping,
        Run,
        Source,
        SourceRecord,
        VocabularyEntry,
    )


class PartnerQuerySet(models.QuerySet["Partner"]):
    def active(self) -> PartnerQuerySet:
        return self.filter(is_active=True)

    def visible_to(self, user: Any) -> PartnerQuerySet:
        """All for those who may see partners; a member's own partners otherwise."""
        if user.has_perm("partners.view_partner"):
            return self
        return self.filter(memberships__user=user)


class SourceQuerySet(models.QuerySet["Source"]):
    def due(self) -> SourceQuerySet:
        """Active sources whose next harvest time has come."""
        return self.filter(is_active=True, partner__is_active=True, next_run_at__lte=timezone.now())

    def visible_to(self, user: Any) -> SourceQuerySet:
        if user.has_perm("partners.view_source"):
            return self
        return self.filter(partner__memberships__user=user)


class SourceRecordQuerySet(models.QuerySet["SourceRecord"]):
    def present(self) -> SourceRecordQuerySet:
        return self.exclude(state="retiree")

    def on_page(self, url: str) -> SourceRecordQuerySet:
        """Those that give this address as theirs, even one taken off them for being shared."""
        if not url:
            return self.none()
        same = page_key(url)
        return self.filter(Q(url=url) | Q(page_key=same)) if same else self.filter(url=url)

    def tally(self) -> dict[str, int]:
        """Number of records by state, in one query."""
        return self.aggregate(
            complete=Count("pk", filter=Q(state="complete")),
            to_complete=Count("pk", filter=Q(state="a-completer")),
            withdrawn=Count("pk", filter=Q(state="retiree")),
        )


class RunQuerySet(models.QuerySet["Run"]):
    def active(self) -> RunQuerySet:
        return self.filter(state__in=["en-attente", "en-cours"])

    def visible_to(self, user: Any) -> RunQuerySet:
        if user.has_perm("partners.view_run"):
            return self
        return self.filter(source__partner__memberships__user=user)


class VocabularyQuerySet(models.QuerySet["VocabularyEntry"]):
    def waiting(self) -> VocabularyQuerySet:
        """Words no one decided and no label matched: staff's work."""
        return self.filter(is_decided=False, is_automatic=False)


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def to_settle(self) -> ObjectionQuerySet:
        return self.filter(state="confirmee")


class PairQuerySet(models.QuerySet["Pair"]):
    def waiting(self) -> PairQuerySet:
        """To be decided by staff."""
        return self.filter(state="a-decider")

    def settled(self) -> PairQuerySet:
        """Decided by staff: never asked again."""
        return self.filter(state="decidee")

    def about(self, record_ids: Any) -> PairQuerySet:
        return self.filter(Q(first__in=record_ids) | Q(second__in=record_ids))


class RegroupingQuerySet(models.QuerySet["Regrouping"]):
    def standing(self) -> RegroupingQuerySet:
        return self.filter(undone_at__isnull=True)

    def about(self, innovation: Any) -> RegroupingQuerySet:
        return self.filter(Q(origin=innovation) | Q(target=innovation))


class FlagQuerySet(models.QuerySet["Flag"]):
    def to_decide(self) -> FlagQuerySet:
        return self.filter(state="a-decider")

    def personal(self) -> FlagQuerySet:
        return self.filter(family="donnee")

    def about(self, innovation: Any) -> FlagQuerySet:
        """Those of its records that are still there and say something to someone."""
        return self.filter(record__innovation=innovation).exclude(state="corrigee")

    def visible_to(self, user: Any) -> FlagQuerySet:
        """All for those who moderate; those of its own records for a member of a partner."""
        if user.has_perm("partners.view_flag"):
            return self
        return self.filter(record__source__partner__memberships__user=user)
