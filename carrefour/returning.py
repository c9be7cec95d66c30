"""Going back where a form says, when that is in this house."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def back_of(request: HttpRequest, otherwise: str) -> str:
    """The address that the form was on (« retour »), else this one."""
    wanted = request.POST.get("retour", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted and is_ours else otherwise


def with_done(where: str, done: int) -> str:
    """The address (or the name of one), saying which gesture was just made, to offer to undo it."""
    address = resolve_url(where)
    kept = "&".join(p for p in address.partition("?")[2].split("&") if p[:5] != "fait=")
    query = f"{kept}&fait={done}" if kept else f"fait={done}"
    return f"{address.partition('?')[0]}?{query}"
