"""Harvest every source of the demonstration through the real workers, and tell the result."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners.models import Run, RunState, Source
from partners.models.run import ACTIVE, COUNTS
from partners.requesting import AlreadyActive, request_harvest

LABELS = ("lues", "créées", "modifiées", "inchangées", "retirées", "refusées")
NO_WORKER = 60


class Command(BaseCommand):
    help = "Demande le moissonnage de chaque source active et attend la fin de tous."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=int, default=900, help="attente en secondes")

    def handle(self, *args: Any, **options: Any) -> None:
        ids = [
            self._requested(source)
            for source in Source.objects.filter(is_active=True)
            if source.is_harvested
        ]
        runs = self._ended(ids, options["timeout"])
        self._table(runs)
        failed = [r for r in runs if r.state == RunState.FAILED]
        for run in failed:
            self.stderr.write(f"Échec. {run.source} : {run.message}")
        # One file that cannot be read must not keep the rest of the demonstration from opening.
        if runs and len(failed) == len(runs):
            raise CommandError("Aucun moissonnage n’a abouti.")

    def _requested(self, source: Source) -> int:
        """The run to wait for: a new one, or the one the scheduler has begun."""
        try:
            return request_harvest(source).pk
        except AlreadyActive:
            run = source.runs.active().first() or source.runs.first()
            return run.pk if run else self._requested(source)

    def _ended(self, ids: list[int], timeout: int) -> list[Run]:
        start = time.monotonic()
        told: set[int] = set()
        while True:
            runs = list(Run.objects.filter(pk__in=ids).select_related("source").order_by("pk"))
            for run in runs:
                if not run.is_active and run.pk not in told:
                    told.add(run.pk)
                    self.stderr.write(f"{run.source} : {run.get_state_display().lower()}")
            waited = time.monotonic() - start
            if len(told) == len(ids):
                return runs
            if waited > NO_WORKER and all(r.state == RunState.QUEUED for r in runs):
                raise CommandError("Aucun moissonneur ne répond : les moissonnages attendent.")
            if waited > timeout:
                late = ", ".join(str(r.source) for r in runs if r.state in ACTIVE)
                raise CommandError(f"Toujours en cours après {timeout} s : {late}.")
            time.sleep(0.3)

    def _table(self, runs: list[Run]) -> None:
        width = max((len(str(r.source)) for r in runs), default=6)
        header = "".join(f"{label:>12}" for label in LABELS)
        self.stdout.write(f"{'Source':<{width}}{header}")
        for run in runs:
            cells = "".join(f"{run.counts.get(name, 0):>12}" for name in COUNTS)
            self.stdout.write(f"{run.source!s:<{width}}{cells}")
