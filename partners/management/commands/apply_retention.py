"""Clear what is older than the settings say: journals, dropped files, refused rows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.defaultfilters import filesizeformat

from partners import retention


class Command(BaseCommand):
    help = (
        "Efface les journaux de moissonnage, les fichiers déposés et les lignes refusées plus "
        "anciens que CARREFOUR_KEEP_JOURNALS_DAYS, …_DEPOSITS_DAYS et …_REFUSALS_DAYS."
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
            f"Lignes refusées : {removed.refusals}."
        )
