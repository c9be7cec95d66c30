"""`manage.py restore FILE`: the database as a backup has it; what had to go stays away."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from carrefour.servers import dumps
from carrefour.site.management.commands.backup import FOLDER, named_now
from partners import reapplying

NOT_EMPTY = (
    "La base n’est pas vide. « --over » la remplace, après l’avoir sauvegardée ; sinon donnez par "
    "DATABASE_URL une base vide."
)
TOO_NEW = (
    "Cette sauvegarde vient d’une version plus récente du logiciel ({}) : mettez-le d’abord à jour."
)


class Command(BaseCommand):
    help = (
        "Restaure une sauvegarde dans une base vide, ou à la place de la base (--over). "
        "Ce qui a été retiré à la demande d’une personne ne revient pas."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="fichier écrit par manage.py backup")
        parser.add_argument("--over", action="store_true", help="remplacer la base actuelle")

    def handle(self, *args: Any, path: Path, over: bool, **options: Any) -> None:
        try:
            tables = dumps.contents(path)
            before, safety = self._emptied(over=over)
            self._bring_back(path, safety)
        except dumps.DumpError as error:
            raise CommandError(str(error)) from error
        self._check_version()
        call_command("migrate", verbosity=0)
        gone = reapplying.reapply(before)
        for what, count in gone:
            self.stderr.write(f"Retiré de nouveau (droit d’opposition) : {count} {what}")
        self.stdout.write(f"Restauré : {len(tables)} tables, depuis {path}")

    def _emptied(self, *, over: bool) -> tuple[str, Path | None]:
        """(The suppression list as it was, where the former content was saved)."""
        if not connection.introspection.table_names():
            return "[]", None
        if not over:
            raise CommandError(NOT_EMPTY)
        safety = FOLDER / f"avant-restauration-{named_now()}"
        dumps.save(connection.get_connection_params(), safety)
        self.stderr.write(f"La base actuelle est sauvegardée : {safety}")
        before = reapplying.kept()
        _empty()
        return before, safety

    def _bring_back(self, path: Path, safety: Path | None) -> None:
        """Fill the database, or put its former content back."""
        connections.close_all()
        try:
            dumps.bring_back(connection.get_connection_params(), path)
        except dumps.DumpError:
            if safety:
                _empty()
                dumps.bring_back(connection.get_connection_params(), safety)
                self.stderr.write("La base actuelle a été remise comme elle était.")
            raise

    def _check_version(self) -> None:
        loader = MigrationLoader(connection)
        unknown = sorted(
            f"{app}.{name}"
            for app, name in loader.applied_migrations
            if app in loader.migrated_apps and (app, name) not in loader.disk_migrations
        )
        if unknown:
            raise CommandError(TOO_NEW.format(", ".join(unknown[:3])))


def _empty() -> None:
    """Drop all that the database holds; the programs that use it lose it at once."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
