"""Logging in, being locked out, finding one's way back; the admin behind the same door."""

import re
from types import SimpleNamespace

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse

from carrefour.accounts.models import User
from carrefour.accounts.roles import Role
from tests.factories import (
    InnovationFactory,
    ReplicationFactory,
    SourceRecordFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PASSWORD = "mot-de-passe-de-test"
NEW = "une-phrase-assez-longue-42"


def log_in(client: Client, email: str, password: str = PASSWORD, **query: str) -> object:
    return client.post(
        reverse("accounts:login", query=query), {"username": email, "password": password}
    )


def test_log_in_leads_to_the_back_office(roles: SimpleNamespace, client: Client) -> None:
    response = log_in(client, "MODERATEUR@example.org")
    assert response.url == reverse("backoffice:home")


def test_log_in_leads_where_one_was_going(roles: SimpleNamespace, client: Client) -> None:
    assert log_in(client, "moderateur@example.org", next="/gestion/relecture/").url == (
        "/gestion/relecture/"
    )
    client.logout()
    away = log_in(client, "moderateur@example.org", next="https://ailleurs.invalid/")
    assert away.url == reverse("backoffice:home")


def test_a_wrong_password_is_told_without_saying_which_half_is_wrong(client: Client) -> None:
    UserFactory(email="a@example.org")
    known = log_in(client, "a@example.org", "faux").content.decode()
    unknown = log_in(client, "inconnu@example.org", "faux").content.decode()
    message = "Adresse ou mot de passe incorrect."
    assert message in known
    assert message in unknown


def test_too_many_attempts_lock_the_account_out(client: Client) -> None:
    UserFactory(email="a@example.org")
    UserFactory(email="b@example.org")
    for address in ["a@example.org", "A@example.org"] * (settings.AXES_FAILURE_LIMIT // 2):
        response = log_in(client, address, "faux")
    assert response.status_code == 429
    assert "Connexion suspendue" in response.content.decode()
    assert log_in(client, "a@example.org").status_code == 429
    assert log_in(client, "b@example.org").status_code == 302
    client.logout()
    AccessAttempt.objects.all().delete()
    assert log_in(client, "a@example.org").status_code == 302


def test_log_out_is_a_post(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.moderator, BACKEND)
    assert client.get(reverse("accounts:logout")).status_code == 405
    assert client.post(reverse("accounts:logout")).status_code == 302
    assert client.get(reverse("backoffice:home")).status_code == 302


def test_a_lost_password_is_replaced_by_mail(client: Client) -> None:
    UserFactory(email="a@example.org")
    response = client.post(
        reverse("accounts:password_reset"),
        {"email": "a@example.org"},
        headers={"host": "testserver"},
    )
    assert response.url == reverse("accounts:password_reset_done")
    assert mail.outbox[0].subject == "Choisir un nouveau mot de passe"
    link = re.search(rf"{settings.BASE_URL}(/\S+)", mail.outbox[0].body)
    assert link
    page = client.get(link[1], follow=True)
    where = page.redirect_chain[-1][0]
    short = client.post(where, {"new_password1": "court", "new_password2": "court"})
    assert "trop court" in short.content.decode()
    done = client.post(where, {"new_password1": NEW, "new_password2": NEW})
    assert done.url == reverse("accounts:password_reset_complete")
    assert log_in(client, "a@example.org", NEW).status_code == 302
    client.logout()
    assert "Ce lien ne sert plus" in client.get(link[1]).content.decode()


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: Client) -> None:
    response = client.post(reverse("accounts:password_reset"), {"email": "b@example.org"})
    assert response.url == reverse("accounts:password_reset_done")
    assert mail.outbox == []


def test_nobody_is_flooded_with_links(client: Client) -> None:
    UserFactory(email="a@example.org")
    for _ in range(8):
        client.post(reverse("accounts:password_reset"), {"email": "A@example.org"})
    assert len(mail.outbox) == 3


def test_changing_one_s_password(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.moderator, BACKEND)
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(reverse("accounts:password_change"), data).url == reverse("backoffice:home")


def test_the_admin_has_no_door_of_its_own(roles: SimpleNamespace, client: Client) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == f"{reverse('accounts:login')}?next=/admin/"
    client.force_login(roles.partner_member, BACKEND)
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.fixture
def filled(roles: SimpleNamespace) -> SimpleNamespace:
    innovation = InnovationFactory(published=True)
    ReplicationFactory(innovation=innovation)
    return SimpleNamespace(
        **vars(roles), innovation=innovation, record=SourceRecordFactory(innovation=innovation)
    )


def test_every_admin_list_and_form_opens(filled: SimpleNamespace, client: Client) -> None:
    root = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(root, BACKEND)
    for model, registered in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{name}_changelist"), {"q": "a"}).status_code == 200, name
        row = model._default_manager.first()
        if row is not None:
            assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, name
        request = SimpleNamespace(user=root)
        if registered.has_add_permission(request):
            assert client.get(reverse(f"{name}_add")).status_code == 200, name


def test_what_was_harvested_is_not_edited_in_the_admin(
    filled: SimpleNamespace, client: Client
) -> None:
    client.force_login(filled.administrator, BACKEND)
    for row in (filled.innovation, filled.record):
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        text = client.get(reverse(f"{name}_change", args=[row.pk])).content.decode()
        assert not re.search(r'<(input|textarea|select)[^>]*name="(title|raw|values|status)"', text)
        assert client.get(reverse(f"{name}_delete", args=[row.pk])).status_code == 403


def test_an_administrator_gives_roles_and_is_no_superuser(
    roles: SimpleNamespace, client: Client
) -> None:
    client.force_login(roles.administrator, BACKEND)
    where = reverse("admin:accounts_user_change", args=[roles.stranger.pk])
    text = client.get(where).content.decode()
    assert "Chargé d&#x27;essaimage" in text or "Chargé d’essaimage" in text
    group = Group.objects.get(name=Role.MODERATOR.value)
    data = {
        "email": roles.stranger.email,
        "display_name": "Nouveau modérateur",
        "is_active": "on",
        "is_superuser": "on",
        "groups": [group.pk],
    }
    assert client.post(where, data).status_code == 302
    changed = User.objects.get(pk=roles.stranger.pk)
    assert changed.has_role(Role.MODERATOR)
    assert not changed.is_superuser
    root = UserFactory(is_staff=True, is_superuser=True)
    where = reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.post(where, {"password1": NEW, "password2": NEW}).status_code == 403


def test_a_moderator_gives_no_role(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.moderator, BACKEND)
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403


def test_a_membership_is_given_once(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.administrator, BACKEND)
    where = reverse("admin:partners_membership_add")
    data = {"user": roles.partner_member.pk, "partner": roles.partner.pk}
    response = client.post(where, data)
    assert "Ce compte est déjà rattaché à ce partenaire." in response.content.decode()
