"""Clear what is older than the settings say: journals, dropped files, refused rows, imports."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.defaultfilters import filesizeformat

from partners import retention


class Command(BaseCommand):
    help = (
        "Efface les journaux de moissonnage, les fichiers déposés, les lignes refusées et le "
        "contenu des imports plus anciens que CARREFOUR_KEEP_JOURNALS_DAYS, …_DEPOSITS_DAYS, "
        "…_REFUSALS_DAYS et …_IMPORTS_DAYS."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="dire ce qui serait effacé, sans rien effacer"
        )

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        removed = retention.apply(dry_run=dry_run)
        self.stdout.write(
            f"{'À effacer' if dry_run else 'Effacé'}. "
            f"Journaux de moissonnage : {removed.journals}. "
            f"Fichiers déposés : {removed.files} ({filesizeformat(removed.size)}). "
            f"Lignes refusées : {removed.refusals}. "
            f"Imports : {removed.imports}."
        )
