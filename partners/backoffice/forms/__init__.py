"""The back-office's forms, by subject."""

from partners.backoffice.forms.access import AccessForm
from partners.backoffice.forms.contract import ContractForm
from partners.backoffice.forms.deposit import DepositForm
from partners.backoffice.forms.onboarding import StartForm
from partners.backoffice.forms.partner import PartnerForm
from partners.backoffice.forms.record import RecordFilter
from partners.backoffice.forms.source import SourceForm

__all__ = [
    "AccessForm",
    "ContractForm",
    "DepositForm",
    "PartnerForm",
    "RecordFilter",
    "SourceForm",
    "StartForm",
]
