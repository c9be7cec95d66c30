"""Following replications: any account may, with its own notes that nobody else reads."""

import datetime
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from essaimage.models import Following, Replication

# A list that one person works through; more would be a scraper's.
MOST = 200
MEANWHILE = "Cette note a changé dans une autre fenêtre : relisez-la avant de l’enregistrer."
NOT_PUBLIC = "Cette reprise n’est pas publiée : elle ne se suit pas."
TOO_MANY = f"Vous suivez déjà {MOST} reprises : retirez-en une d’abord."


class CannotFollow(Exception):
    """Nothing is written; ``message`` is in French."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class Note:
    """What the account means to do: ``next_step``, for ``next_on``."""

    note: str = ""
    next_step: str = ""
    next_on: datetime.date | None = None


def follow(user: Any, code: str) -> tuple[Following, bool]:
    """The row, and whether it is new. Raises ``CannotFollow``."""
    replication = Replication.objects.of_public().filter(code=code).first()
    if replication is None:
        raise CannotFollow(NOT_PUBLIC)
    if Following.objects.of(user).count() >= MOST:
        raise CannotFollow(TOO_MANY)
    return Following.objects.get_or_create(user=user, replication=replication)


@transaction.atomic
def write(user: Any, code: str, said: Note, seen: str) -> Following:
    """Raises ``Following.DoesNotExist`` when the account does not follow it, ``CannotFollow``
    when the note changed since it was read."""
    held = Following.objects.of(user).select_for_update(of=["self"]).get(replication__code=code)
    if mark(held) != seen:
        raise CannotFollow(MEANWHILE)
    held.note, held.next_step, held.next_on = said.note.strip(), said.next_step, said.next_on
    held.save(update_fields=["note", "next_step", "next_on"])
    return held


def stop(user: Any, code: str) -> bool:
    """Whether there was anything to stop; the notes go with it."""
    return bool(Following.objects.of(user).filter(replication__code=code).delete()[0])


def mark(following: Following) -> str:
    """Changes whenever the note does."""
    said = json.dumps([following.note, following.next_step, str(following.next_on)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]
