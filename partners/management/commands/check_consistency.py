"""Look for what should never be in the base; ``--repair`` mends what is safe to mend."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners import consistency


class Command(BaseCommand):
    help = "Cherche les incohérences de la base ; --repair corrige celles qui peuvent l’être."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="corrige ce qui est sans risque")

    def handle(self, *args: Any, **options: Any) -> None:
        found = consistency.check(repair=options["repair"])
        for finding in found:
            first = ", ".join(map(str, finding.first))
            said = f", {finding.mended} corrigées" if finding.mended else ""
            self.stdout.write(f"{finding.check.label} : {finding.count}{said} (n° {first}…)")
        left = sum(finding.count - finding.mended for finding in found)
        if left:
            raise CommandError(f"Incohérences qui restent : {left}.")
        self.stdout.write(self.style.SUCCESS("La base est cohérente."))
