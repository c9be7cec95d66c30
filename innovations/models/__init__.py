"""One file per aggregate."""

from innovations.models.citation import Citation, Evidence
from innovations.models.completeness import Completeness
from innovations.models.edit import FieldEdit
from innovations.models.innovation import Innovation, Maturity, Nature, Reach, Status
from innovations.models.link import Link, LinkRole, LinkState, LinkUse
from innovations.models.location import Location
from innovations.models.organisation import LegalForm, Organisation, OrganisationRole
from innovations.models.picture import Picture, PictureState
from innovations.models.reproduction import Reproduction
from innovations.models.search_row import SearchRow
from innovations.models.taxonomy import Term, TermSynonym, Vocabulary

__all__ = [
    "Citation",
    "Completeness",
    "Evidence",
    "FieldEdit",
    "Innovation",
    "LegalForm",
    "Link",
    "LinkRole",
    "LinkState",
    "LinkUse",
    "Location",
    "Maturity",
    "Nature",
    "Organisation",
    "OrganisationRole",
    "Picture",
    "PictureState",
    "Reach",
    "Reproduction",
    "SearchRow",
    "Status",
    "Term",
    "TermSynonym",
    "Vocabulary",
]
