"""Harvest a source, or try an address: `harvest SOURCE`, `harvest --url URL --dry-run --json`."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from partners.connectors import CONNECTORS
from partners.harvest import harvest
from partners.mapping.rules import MappingError, parse
from partners.models import Source
from partners.models.run import COUNTS
from partners.reports import Report
from partners.terminal import ProgressLine
from partners.trial import try_address

INTERRUPTED = (
    "Arrêté au clavier : ce qui était lu est gardé, le prochain moissonnage reprendra là où la "
    "source le permet."
)
# What a shell gives to a program ended by Ctrl-C.
INTERRUPTED_STATUS = 130
LABELS = {
    "seen": "lignes lues",
    "created": "fiches créées",
    "updated": "fiches modifiées",
    "unchanged": "fiches inchangées",
    "withdrawn": "fiches retirées",
    "rejected": "lignes refusées",
}


class Command(BaseCommand):
    help = (
        "Moissonne une source, ou essaie une adresse sans rien écrire (--url). "
        "Sortie : 0 fait, 1 fait avec des lignes refusées, 2 source inutilisable, "
        "130 arrêté au clavier."
    )
    # A page under construction elsewhere must not stop a harvest.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", nargs="?", help="identifiant (slug) de la source")
        parser.add_argument("--url", help="adresse à essayer, sans source enregistrée")
        parser.add_argument("--connector", choices=sorted(CONNECTORS), help="connecteur imposé")
        parser.add_argument("--mapping", type=Path, help="fichier JSON de la correspondance")
        parser.add_argument("--limit", type=int, help="nombre de lignes à lire au plus")
        parser.add_argument("--dry-run", action="store_true", help="ne rien écrire")
        parser.add_argument("--json", action="store_true", help="rapport en JSON sur la sortie")

    def handle(self, *args: Any, **options: Any) -> None:
        self.line = ProgressLine(self._raw, rewrites=self.stderr.isatty())
        try:
            report = self._report(options)
        except CommandError:
            raise
        except KeyboardInterrupt:
            self.line.close()
            self.stderr.write(INTERRUPTED)
            sys.exit(INTERRUPTED_STATUS)
        except DatabaseError as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            self._fail(f"La base n’est pas prête (« manage.py prepare » la prépare) : {reason}")
        except Exception as error:
            self._fail(f"Erreur interne : {type(error).__name__} : {error}")
        else:
            self.line.close()
            self._show(report, as_json=options["json"])
            if report.exit_status:
                sys.exit(report.exit_status)

    def _report(self, options: dict[str, Any]) -> Report:
        if bool(options["url"]) == bool(options["source"]):
            self._fail("Donnez une source enregistrée, ou une adresse avec --url.")
        if options["limit"] is not None and options["limit"] < 1:
            self._fail("--limit attend un nombre d’au moins 1.")
        if options["url"]:
            mapping, connector_options = self._mapping(options["mapping"])
            return try_address(
                options["url"],
                connector=options["connector"] or "",
                options=connector_options,
                mapping=mapping,
                limit=options["limit"],
                progress=self.line,
            )
        source = Source.objects.select_related("partner").filter(slug=options["source"]).first()
        if source is None:
            known = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True)[:40])
            self._fail(f"Source inconnue : « {options['source']} ». Connues : {known or 'aucune'}.")
        return harvest(
            source,
            dry_run=options["dry_run"],
            limit=options["limit"],
            progress=self.line,
        )

    def _mapping(self, path: Path | None) -> tuple[list[dict[str, Any]] | None, dict[str, Any]]:
        """Rules, and connector options when the file is {"mapping": […], "options": {…}}."""
        if path is None:
            return None, {}
        try:
            given = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._fail(f"Correspondance illisible : {path}")
        options = given.get("options", {}) if isinstance(given, dict) else {}
        rules = given.get("mapping") if isinstance(given, dict) else given
        try:
            parse(rules)
        except MappingError as error:
            self._fail(f"Correspondance refusée. {' '.join(error.messages)}")
        return rules, options

    def _raw(self, text: str) -> None:
        """Text for the terminal, neither coloured nor ended."""
        self.stderr.write(text, style_func=str, ending="")
        self.stderr.flush()

    def _show(self, report: Report, *, as_json: bool) -> None:
        if report.problem:
            self.stderr.write(report.problem)
        if as_json:
            self.stdout.write(json.dumps(report.to_json(), ensure_ascii=False, default=str))
            return
        if report.problem:
            return
        for name in COUNTS:
            self.stdout.write(f"{report.counts[name]:>8} {LABELS[name]}")
        for warning in report.warnings:
            self.stderr.write(f"Attention : {warning}")

    def _fail(self, message: str) -> NoReturn:
        self.line.close()
        self.stderr.write(message)
        sys.exit(2)
