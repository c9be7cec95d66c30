"""`manage.py prepare`: bring the database to what this version of the code needs; idempotent."""

import time
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from carrefour.accounts.roles import sync_roles
from essaimage import tagging
from innovations import equivalents, searchrows, taxonomy, vocabulary
from partners.consolidation import linking
from partners.proposals import sources


class Command(BaseCommand):
    help = (
        "Migrations, rôles, vocabulaires, règles, sources internes et territoires : tout ce qu’il "
        "faut avant de servir."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.step("Structure de la base", lambda: call_command("migrate", verbosity=0))
        self.step("Rôles", sync_roles)
        self.step("Taxonomie", taxonomy.load)
        self.step("Équivalences de recherche", equivalents.load)
        self.step("Règles de rapprochement", linking.load_rules)
        self.step("Projets proposés", sources.load)
        self.step(
            "Territoires",
            lambda: call_command("load_territories", stdout=self.stdout, stderr=self.stderr),
        )
        self.step("Lignes de recherche", searchrows.rebuild_if_needed)
        self.step("Reprises dans la recherche", tagging.follow_all)
        self.step("Mots connus", vocabulary.refresh_if_needed)

    def step(self, label: str, work: Callable[[], Any]) -> None:
        start = time.monotonic()
        work()
        self.stderr.write(f"{label} : prêt ({time.monotonic() - start:.1f} s)")
