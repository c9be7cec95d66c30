"""`manage.py load_replications`: the replications of the initial data set; idempotent."""

from typing import Any

from django.core.management.base import BaseCommand

from essaimage import loading


class Command(BaseCommand):
    help = "Charge les reprises du jeu de données initial (étude de 2017)."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = loading.load()
        told = ", ".join(f"{n} {what}" for what, n in counts.items()) or "rien"
        self.stderr.write(f"Reprises, reprises nationales et constats : {told}.")
