from django.core.management.base import BaseCommand

from territories.loading import load


class Command(BaseCommand):
    help = "Charge la géographie officielle (communes, intercommunalités, départements, régions)."

    def handle(self, *args: object, **options: object) -> None:
        # Progress, not errors: no red.
        self.stderr.style_func = None
        load(self.stderr)
