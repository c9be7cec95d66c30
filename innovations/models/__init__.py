"""One file per aggregate."""

from innovations.models.bulk import BulkAction, BulkChange
from innovations.models.citation import Citation, Evidence
from innovations.models.completeness import Completeness
from innovations.models.data_version import DataChange
from innovations.models.documentation import Documentation, DocumentBasis, DocumentKind
from innovations.models.economic_model import EconomicModel, GrantDependence, Resource
from innovations.models.edit import CreditKind, FieldEdit
from innovations.models.equivalent import Equivalent, KnownWord, KnownWords
from innovations.models.innovation import Innovation, Maturity, Nature, Reach, Status
from innovations.models.link import Link, LinkRole, LinkState, LinkUse
from innovations.models.location import Location
from innovations.models.means import Means
from innovations.models.organisation import LegalForm, Organisation, OrganisationRole
from innovations.models.picture import Picture, PictureState, RemovedPicture
from innovations.models.reproduction import Reproduction
from innovations.models.search_entry import EntryKind, SearchEntry
from innovations.models.search_index import (
    SearchBits,
    SearchChange,
    SearchIndex,
    SearchKey,
    SearchNumber,
)
from innovations.models.search_log import (
    SearchCount,
    SearchDecision,
    SearchKind,
    SearchOutcome,
)
from innovations.models.search_row import SearchExtra, SearchPlace, SearchRow
from innovations.models.taxonomy import Term, TermSynonym, Vocabulary
from innovations.models.taxonomy_change import TermChange, TermChangeKind

__all__ = [
    "BulkAction",
    "BulkChange",
    "Citation",
    "Completeness",
    "CreditKind",
    "DataChange",
    "DocumentBasis",
    "DocumentKind",
    "Documentation",
    "EconomicModel",
    "EntryKind",
    "Equivalent",
    "Evidence",
    "FieldEdit",
    "GrantDependence",
    "Innovation",
    "KnownWord",
    "KnownWords",
    "LegalForm",
    "Link",
    "LinkRole",
    "LinkState",
    "LinkUse",
    "Location",
    "Maturity",
    "Means",
    "Nature",
    "Organisation",
    "OrganisationRole",
    "Picture",
    "PictureState",
    "Reach",
    "RemovedPicture",
    "Reproduction",
    "Resource",
    "SearchBits",
    "SearchChange",
    "SearchCount",
    "SearchDecision",
    "SearchEntry",
    "SearchExtra",
    "SearchIndex",
    "SearchKey",
    "SearchKind",
    "SearchNumber",
    "SearchOutcome",
    "SearchPlace",
    "SearchRow",
    "Status",
    "Term",
    "TermChange",
    "TermChangeKind",
    "TermSynonym",
    "Vocabulary",
]
