"""Serve the sample partner sites: `serve_samples --port 8001`."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carrefour.demo.server import SamplesServer


class Command(BaseCommand):
    help = "Sert les plateformes d’exemple, et sous /donnees/ le dossier CARREFOUR_DEMO_DATA."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8001)

    def handle(self, *args: Any, **options: Any) -> None:
        folder = os.environ.get("CARREFOUR_DEMO_DATA", "")
        try:
            server = SamplesServer(options["port"], Path(folder) if folder else None)
        except OSError as error:
            raise CommandError(f"Le port {options['port']} est pris : {error.strerror}.") from error
        for number in (signal.SIGTERM, signal.SIGINT):
            # shutdown() waits for serve_forever(), which this very thread is running.
            signal.signal(
                number, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start()
            )
        self.stderr.write(f"Plateformes d’exemple : {server.url}/")
        with server:
            server.serve_forever(poll_interval=0.2)
