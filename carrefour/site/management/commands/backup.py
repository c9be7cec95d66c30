"""`manage.py backup [PATH]`: the whole database in one checked file, for its owner only."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from carrefour.servers import dumps

FOLDER = settings.BASE_DIR / ".carrefour" / "sauvegardes"
SUFFIX = ".dump"


class Command(BaseCommand):
    help = "Sauvegarde toute la base dans un fichier. Restaurer : manage.py restore FICHIER."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path", nargs="?", type=Path, default=FOLDER, help=f"fichier ou dossier ({FOLDER})"
        )
        parser.add_argument(
            "--keep", type=int, metavar="N", help="ne garder que les N dernières du dossier"
        )

    def handle(self, *args: Any, path: Path, keep: int | None, **options: Any) -> None:
        if keep is not None and keep < 1:
            raise CommandError("--keep demande un nombre d’au moins 1.")
        file = path if path.suffix == SUFFIX else path / named_now()
        try:
            size = dumps.save(connection.get_connection_params(), file)
        except (dumps.DumpError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} : {size / 1_000_000:.1f} Mo")
        for old in _beyond(file.parent, keep):
            old.unlink()
            self.stderr.write(f"Plus ancienne, supprimée : {old}")
        self.stderr.write(
            "Les clés (SECRET_KEY, CARREFOUR_SECRETS_KEY, CARREFOUR_SUPPRESSION_KEY) n’y sont "
            "pas : gardez-les ailleurs."
        )


def named_now() -> str:
    return f"carrefour-{timezone.localtime():%Y-%m-%dT%H-%M-%S}{SUFFIX}"


def _beyond(folder: Path, keep: int | None) -> list[Path]:
    """The backups of the folder older than the last ``keep``; their names say when they were."""
    if keep is None:
        return []
    return sorted(folder.glob(f"carrefour-*{SUFFIX}"), reverse=True)[keep:]
