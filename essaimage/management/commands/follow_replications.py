"""`manage.py follow_replications`: what the search says of replications, repaired at once."""

from typing import Any

from django.core.management.base import BaseCommand

from carrefour.french import counted
from essaimage import tagging


class Command(BaseCommand):
    help = (
        "Remet d’accord la recherche et les reprises (formes de diffusion, « déjà reprise "
        "ailleurs ») sans attendre la tâche planifiée ; sans effet quand tout est juste."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        changed = tagging.follow_all()
        self.stdout.write(f"{counted(changed, 'fiche')} à jour." if changed else "Tout est juste.")
