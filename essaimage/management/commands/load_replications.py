"""Load what the study of 2017 says of the projects' spread (after load_study)."""

from typing import Any

from django.core.management.base import BaseCommand

from essaimage.loading import load


class Command(BaseCommand):
    help = "Charge les reprises dites par l'étude de 2017 ; sans effet la seconde fois."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        replications, take_ups, warnings = load()
        for warning in warnings:
            self.stderr.write(f"Attention : {warning}")
        self.stderr.write(
            f"Étude de 2017 : {replications} reprises et {take_ups} reprises nationales créées."
        )
