"""`manage.py update_search`: the search rows, the known words and the bitmaps, at once."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from innovations import searchrows, vocabulary
from innovations.index import building
from innovations.models import SearchChange, SearchIndex, SearchRow


class Command(BaseCommand):
    help = (
        "Met à jour l’index de recherche sans attendre la tâche planifiée. Interrompue, la "
        "commande laisse l’index tel qu’il était."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rows", action="store_true", help="refait aussi toutes les lignes de recherche"
        )
        parser.add_argument("--json", action="store_true", help="un objet JSON sur la sortie")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rows"]:
            searchrows.rebuild(self._progress("Lignes de recherche"))
        enough = SearchRow.objects.count() >= building.ENOUGH
        is_updated = enough and building.update(forced=True, progress=self._progress("Index"))
        vocabulary.refresh()
        state = SearchIndex.objects.first()
        told = {
            "updated": is_updated,
            "rows": SearchRow.objects.count(),
            "positions": state.size if state else 0,
            "waiting": SearchChange.objects.count() if enough else 0,
        }
        if options["json"]:
            self.stdout.write(json.dumps(told))
        elif not enough:
            self.stdout.write(
                f"{told['rows']} fiches : trop peu pour un index à part, elles sont lues "
                "directement."
            )
        else:
            self.stdout.write(f"{told['rows']} fiches, {told['waiting']} en attente d’indexation.")

    def _progress(self, label: str) -> building.Progress:
        def tell(done: int, total: int) -> None:
            self.stderr.write(f"{label} : {done} sur {total}")

        return tell
