"""One file per aggregate."""

from partners.models.alert import Alert
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
from partners.models.flag import Flag, FlagFamily, FlagState
from partners.models.invitation import Invitation
from partners.models.mapping_version import MappingVersion
from partners.models.objection import Objection, ObjectionState, SuppressedDatum, SuppressedRecord
from partners.models.partner import Membership, Partner, PartnerKind
from partners.models.quality_snapshot import QualitySnapshot
from partners.models.record import RecordState, RecordType, RejectedRow, SourceRecord
from partners.models.run import Run, RunState, Trigger
from partners.models.source import Frequency, Source
from partners.models.vocabulary import VocabularyEntry

__all__ = [
    "Alert",
    "Credential",
    "CredentialKind",
    "Deposit",
    "Flag",
    "FlagFamily",
    "FlagState",
    "Frequency",
    "Invitation",
    "LinkageRule",
    "MappingVersion",
    "Membership",
    "Objection",
    "ObjectionState",
    "Pair",
    "PairState",
    "Partner",
    "PartnerKind",
    "QualitySnapshot",
    "RecordState",
    "RecordType",
    "Regrouping",
    "RegroupingKind",
    "RejectedRow",
    "Run",
    "RunState",
    "Source",
    "SourceRecord",
    "SuppressedDatum",
    "SuppressedRecord",
    "Trigger",
    "Verdict",
    "VocabularyEntry",
]
