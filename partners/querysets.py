"""Which rows: the questions asked of partners, sources, records and runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from carrefour.undoable import UndoableQuerySet
from partners.likeness import page_key

if TYPE_CHECKING:
    from partners.models import (  # noqa: F401
        Claim,
        Flag,
        Objection,
        Offer,
        Pair,
        Partner,
        Proposal,
        Remark,
        Run,
        Source,
        SourceRecord,
        Suggestion,
        VocabularyEntry,
    )


class PartnerQuerySet(models.QuerySet["Partner"]):
    def active(self) -> PartnerQuerySet:
        """Those that the public sees: admitted, and not gone."""
        return self.filter(is_active=True).exclude(step__in=["contact", "refuse", "parti"])

    def visible_to(self, user: Any) -> PartnerQuerySet:
        """All for those who may see partners; a member's own partners otherwise."""
        if user.has_perm("partners.view_partner"):
            return self
        return self.filter(memberships__user=user)


class SourceQuerySet(models.QuerySet["Source"]):
    def due(self) -> SourceQuerySet:
        """Active sources whose next harvest time has come."""
        harvested = self.filter(partner__step__in=["admis", "charte", "source", "en-ligne"])
        return harvested.filter(
            is_active=True, partner__is_active=True, next_run_at__lte=timezone.now()
        )

    def drafts(self) -> SourceQuerySet:
        """Still being taken on board: neither active nor ever harvested."""
        return self.filter(is_active=False, runs=None)

    def taken_on(self) -> SourceQuerySet:
        """All but the drafts."""
        from partners.models import Run

        harvested = Run.objects.filter(source=OuterRef("pk"))
        return self.filter(Q(is_active=True) | Exists(harvested))

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

    def one_by_one(self) -> PairQuerySet:
        """Those that are not decided with all the places of a network at once."""
        return self.filter(network="")

    def of_networks(self) -> PairQuerySet:
        """Waiting, and decided with all the places of their network at once."""
        return self.waiting().exclude(network="")

    def unlike_on(self, field: str, below: float) -> PairQuerySet:
        """Those whose comparison found this field to be less alike than ``below``."""
        path = "$[*] ? (@.field == $field && @.similarity < $below)"
        found = RawSQL(
            "jsonb_path_exists(partners_pair.explanation, %s::jsonpath, %s::jsonb)",
            [path, json.dumps({"field": field, "below": below})],
            output_field=models.BooleanField(),
        )
        return self.filter(found)

    def estranged(self) -> PairQuerySet:
        """Linked by a rule once, and no longer alike: told to staff, who alone part them."""
        return self.filter(state="liee-par-regle", proposed="distinctes")

    def about(self, record_ids: Any) -> PairQuerySet:
        return self.filter(Q(first__in=record_ids) | Q(second__in=record_ids))

    def between(self, records: Any, others: Any) -> PairQuerySet:
        """Those of a record of one set and a record of the other."""
        return self.filter(
            Q(first__in=records, second__in=others) | Q(first__in=others, second__in=records)
        )


class RegroupingQuerySet(UndoableQuerySet):
    def about(self, innovation: Any) -> RegroupingQuerySet:
        return self.filter(Q(origin=innovation) | Q(target=innovation))


class ModerationQuerySet(UndoableQuerySet):
    def holding(self, innovation_ids: Any) -> ModerationQuerySet:
        """The decision that holds on each of these innovations: the latest not undone."""
        found = self.standing().filter(innovation__in=innovation_ids)
        return found.order_by("innovation_id", "-pk").distinct("innovation_id")


class RemarkQuerySet(models.QuerySet["Remark"]):
    def waiting(self) -> RemarkQuerySet:
        return self.filter(settled_at__isnull=True)


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def waiting(self) -> SuggestionQuerySet:
        """To be decided by staff."""
        return self.filter(state="a-examiner")

    def for_partner(self, partner: Any) -> SuggestionQuerySet:
        """Sent to the partner, and not answered."""
        return self.filter(state="transmise", partner=partner)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def waiting(self) -> ClaimQuerySet:
        return self.filter(state="a-examiner")

    def held_by(self, user: Any) -> ClaimQuerySet:
        """The rights that the account holds."""
        return self.filter(user=user, state="acceptee")


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def waiting(self) -> ProposalQuerySet:
        """For a partner to vouch for them."""
        return self.filter(state="en-attente")

    def to_read(self) -> ProposalQuerySet:
        """For staff: nobody was asked yet, everyone declined, or the porteur changed something."""
        asked = Q(offers__state="en-attente")
        unasked = Q(state="en-attente") & ~Q(pk__in=self.model.objects.filter(asked).values("pk"))
        return self.filter(unasked | Q(is_corrected=True))


class OfferQuerySet(models.QuerySet["Offer"]):
    def waiting(self) -> OfferQuerySet:
        return self.filter(state="en-attente", proposal__state="en-attente")


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
