"""The second factor: a code from an application (TOTP), or a recovery code, after the password."""

import base64
from dataclasses import dataclass
from typing import Any

import django_otp
import segno
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from carrefour.accounts.roles import Role

RECOVERY_CODES = 10
CODE_LENGTH = 6


@dataclass(frozen=True)
class Refusal:
    """Why a code was refused: one French sentence."""

    message: str


def is_required(user: Any) -> bool:
    """Whether this account must have one: the team's, when the site asks so."""
    return settings.SECOND_FACTOR == "required" and is_team(user)


def is_team(user: Any) -> bool:
    """Any account with more rights than a partner's people."""
    if user.is_staff or user.is_superuser:
        return True
    return any(user.has_role(role) for role in Role if role != Role.PARTNER)


def is_verified(user: Any) -> bool:
    """Whether this session has given its second factor (django-otp's middleware says so)."""
    return getattr(user, "otp_device", None) is not None


def device_of(user: Any) -> TOTPDevice | None:
    """The application that the account has enrolled."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def codes_left(user: Any) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def codes_of(user: Any) -> list[str]:
    """The recovery codes that still serve, as they were shown."""
    tokens = StaticToken.objects.filter(device__user=user).order_by("pk")
    return list(tokens.values_list("token", flat=True))


def enrolling(user: Any) -> TOTPDevice:
    """The application being enrolled: the same secret until a first code confirms it."""
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return device or TOTPDevice.objects.create(user=user, name="application", confirmed=False)


def secret_of(device: TOTPDevice) -> str:
    """The secret as people type it, in groups of four."""
    text = base64.b32encode(device.bin_key).decode("ascii").rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def drawing_of(device: TOTPDevice) -> str:
    """The QR code as SVG, without any style of its own."""
    code = segno.make(device.config_url, error="m")
    return code.svg_inline(scale=4, border=2, light="#fff", svgclass=None, lineclass=None)


@transaction.atomic
def confirm(user: Any, code: str) -> list[str] | Refusal:
    """Enrol the application that gave this code, in place of the former one; recovery codes."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None:
        return Refusal("Recommencez : cette inscription n’est plus en cours.")
    if refusal := _tried(device, code):
        return refusal
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return renew_codes(user)


@transaction.atomic
def renew_codes(user: Any) -> list[str]:
    """New recovery codes, to be shown once; the former ones no longer serve."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="secours", confirmed=True)
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


@transaction.atomic
def verify(user: Any, code: str) -> TOTPDevice | StaticDevice | Refusal:
    """The device that gave this code: the application, or the list of recovery codes."""
    code = "".join(code.split()).lower()
    is_code = code.isdigit() and len(code) == CODE_LENGTH
    model: Any = TOTPDevice if is_code else StaticDevice
    device = model.objects.select_for_update().filter(user=user, confirmed=True).first()
    if device is None:
        return Refusal("Ce code n’est pas le bon.")
    return _tried(device, code) or device


def accept(request: HttpRequest, device: TOTPDevice | StaticDevice) -> None:
    """From now on, this session has given its second factor."""
    request.session.cycle_key()
    django_otp.login(request, device)


@transaction.atomic
def forget(user: Any) -> int:
    """Remove the account's second factor (a lost telephone); returns how many devices went."""
    removed = TOTPDevice.objects.filter(user=user).delete()[0]
    return removed + StaticDevice.objects.filter(user=user).delete()[0]


def _tried(device: Any, code: str) -> Refusal | None:
    is_allowed, why = device.verify_is_allowed()
    if not is_allowed:
        until = (why or {}).get("locked_until") or timezone.now()
        seconds = max(1, round((until - timezone.now()).total_seconds()))
        return Refusal(f"Trop d’essais : attendez {seconds} secondes avant le suivant.")
    if not device.verify_token("".join(code.split()).lower()):
        return Refusal(
            "Ce code n’est pas le bon, ou il a déjà servi. Vérifiez l’heure de votre téléphone."
        )
    return None
