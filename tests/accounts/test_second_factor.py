"""A password alone does not open the back-office once a second factor is due."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from carrefour.accounts import factor_views, second_factor
from carrefour.accounts.models import User
from carrefour.accounts.roles import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PASSWORD = "mot-de-passe-de-test"
HOME = "/gestion/"
required = override_settings(SECOND_FACTOR="required")


def code_of(device: TOTPDevice, ahead: int = 0) -> str:
    """What the person's application shows, ``ahead`` steps of thirty seconds later."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time() + 30 * ahead
    return f"{totp.token():06d}"


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time stands still until the test moves it: a code serves once, each try has its pause."""
    with time_machine.travel(1_800_000_000, tick=False) as moved:
        yield moved


@pytest.fixture
def enrolled(roles: SimpleNamespace, clock: Any) -> SimpleNamespace:
    """The moderator with an application, its recovery codes, and not logged in."""
    device = second_factor.enrolling(roles.moderator)
    codes = second_factor.confirm(roles.moderator, code_of(device))
    clock.shift(60)
    device.refresh_from_db()
    return SimpleNamespace(user=roles.moderator, device=device, codes=codes)


def log_in(client: Client, user: User) -> Any:
    return client.post(
        reverse("accounts:login"), {"username": user.email, "password": PASSWORD}, follow=True
    )


def give(client: Client, code: str, **query: str) -> Any:
    return client.post(reverse("accounts:second_factor", query=query), {"code": code})


def test_a_code_is_asked_after_the_password(enrolled: SimpleNamespace, client: Client) -> None:
    page = log_in(client, enrolled.user)
    assert page.redirect_chain[-1][0].startswith(reverse("accounts:second_factor"))
    for address in (HOME, "/admin/", reverse("accounts:password_change")):
        assert client.get(address).url.startswith(reverse("accounts:second_factor"))
    assert "Ce code n’est pas le bon" in give(client, "000000").content.decode()


def test_the_right_code_opens_where_one_was_going(
    enrolled: SimpleNamespace, client: Client
) -> None:
    log_in(client, enrolled.user)
    where = reverse("backoffice:review")
    asked = client.get(where)
    session = client.session.session_key
    answer = client.post(asked.url, {"code": code_of(enrolled.device)})
    assert answer.url == where
    assert client.get(where).status_code == 200
    assert client.session.session_key != session
    away = give(client, "x", next="https://ailleurs.invalid/")
    assert away.url == HOME


def test_what_was_posted_without_a_code_is_not_done(
    enrolled: SimpleNamespace, client: Client
) -> None:
    log_in(client, enrolled.user)
    answer = client.post(reverse("backoffice:partner_add"), {"name": "Plateforme"})
    assert answer.url.startswith(reverse("accounts:second_factor"))


def test_a_code_serves_once(enrolled: SimpleNamespace, client: Client) -> None:
    code = code_of(enrolled.device)
    log_in(client, enrolled.user)
    assert give(client, code).status_code == 302
    other = Client()
    log_in(other, enrolled.user)
    assert "déjà servi" in give(other, code).content.decode()


def test_tries_are_slower_and_slower(enrolled: SimpleNamespace, client: Client, clock: Any) -> None:
    log_in(client, enrolled.user)
    for _ in range(4):
        give(client, "000000")
        clock.shift(20)
    give(client, "000000")
    blocked = give(client, code_of(enrolled.device)).content.decode()
    assert re.search(r"attendez \d+ secondes", blocked)
    clock.shift(60)
    assert give(client, code_of(enrolled.device)).status_code == 302


def test_a_recovery_code_replaces_the_telephone_once(
    enrolled: SimpleNamespace, client: Client
) -> None:
    log_in(client, enrolled.user)
    code = enrolled.codes[0]
    assert len(enrolled.codes) == second_factor.RECOVERY_CODES
    assert give(client, f" {code.upper()} ").status_code == 302
    assert client.get(HOME).status_code == 200
    assert second_factor.codes_left(enrolled.user) == second_factor.RECOVERY_CODES - 1
    other = Client()
    log_in(other, enrolled.user)
    assert give(other, code).status_code == 200


def test_another_account_s_code_opens_nothing(
    enrolled: SimpleNamespace, roles: SimpleNamespace, client: Client
) -> None:
    device = second_factor.enrolling(roles.administrator)
    second_factor.confirm(roles.administrator, code_of(device))
    log_in(client, roles.administrator)
    assert give(client, code_of(enrolled.device)).status_code == 200
    assert give(client, enrolled.codes[0]).status_code == 200
    assert client.get(HOME).status_code == 302


def test_enrolling_shows_a_drawing_and_a_key_then_recovery_codes_once(
    roles: SimpleNamespace, client: Client, clock: Any
) -> None:
    client.force_login(roles.moderator, BACKEND)
    where = reverse("accounts:enrol")
    page = client.get(where).content.decode()
    device = TOTPDevice.objects.get(user=roles.moderator)
    assert second_factor.secret_of(device) in page
    drawing = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert drawing
    assert ElementTree.fromstring(drawing[0]).tag.endswith("svg")
    assert "style=" not in drawing[0]
    # The same key until it is confirmed; a wrong code confirms nothing.
    assert second_factor.secret_of(device) in client.get(where).content.decode()
    client.post(where, {"code": "000000"})
    assert second_factor.device_of(roles.moderator) is None
    clock.shift(5)
    done = client.post(where, {"code": code_of(device)}).content.decode()
    codes = list(StaticToken.objects.values_list("token", flat=True))
    assert len(codes) == 10
    assert all(code in done for code in codes)
    assert client.get(HOME).status_code == 200
    settled = client.get(reverse("accounts:factor_settings")).content.decode()
    assert "Codes de secours restants\u202f: 10" in settled or "restants : 10" in settled
    assert not any(code in settled for code in codes)


def test_recovery_codes_are_downloaded_once_as_they_are_shown(
    enrolled: SimpleNamespace, client: Client
) -> None:
    log_in(client, enrolled.user)
    give(client, code_of(enrolled.device))
    where = reverse("accounts:factor_codes_file")
    # Codes shown another day cannot be had again.
    assert client.post(where).url == reverse("accounts:factor_settings")
    shown = client.post(reverse("accounts:factor_codes"))
    assert "no-store" in shown["Cache-Control"]
    codes = list(StaticToken.objects.order_by("pk").values_list("token", flat=True))
    assert not any(code in str(dict(client.session.items())) for code in codes)
    file = client.post(where)
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"].startswith("attachment")
    assert "no-store" in file["Cache-Control"]
    lines = file.content.decode().split("\r\n")
    assert [line for line in lines if line in codes] == codes
    assert f"Compte : {enrolled.user.email}" in lines
    again = client.post(where)
    assert again.url == reverse("accounts:factor_settings")
    assert "ne sont plus montrés" in client.get(again.url).content.decode()


def test_recovery_codes_shown_long_ago_are_not_downloaded(
    enrolled: SimpleNamespace, client: Client, clock: Any
) -> None:
    log_in(client, enrolled.user)
    give(client, code_of(enrolled.device))
    client.post(reverse("accounts:factor_codes"))
    clock.shift(factor_views.CODES_SECONDS + 1)
    assert client.post(reverse("accounts:factor_codes_file")).status_code == 302


def test_recovery_codes_are_not_downloaded_without_the_second_factor_nor_by_a_link(
    enrolled: SimpleNamespace, client: Client
) -> None:
    where = reverse("accounts:factor_codes_file")
    assert client.post(where).url.startswith(reverse("accounts:login"))
    log_in(client, enrolled.user)
    assert client.post(where).status_code == 403
    give(client, code_of(enrolled.device))
    assert client.get(where).status_code == 405


@required
@pytest.mark.parametrize(
    "role", ["administrator", "moderator", "essaimage_officer", "statistician"]
)
def test_the_team_must_enrol_where_it_is_required(
    roles: SimpleNamespace, client: Client, role: str
) -> None:
    client.force_login(getattr(roles, role), BACKEND)
    for address in (HOME, "/admin/", reverse("backoffice:partners")):
        assert client.get(address).url.startswith(reverse("accounts:enrol"))
    assert client.get("/").status_code == 200
    assert client.get(reverse("accounts:enrol")).status_code == 200


@required
def test_an_account_of_the_team_that_the_admin_does_not_open_must_enrol_too(
    roles: SimpleNamespace, client: Client
) -> None:
    client.force_login(UserFactory(role=Role.MODERATOR), BACKEND)
    assert client.get(HOME).url.startswith(reverse("accounts:enrol"))


@required
def test_a_partner_s_people_may_do_without(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.partner_member, BACKEND)
    assert client.get(HOME).status_code == 200


def test_where_it_is_optional_a_password_is_enough(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.administrator, BACKEND)
    assert client.get(HOME).status_code == 200
    assert client.get("/admin/").status_code == 200


def test_one_s_own_factor_is_changed_only_by_who_gave_it(
    enrolled: SimpleNamespace, client: Client
) -> None:
    log_in(client, enrolled.user)
    for name in ("factor_codes", "factor_remove"):
        assert client.post(reverse(f"accounts:{name}")).status_code == 403
    for name in ("enrol", "factor_settings"):
        assert client.get(reverse(f"accounts:{name}")).url == reverse("accounts:second_factor")
    give(client, code_of(enrolled.device))
    page = client.post(reverse("accounts:factor_codes")).content.decode()
    assert enrolled.codes[0] not in page
    with required:
        assert client.post(reverse("accounts:factor_remove")).status_code == 403
    assert client.post(reverse("accounts:factor_remove")).status_code == 302
    assert second_factor.device_of(enrolled.user) is None
    assert second_factor.codes_left(enrolled.user) == 0


def test_changing_application_puts_the_former_one_out_of_use(
    enrolled: SimpleNamespace, client: Client, clock: Any
) -> None:
    log_in(client, enrolled.user)
    give(client, code_of(enrolled.device))
    client.get(reverse("accounts:enrol"))
    new = TOTPDevice.objects.get(user=enrolled.user, confirmed=False)
    client.post(reverse("accounts:enrol"), {"code": code_of(new)})
    assert TOTPDevice.objects.get(user=enrolled.user).pk == new.pk
    clock.shift(60)
    other = Client()
    log_in(other, enrolled.user)
    assert give(other, code_of(enrolled.device)).status_code == 200


def test_an_administrator_helps_who_lost_everything(
    enrolled: SimpleNamespace, roles: SimpleNamespace, client: Client
) -> None:
    client.force_login(roles.administrator, BACKEND)
    chosen = {"action": "forget_second_factor", "_selected_action": [enrolled.user.pk]}
    client.post(reverse("admin:accounts_user_changelist"), chosen)
    assert second_factor.device_of(enrolled.user) is None
    superuser = User.objects.create_superuser("super@example.org", PASSWORD, display_name="Super")
    TOTPDevice.objects.create(user=superuser, name="application", confirmed=True)
    chosen = {"action": "forget_second_factor", "_selected_action": [superuser.pk]}
    client.post(reverse("admin:accounts_user_changelist"), chosen)
    assert second_factor.device_of(superuser) is not None


def test_the_last_administrator_is_helped_from_the_server(enrolled: SimpleNamespace) -> None:
    told = StringIO()
    call_command("forget_second_factor", enrolled.user.email.upper(), stderr=told)
    assert "retiré" in told.getvalue()
    assert second_factor.device_of(enrolled.user) is None
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("forget_second_factor", "inconnu@example.org", stderr=StringIO())


def test_production_requires_it_unless_told_otherwise() -> None:
    def said(**more: str) -> str:
        environ = {
            "PATH": os.environ["PATH"],
            "CARREFOUR_MODE": "production",
            "SECRET_KEY": "x",
            "CARREFOUR_SECRETS_KEY": "y",
            "CARREFOUR_BASE_URL": "https://carrefour.example",
            "ALLOWED_HOSTS": "carrefour.example",
            "DATABASE_URL": "postgres://a:b@127.0.0.1/c",
            "REDIS_URL": "redis://127.0.0.1/0",
            "EMAIL_URL": "consolemail://",
            **more,
        }
        code = "from carrefour import settings; print(settings.SECOND_FACTOR)"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=settings.BASE_DIR,
            env={k: v for k, v in environ.items() if v},
            capture_output=True,
            text=True,
            check=False,
        )
        return (done.stdout + done.stderr).strip()

    assert said() == "required"
    assert said(CARREFOUR_SECOND_FACTOR="optional") == "optional"
    assert "CARREFOUR_SECOND_FACTOR" in said(CARREFOUR_SECOND_FACTOR="oui")
    assert "CARREFOUR_SECRETS_KEY" in said(CARREFOUR_SECRETS_KEY="")


def test_the_admin_shows_nobody_s_key(enrolled: SimpleNamespace, client: Client) -> None:
    superuser = User.objects.create_superuser("super@example.org", PASSWORD, display_name="Super")
    client.force_login(superuser, BACKEND)
    assert "otp" not in client.get("/admin/").content.decode().lower()
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert client.get("/admin/otp_static/staticdevice/").status_code == 404
