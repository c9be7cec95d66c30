"""One file per aggregate."""

from innovations.models.citation import Citation, Evidence
from innovations.models.edit import FieldEdit
from innovations.models.innovation import Innovation, Maturity, Nature, Reach, Status
from innovations.models.location import Location
from innovations.models.organisation import LegalForm, Organisation, OrganisationRole
from innovations.models.picture import Picture, PictureState, RemovedPicture
from innovations.models.reproduction import Reproduction
from innovations.models.search_row import SearchRow
from innovations.models.taxonomy import Term, TermSynonym, Vocabulary
from innovations.models.taxonomy_change import TermChange, TermChangeKind

__all__ = [
    "Citation",
    "Evidence",
    "FieldEdit",
    "Innovation",
    "LegalForm",
    "Location",
    "Maturity",
    "Nature",
    "Organisation",
    "OrganisationRole",
    "Picture",
    "PictureState",
    "Reach",
    "RemovedPicture",
    "Reproduction",
    "SearchRow",
    "Status",
    "Term",
    "TermChange",
    "TermChangeKind",
    "TermSynonym",
    "Vocabulary",
]
