"""Look for personal data in the records already received: once, after an update."""

from typing import Any

from django.core.management.base import BaseCommand

from innovations import assessing
from partners.screening.sweeping import sweep


class Command(BaseCommand):
    help = "Cherche les données personnelles des fiches déjà reçues, et calcule leur complétude."

    def handle(self, *args: Any, **options: Any) -> None:
        found = sweep()
        assessed = assessing.refresh_all()
        self.stdout.write(f"{found} fiche(s) signalée(s), {assessed} complétude(s) calculée(s).")
