"""People of a partner are invited by e-mail, join once, and are removed."""

import datetime
import re
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from carrefour.accounts.models import User
from carrefour.accounts.roles import Role
from partners import invitations
from partners.models import Invitation, Membership, Partner
from tests.factories import MembershipFactory, PartnerFactory, UserFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PASSWORD = "une-phrase-assez-longue-42"
JOIN = {"display_name": "Chargé de veille", "password": PASSWORD, "again": PASSWORD}


def people(partner: Partner) -> str:
    return reverse("backoffice:people", kwargs={"slug": partner.slug})


def link() -> str:
    """The address in the last mail, whatever host the request claimed."""
    found = re.search(rf"{settings.BASE_URL}(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.fixture
def invited(roles: SimpleNamespace) -> str:
    """The link that the member's colleague received."""
    invitations.invite(roles.partner, "collegue@example.org", roles.partner_member)
    return link()


def test_a_member_invites_a_colleague_who_joins(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.partner_member, BACKEND)
    answer = client.post(people(roles.partner), {"email": "collegue@example.org"})
    assert answer.status_code == 302
    assert mail.outbox[0].to == ["collegue@example.org"]
    assert roles.partner.name in mail.outbox[0].subject
    where = link()
    assert where.rstrip("/").rpartition("/")[2] not in str(Invitation.objects.values())
    visitor = Client()
    assert "collegue@example.org" in visitor.get(where).content.decode()
    joined = visitor.post(where, JOIN)
    assert joined.url == reverse("backoffice:partner", kwargs={"slug": roles.partner.slug})
    assert visitor.get(joined.url).status_code == 200
    account = User.objects.get(email="collegue@example.org")
    assert account.has_role(Role.PARTNER)
    assert not account.is_staff
    assert account.check_password(PASSWORD)
    assert Membership.objects.filter(user=account).get().partner == roles.partner
    page = client.get(people(roles.partner)).content.decode()
    assert "Chargé de veille" in page
    assert "Invitations envoyées" not in page


def test_a_link_serves_once(invited: str, client: Client) -> None:
    assert client.post(invited, JOIN).status_code == 302
    again = Client().get(invited)
    assert again.status_code == 404
    assert "ne sert plus" in again.content.decode()
    assert Client().post(invited, JOIN).status_code == 404


def test_a_link_serves_seven_days(invited: str, client: Client) -> None:
    now = datetime.datetime.now(tz=datetime.UTC)
    with time_machine.travel(now + datetime.timedelta(days=6, hours=23)):
        assert client.get(invited).status_code == 200
    with time_machine.travel(now + datetime.timedelta(days=7, minutes=1)):
        assert client.post(invited, JOIN).status_code == 404
    assert not User.objects.filter(email="collegue@example.org").exists()


def test_a_second_invitation_replaces_the_first(
    roles: SimpleNamespace, invited: str, client: Client
) -> None:
    invitations.invite(roles.partner, "COLLEGUE@example.org", roles.partner_member)
    assert client.get(invited).status_code == 404
    assert client.get(link()).status_code == 200
    assert Invitation.objects.count() == 1


def test_an_invitation_is_called_off(roles: SimpleNamespace, invited: str, client: Client) -> None:
    client.force_login(roles.partner_member, BACKEND)
    waiting = Invitation.objects.get()
    where = reverse("backoffice:invitation_revoke", args=[roles.partner.slug, waiting.pk])
    assert client.get(where).status_code == 405
    assert client.post(where).status_code == 302
    assert Client().get(invited).status_code == 404


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"again": "autre-chose-de-long-42"}, "diffèrent"),
        ({"password": "12345678", "again": "12345678"}, "courant"),
        ({"password": "court", "again": "court"}, "trop court"),
        ({"display_name": ""}, "obligatoire"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_told(
    invited: str, client: Client, changed: dict[str, str], message: str
) -> None:
    page = client.post(invited, JOIN | changed)
    assert page.status_code == 200
    assert message in page.content.decode()
    assert not User.objects.filter(email="collegue@example.org").exists()


def test_someone_who_has_an_account_joins_with_it_and_with_no_other(
    roles: SimpleNamespace, invited: str, client: Client
) -> None:
    account = UserFactory(email="Collegue@example.org")
    page = client.get(invited).content.decode()
    assert f"{reverse('accounts:login')}?next={invited}" in page
    assert client.post(invited, JOIN).status_code == 200
    client.force_login(roles.stranger, BACKEND)
    client.post(invited)
    assert not Membership.objects.exclude(user=roles.partner_member).exists()
    client.force_login(account, BACKEND)
    assert client.get(invited).status_code == 200
    assert not Membership.objects.filter(user=account).exists()
    assert client.post(invited).status_code == 302
    assert Membership.objects.filter(user=account, partner=roles.partner).exists()
    account.refresh_from_db()
    assert not account.check_password(PASSWORD)


def test_an_account_of_the_team_keeps_its_roles_when_it_joins(
    roles: SimpleNamespace, client: Client
) -> None:
    invitations.invite(roles.partner, roles.moderator.email, roles.administrator)
    client.force_login(roles.moderator, BACKEND)
    client.post(link())
    names = set(roles.moderator.groups.values_list("name", flat=True))
    assert names == {Role.MODERATOR.value, Role.PARTNER.value}


def test_whoever_acts_already_is_not_invited(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.partner_member, BACKEND)
    page = client.post(people(roles.partner), {"email": roles.partner_member.email.upper()})
    assert "déjà rattachée" in page.content.decode()
    assert mail.outbox == []


def test_a_mail_that_cannot_leave_leaves_no_invitation(
    roles: SimpleNamespace, client: Client, settings: object
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # type: ignore[attr-defined]
    client.force_login(roles.partner_member, BACKEND)
    page = client.post(people(roles.partner), {"email": "collegue@example.org"})
    assert "n’a pas pu partir" in page.content.decode()
    assert not Invitation.objects.exists()


def test_invitations_that_wait_are_bounded(roles: SimpleNamespace) -> None:
    for number in range(invitations.MOST_OPEN):
        invitations.invite(roles.partner, f"p{number}@example.org", None)
    with pytest.raises(invitations.NotInvited, match="Trop d’invitations"):
        invitations.invite(roles.partner, "encore@example.org", None)
    invitations.invite(PartnerFactory(), "encore@example.org", None)


def test_an_inactive_partner_takes_nobody_in(
    roles: SimpleNamespace, invited: str, client: Client
) -> None:
    Partner.objects.update(is_active=False)
    assert client.get(invited).status_code == 404


def test_a_colleague_is_removed_and_loses_the_role_with_the_last_partner(
    roles: SimpleNamespace, client: Client
) -> None:
    colleague = MembershipFactory(
        partner=roles.partner, user=UserFactory(role=Role.PARTNER, email="c@example.org")
    )
    other = MembershipFactory(user=colleague.user)
    client.force_login(roles.partner_member, BACKEND)
    where = reverse("backoffice:member_remove", args=[roles.partner.slug, colleague.pk])
    assert client.get(where).status_code == 405
    assert client.post(where).url == people(roles.partner)
    assert colleague.user.groups.count() == 1
    invitations.remove(other)
    assert colleague.user.groups.count() == 0
    gone = Client()
    gone.force_login(colleague.user, BACKEND)
    assert gone.get(reverse("backoffice:home")).status_code == 403


def test_one_leaves_by_oneself(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.partner_member, BACKEND)
    own = Membership.objects.get(user=roles.partner_member)
    where = reverse("backoffice:member_remove", args=[roles.partner.slug, own.pk])
    assert client.post(where).url == reverse("site:home")
    assert not Membership.objects.filter(user=roles.partner_member).exists()


def test_nobody_is_removed_from_another_partner(roles: SimpleNamespace, client: Client) -> None:
    other = MembershipFactory(user=UserFactory())
    client.force_login(roles.partner_member, BACKEND)
    for slug in (roles.partner.slug, other.partner.slug):
        where = reverse("backoffice:member_remove", args=[slug, other.pk])
        assert client.post(where).status_code == 404
    assert Membership.objects.filter(pk=other.pk).exists()


def test_a_made_up_link_opens_nothing(roles: SimpleNamespace, invited: str) -> None:
    digest = Invitation.objects.get().token_digest
    for token in ("x", digest, "a" * 43):
        where = reverse("backoffice:invitation", kwargs={"token": token})
        assert Client().get(where).status_code == 404
