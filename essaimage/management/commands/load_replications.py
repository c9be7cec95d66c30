"""Load what the study of 2017 says of the projects' spread (after load_study)."""

from typing import Any

from django.core.management.base import BaseCommand

from essaimage.loading import load


class Command(BaseCommand):
    help = "Charge les reprises dites par l’étude de 2017 ; sans effet la seconde fois."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load()
        for warning in loaded.warnings:
            self.stderr.write(f"Attention : {warning}")
        self.stderr.write(
            f"Étude de 2017, créés : {loaded.replications} reprises, {loaded.take_ups} reprises "
            f"nationales, {loaded.statements} constats de diffusion."
        )
