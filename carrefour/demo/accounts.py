"""The demonstration's accounts: one per role, with passwords that are shown and kept."""

import json
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group

from carrefour.accounts.models import User
from carrefour.accounts.roles import Role, sync_roles
from partners.models import Membership, Partner

# Reserved names (RFC 2606): no mail can leave for a real person.
DOMAIN = "carrefour.example"
ROLES = (
    Role.ADMINISTRATOR,
    Role.MODERATOR,
    Role.ESSAIMAGE_OFFICER,
    Role.STATISTICIAN,
    Role.PARTNER,
)


def accounts_file() -> Path:
    return Path(settings.BASE_DIR) / ".carrefour" / "comptes.json"


def create_accounts(partner: Partner | None) -> list[dict[str, str]]:
    """One account per role: [{role, login, password}], written beside the demo's data.

    The passwords are drawn once and kept; an account whose password is no longer known is given a
    new one. The member of a partner belongs to ``partner``.
    """
    sync_roles()
    known = {a["login"]: a["password"] for a in _kept()}
    accounts = []
    for role in ROLES:
        login = f"{role.value}@{DOMAIN}"
        password = known.get(login) or f"demo-{secrets.token_hex(4)}"
        user = _account(role, login, password)
        if role == Role.PARTNER and partner is not None:
            Membership.objects.get_or_create(user=user, partner=partner)
        accounts.append({"role": str(role.label), "login": login, "password": password})
    path = accounts_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(accounts, ensure_ascii=False, indent=1))
    return accounts


def _account(role: Role, login: str, password: str) -> User:
    user = User.objects.filter(email=login).first()
    if user is None:
        user = User.objects.create_user(login, password, display_name=f"{role.label} (démo)")
    elif not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    is_staff = role != Role.PARTNER
    if user.is_staff != is_staff:
        user.is_staff = is_staff
        user.save(update_fields=["is_staff"])
    user.groups.set([_group(role)])
    return user


def _group(role: Role) -> Group:
    return Group.objects.get(name=role.value)


def _kept() -> list[dict[str, str]]:
    try:
        return list(json.loads(accounts_file().read_text()))
    except (OSError, ValueError):
        return []
