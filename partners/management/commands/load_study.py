"""`manage.py load_study`: the initial data set (study of 2017), harvested as any source."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from partners import study
from partners.harvest import harvest


class Command(BaseCommand):
    help = "Charge le jeu de données initial : les projets et organisations de l'étude de 2017."

    def handle(self, *args: Any, **options: Any) -> None:
        report = harvest(study.register())
        if report.problem:
            self.stderr.write(report.problem)
            sys.exit(2)
        counts = report.counts
        self.stderr.write(
            f"Étude de 2017 : {counts['created']} fiches créées, {counts['updated']} modifiées, "
            f"{counts['unchanged']} inchangées, {counts['rejected']} refusées ; "
            f"{study.load_organisations()} organisations."
        )
