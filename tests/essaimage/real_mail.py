"""A real SMTP server in the test, and what it received."""

import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Mailbox:
    """An SMTP server's handler that keeps what it receives; ``refuses``: it takes nothing."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.refuses = False
        self.lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 Plus tard"
        with self.lock:
            self.received.append(envelope)
        return "250 OK"

    @property
    def people(self) -> list[str]:
        return [to for envelope in self.received for to in envelope.rcpt_tos]

    def text(self, number: int = -1) -> str:
        raw = self.received[number].original_content
        return str(message_from_bytes(raw, policy=policy.default).get_content())


@pytest.fixture
def smtp(settings: Any) -> Iterator[Mailbox]:
    kept = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield kept
    controller.stop()
