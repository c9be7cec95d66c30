"""Who may do what on which object of the back-office.

Staff hold permissions through their role (carrefour.accounts.roles). A member of a partner holds
none: they see their own partner, its sources, runs, records and refused rows, and change nothing.
Not seeing an object answers 404, not being allowed to act on it 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from partners.models import Membership, Partner, RejectedRow, Run, Source, SourceRecord
from partners.querysets import SourceQuerySet

View = Callable[..., HttpResponseBase]
Row = TypeVar("Row", Partner, Source, Run, SourceRecord, RejectedRow)


def may_enter(user: Any) -> bool:
    """Staff with a role, and members of a partner; a bare account has nothing to do here."""
    return user.has_perm("partners.view_partner") or Membership.objects.filter(user=user).exists()


def backoffice_page(*permissions: str) -> Callable[[View], View]:
    """A page for those who may enter and hold all ``permissions``.

    Anonymous visitors are sent to log in; others get 403.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may_enter(request.user) or not request.user.has_perms(permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def reads_raw(user: Any) -> bool:
    """Whether what partners sent, as received, may be shown: staff whose role works on it, and
    members of a partner, who are only ever shown their own."""
    return user.has_perm("partners.view_sourcerecord") or not user.has_perm("partners.view_partner")


def raw_page(view: View) -> View:
    """A page that shows content as received; 403 for the roles that do not work on it."""

    @backoffice_page()
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not reads_raw(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def visible_partners(user: Any) -> QuerySet[Partner]:
    return Partner.objects.visible_to(user)


def visible_sources(user: Any) -> SourceQuerySet:
    return Source.objects.visible_to(user)


def visible_runs(user: Any) -> QuerySet[Run]:
    return Run.objects.visible_to(user)


def visible_records(user: Any) -> QuerySet[SourceRecord]:
    return SourceRecord.objects.filter(_of_own_sources(user, "partners.view_sourcerecord"))


def visible_rejected(user: Any) -> QuerySet[RejectedRow]:
    return RejectedRow.objects.filter(_of_own_sources(user, "partners.view_rejectedrow"))


def visible_or_404(rows: QuerySet[Row], **identity: Any) -> Row:
    """One row among those the user may see; ``Http404`` for any other, existing or not."""
    return get_object_or_404(rows, **identity)


def _of_own_sources(user: Any, permission: str) -> Q:
    if user.has_perm(permission):
        return Q()
    return Q(source__partner__in=Membership.objects.filter(user=user).values("partner"))


def may_deposit(user: Any, source: Source) -> bool:
    """Who sets sources up, and the members of the source's own partner, drop its files."""
    if user.has_perm("partners.change_source"):
        return True
    return Membership.objects.filter(user=user, partner=source.partner_id).exists()
