"""What follows the harvests: comparing, linking, measuring, as the scheduler would in a day."""

from typing import Any

from django.core.management.base import BaseCommand

from carrefour.french import counted
from innovations import assessing
from partners import quality_history
from partners.consolidation.comparing import compare_changed
from partners.models import Pair


class Command(BaseCommand):
    help = "Compare les fiches, lie celles qui sont certaines, relève la qualité."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        # The workers compare after each harvest too: done here, it is over when the site opens.
        compare_changed()
        assessing.refresh_all()
        quality_history.take()
        waiting = Pair.objects.waiting().count()
        self.stderr.write(f"Démonstration : {counted(waiting, 'rapprochement')} à décider.")
