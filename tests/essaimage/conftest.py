"""What the tests of the essaimage share: a real mail server, and the links that it received."""

import re
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import override_settings

from carrefour.celery import app


class Postman:
    """The mails received, oldest first, as (recipients, subject, body)."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos, str(message["Subject"]), message.get_content()))
        return "250 OK"

    def link(self, to: str, part: str = "/") -> str:
        """The path of the link that holds ``part`` in the last mail sent to this address."""
        bodies = [body for rcpts, _, body in self.mails if rcpts == [to]]
        assert bodies, f"Aucun courriel pour {to} : {[m[0] for m in self.mails]}"
        found = re.search(rf"https?://[^/\s]+((?=\S*{part})/\S+)", bodies[-1])
        assert found
        return found[1]

    def to(self, address: str) -> int:
        return sum(rcpts == [address] for rcpts, _, _ in self.mails)


@pytest.fixture
def postman() -> Iterator[Postman]:
    """A mail server on a port of its own; tasks that send mails run where they are asked for."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    received = Postman()
    controller = Controller(received, hostname="127.0.0.1", port=port)
    controller.start()
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=port,
        ):
            yield received
    finally:
        app.conf.update(task_always_eager=False, task_eager_propagates=False)
        controller.stop()
