"""Load the initial data set: the innovations and organisations of the study of 2017."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from carrefour.french import counted
from partners.loading import load_study


class Command(BaseCommand):
    help = "Charge le jeu de données initial (étude de 2017) ; sans effet la seconde fois."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        report = load_study()
        if report.problem:
            raise CommandError(report.problem)
        counts = report.counts
        self.stderr.write(
            f"Étude de 2017 : {counted(counts['created'], 'fiche créée')}, "
            f"{counted(counts['updated'], 'modifiée')}, "
            f"{counted(counts['unchanged'], 'inchangée')}."
        )
