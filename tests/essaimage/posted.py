"""A real SMTP server that keeps the letters it receives."""

import re
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Mailbox:
    """``letters``: what arrived, read."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.original_content, policy=default))
        return "250 OK"

    @property
    def senders(self) -> list[str]:
        return [str(letter["To"]) for letter in self.letters]

    def link(self, part: str) -> str:
        """The path of the last link of the last letter that holds ``part``."""
        body = self.letters[-1].get_content()
        return re.findall(rf"https?://[^/\s]+(/[^\s]*{part}[^\s]*)", body)[-1]


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    kept = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield kept
    controller.stop()
