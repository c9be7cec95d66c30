"""Seal the sources' credentials again with the first key of CARREFOUR_SECRETS_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from partners import credentials


class Command(BaseCommand):
    help = (
        "Rechiffre les identifiants d’accès des sources avec la première clé de "
        "CARREFOUR_SECRETS_KEY ; les anciennes clés peuvent ensuite être retirées."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = credentials.reseal()
        self.stderr.write(f"Identifiants rechiffrés : {done}.")
        if lost:
            raise CommandError(
                f"Illisibles avec les clés données, à redonner : {', '.join(sorted(lost))}."
            )
