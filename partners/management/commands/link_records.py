"""Compare the records and link those that are certain: `link_records`, `link_records --all`."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from partners.consolidation.comparing import compare_all, compare_changed
from partners.terminal import ProgressLine

LABELS = {
    "records": "fiches comparées",
    "kept": "paires qui se ressemblent",
    "new": "dont nouvelles",
    "faded": "paires qui ne se ressemblent plus",
    "linked": "paires liées par une règle",
}
INTERRUPTED = "Arrêté au clavier : ce qui est comparé l’est, le reste le sera la prochaine fois."
INTERRUPTED_STATUS = 130


class Command(BaseCommand):
    help = (
        "Compare les fiches qui ont changé, ou toutes (--all), remplit la file des rapprochements "
        "et lie les paires certaines. Sortie : 0 fait, 2 base inutilisable, 130 arrêté au clavier."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="comparer toutes les fiches")
        parser.add_argument("--no-link", action="store_true", help="ne rien lier, tout demander")
        parser.add_argument("--json", action="store_true", help="rapport en JSON sur la sortie")

    def handle(self, *args: Any, **options: Any) -> None:
        line = ProgressLine(self._raw, rewrites=self.stderr.isatty())
        work = compare_all if options["all"] else compare_changed
        try:
            outcome = work(
                progress=lambda done, total: line({"seen": done}, total),
                links=not options["no_link"],
            )
        except KeyboardInterrupt:
            line.close()
            self.stderr.write(INTERRUPTED)
            sys.exit(INTERRUPTED_STATUS)
        except DatabaseError as error:
            line.close()
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            self.stderr.write(f"La base n’est pas prête : {reason}")
            sys.exit(2)
        line.close()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False))
            return
        for name, label in LABELS.items():
            self.stdout.write(f"{getattr(outcome, name):>8} {label}")

    def _raw(self, text: str) -> None:
        """Text for the terminal, neither coloured nor ended."""
        self.stderr.write(text, style_func=str, ending="")
        self.stderr.flush()
