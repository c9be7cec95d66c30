"""One file per aggregate."""

from partners.models.alert import Alert
from partners.models.claim import Claim, ClaimState
from partners.models.comparison import ComparedRecord, LinkagePass, WordFrequency
from partners.models.consolidation import (
    LinkageRule,
    Pair,
    PairState,
    Regrouping,
    RegroupingKind,
    Verdict,
)
from partners.models.credential import Credential, CredentialKind
from partners.models.deposit import Deposit
from partners.models.exchange import ExchangeKind, Import, ImportState
from partners.models.flag import Flag, FlagFamily, FlagState
from partners.models.invitation import Invitation
from partners.models.mapping_version import MappingVersion
from partners.models.moderation import Decision, Moderation, Motive, Recomposition, Remark
from partners.models.network import NetworkChoice, NetworkDecision
from partners.models.objection import Objection, ObjectionState, SuppressedDatum, SuppressedRecord
from partners.models.partner import Membership, Partner, PartnerKind, PartnerStep
from partners.models.partner_step import PartnerMove, RecordsChoice
from partners.models.proposal import Offer, OfferState, Proposal, ProposalState
from partners.models.quality_snapshot import QualitySnapshot
from partners.models.record import RecordState, RecordType, RejectedRow, SourceRecord
from partners.models.run import Run, RunState, Trigger
from partners.models.source import Frequency, Source
from partners.models.suggestion import Suggestion, SuggestionState
from partners.models.vocabulary import VocabularyEntry

__all__ = [
    "Alert",
    "Claim",
    "ClaimState",
    "ComparedRecord",
    "Credential",
    "CredentialKind",
    "Decision",
    "Deposit",
    "ExchangeKind",
    "Flag",
    "FlagFamily",
    "FlagState",
    "Frequency",
    "Import",
    "ImportState",
    "Invitation",
    "LinkagePass",
    "LinkageRule",
    "MappingVersion",
    "Membership",
    "Moderation",
    "Motive",
    "NetworkChoice",
    "NetworkDecision",
    "Objection",
    "ObjectionState",
    "Offer",
    "OfferState",
    "Pair",
    "PairState",
    "Partner",
    "PartnerKind",
    "PartnerMove",
    "PartnerStep",
    "Proposal",
    "ProposalState",
    "QualitySnapshot",
    "Recomposition",
    "RecordState",
    "RecordType",
    "RecordsChoice",
    "Regrouping",
    "RegroupingKind",
    "RejectedRow",
    "Remark",
    "Run",
    "RunState",
    "Source",
    "SourceRecord",
    "Suggestion",
    "SuggestionState",
    "SuppressedDatum",
    "SuppressedRecord",
    "Trigger",
    "Verdict",
    "VocabularyEntry",
    "WordFrequency",
]
