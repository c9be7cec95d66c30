"""The mails that the demonstration has sent, read back from the folder where they were written."""

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

# What Django's file backend writes after each message of a connection.
SEPARATOR = b"-" * 79
MOST = 100


@dataclass(frozen=True)
class Mail:
    subject: str
    sender: str
    recipients: str
    sent_at: datetime | None
    body: str


def mails(folder: Path) -> list[Mail]:
    """The latest mails, the most recent first, at most ``MOST``; none when the folder is absent."""
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    found = [mail for path in files[:MOST] for mail in reversed(list(_of_file(path)))]
    return found[:MOST]


def _of_file(path: Path) -> Iterator[Mail]:
    for part in path.read_bytes().split(SEPARATOR):
        if part.strip():
            message = email.message_from_bytes(part.strip(), policy=email.policy.default)
            yield _mail(message)


def _mail(message: EmailMessage) -> Mail:
    body = message.get_body(("plain", "html"))
    return Mail(
        subject=str(message.get("Subject", "")),
        sender=str(message.get("From", "")),
        recipients=str(message.get("To", "")),
        sent_at=_sent_at(message),
        body=body.get_content() if body else "",
    )


def _sent_at(message: EmailMessage) -> datetime | None:
    """None when the mail does not say it. « -0000 », as Django writes, is UTC."""
    try:
        at = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
