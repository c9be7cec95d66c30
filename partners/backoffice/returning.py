"""Going back where a form says, when that is in this house."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def back_of(request: HttpRequest, otherwise: str) -> str:
    """The address that the form was on (« retour »), else this one."""
    wanted = request.POST.get("retour", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted and is_ours else otherwise
