"""What the demonstration shows: the study, the sample partners, the accounts, the DATA folder."""

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from carrefour.demo.accounts import create_accounts
from carrefour.demo.content import create_partners
from carrefour.demo.folder import create_sources
from carrefour.french import counted
from essaimage.loading import load
from innovations.licences import Licence
from partners.loading import load_study

DEFAULT_ADDRESS = "http://127.0.0.1:8001"


class Command(BaseCommand):
    help = "Crée le contenu de la démonstration ; sans effet la seconde fois."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="comptes en JSON sur la sortie")

    def handle(self, *args: Any, **options: Any) -> None:
        address = os.environ.get("CARREFOUR_SAMPLES_URL", DEFAULT_ADDRESS).rstrip("/")
        folder = os.environ.get("CARREFOUR_DEMO_DATA", "")
        study = load_study()
        if study.problem:
            self.stderr.write(f"Étude de 2017 : {study.problem}")
        for warning in load().warnings:
            self.stderr.write(f"Étude de 2017 : {warning}")
        sources = create_partners(address)
        accounts = create_accounts(sources[0].partner if sources else None)
        given = create_sources(
            Path(folder) if folder else None, address, self.stderr.write, self._licence()
        )
        self.stderr.write(f"Démonstration : {counted(len(sources) + len(given), 'source prête')}.")
        if options["json"]:
            self.stdout.write(json.dumps(accounts, ensure_ascii=False))

    def _licence(self) -> Licence:
        """The licence said of the folder's files; unknown when none or a wrong one is said."""
        said = os.environ.get("CARREFOUR_DEMO_LICENCE", "")
        if said and said not in Licence.values:
            known = ", ".join(Licence.values)
            self.stderr.write(f"LICENCE={said} est inconnue ; connues : {known}.")
        return Licence(said) if said in Licence.values else Licence.UNKNOWN
