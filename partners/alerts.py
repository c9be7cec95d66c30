"""Telling the people who asked that a source needs them: only when there is something to do, and
not twice for the same thing."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils import timezone

from partners import alert_mails
from partners.alert_mails import notices_of
from partners.health import Cause, Health, Trouble, health_of_one
from partners.models import Alert, Run, Source

log = logging.getLogger(__name__)
# Told again when the number has grown this many times: at 1, 2, 4, 8… failures.
GROWTH = 2
# A run's end cannot tell these: nothing ran.
SILENT = {Cause.LATE, Cause.NEVER}

Told = Mapping[str, int]


def ask(source: Source, user: Any) -> Alert:
    """Warn this person of this source from now on."""
    return Alert.objects.get_or_create(source=source, user=user)[0]


def stop(source: Source, user: Any) -> None:
    Alert.objects.filter(source=source, user=user).delete()


def is_asked(source: Source, user: Any) -> bool:
    return Alert.objects.filter(source=source, user=user).exists()


def after_run(run: Run) -> None:
    """Have those who asked told how the run left its source, once this is committed."""
    transaction.on_commit(lambda: _send_later(run))


def _send_later(run: Run) -> None:
    from partners.tasks import tell_run_end

    if not Alert.objects.filter(source=run.source_id).exists():
        return
    try:
        tell_run_end.delay(run.pk)
    except tell_run_end.OperationalError:
        log.warning("Le service de tâches est injoignable : alertes du moissonnage %s", run.pk)


def tell(source: Source) -> int:
    """Write to each person who asked and has something new to know; returns how many mails left.

    Raises ``OSError`` when a mail cannot leave: those that left are not sent again.
    """
    asked = list(Alert.objects.filter(source=source, user__is_active=True).select_related("user"))
    health = health_of_one(source) if asked else None
    return sum(_tell_one(alert, health) for alert in asked if health)


@transaction.atomic
def _tell_one(alert: Alert, health: Health) -> bool:
    """Lock the person's alert, write to them if need be, remember what they know."""
    locked = Alert.objects.select_for_update().filter(pk=alert.pk).first()
    user = alert.user
    if locked is None or not Source.objects.visible_to(user).filter(pk=health.source.pk).exists():
        return False
    concerned = [t for t in health.troubles if _concerns(t, user)]
    now = {f"{t.cause.value}:{key}": n for t in concerned for key, n in t.keys.items()}
    told = _remembered(now, locked.told)
    news = {name for name in told if told[name] != locked.told.get(name)}
    over = bool(locked.told) and not now
    if told == locked.told:
        return False
    if news or over:
        alert_mails.write(locked, user, health.source, notices_of(concerned, news, user))
        locked.told_at = timezone.now()
    locked.told = told
    locked.save(update_fields=["told", "told_at"])
    return bool(news or over)


def _remembered(now: Told, told: Told) -> dict[str, int]:
    """What the person knows once told: the new numbers of what appeared or doubled, the numbers
    they already know of the rest; what is over is forgotten."""
    return {
        name: told[name] if name in told and count < GROWTH * told[name] else count
        for name, count in now.items()
    }


def _concerns(trouble: Trouble, user: Any) -> bool:
    if trouble.cause in SILENT:
        return False
    return trouble.cause != Cause.WORDS or user.has_perm("partners.change_vocabularyentry")


def from_token(token: str) -> Alert | None:
    """The alert that a link stops; None when forged or already stopped."""
    try:
        pk = signing.loads(token, salt=alert_mails.SALT)
    except signing.BadSignature:
        return None
    return Alert.objects.filter(pk=pk).select_related("source__partner", "user").first()
