"""What the national page of the essaimage shows: what spreads in France, how, since when."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from essaimage import statistics
from essaimage.models import (
    DiffusionStatement,
    NationalTakeUp,
    Replication,
    ReplicationState,
    ReplicationStep,
)
from essaimage.querysets import ReplicationQuerySet
from essaimage.spread_charts import SpreadCharts
from essaimage.spread_criteria import CHOICES, LABELS, SpreadCriteria
from essaimage.spread_map import SpreadMap
from essaimage.spreading import Told, read
from innovations.models import Innovation
from innovations.search_place import parameter
from territories.kinds import Kind
from territories.models import Territory

TABLES = (*SpreadCharts.TABLES, "departements")
MOST_PROJECTS, MOST_STOPPED, MOST_MOVES = 12, 6, 8


@dataclass(frozen=True)
class Choice:
    """A filter as a list of values: (code, label, whether it is chosen)."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]

    @property
    def every(self) -> str:
        return "Tous" if self.name == "etat" else "Toutes"


@dataclass(frozen=True)
class Removable:
    label: str
    url: str


@dataclass(frozen=True)
class Project:
    """A record and how often it is taken up: begun, and told but not begun."""

    innovation: Innovation
    spread: int
    told: int


@dataclass(frozen=True)
class SpreadPage:
    """One asking of the page; in a fixed number of queries, whatever there is to show."""

    criteria: SpreadCriteria

    @cached_property
    def replications(self) -> ReplicationQuerySet:
        return self.criteria.filtered(Replication.objects.of_public())

    @cached_property
    def told(self) -> list[Told]:
        return read(self.replications)

    @cached_property
    def figures(self) -> statistics.KeyFigures:
        return statistics.key_figures(self.told)

    @property
    def waiting(self) -> int:
        return self.figures.planned + self.figures.preparing

    @cached_property
    def charts(self) -> SpreadCharts:
        return SpreadCharts(self.told, timezone.localdate().year, self.csv)

    @cached_property
    def map(self) -> SpreadMap:
        return SpreadMap(self.told, timezone.localdate().year, self.criteria.year)

    def rows(self, table: str) -> Any:
        """The lines of the file of one of ``TABLES``."""
        if table == "departements":
            return self.map.rows()
        return self.charts.table(table).rows()

    # --- addresses ----------------------------------------------------------------------------

    def url(self, **changes: Any) -> str:
        query = self.criteria.query_string(**changes)
        return reverse("essaimage:spread") + (f"?{query}" if query else "")

    def csv(self, table: str) -> str:
        return self.url(tableau=table, annee=None)

    @property
    def map_csv(self) -> str:
        return self.csv("departements")

    @property
    def canonical(self) -> str:
        return self.url(annee=None)

    def file(self, name: str) -> str:
        query = self.criteria.query_string(annee=None)
        return reverse(f"essaimage:replications_{name}") + (f"?{query}" if query else "")

    @property
    def csv_file(self) -> str:
        return self.file("csv")

    @property
    def json_file(self) -> str:
        return self.file("json")

    @property
    def active(self) -> list[Removable]:
        return [
            Removable(f"{label} : {value}", self.url(**{name: None}))
            for name, label, value in self.criteria.active
        ]

    @property
    def still_links(self) -> list[tuple[Any, str]]:
        return [(still, self.url(annee=still.year)) for still in self.map.stills]

    # --- filters ------------------------------------------------------------------------------

    @property
    def choices(self) -> list[Choice]:
        asked = self.criteria
        said = {"forme": asked.form, "approche": asked.approach, "etat": asked.state}
        return [
            Choice(
                name,
                LABELS[name],
                [(value, label, value == said[name]) for value, label in kind.choices],
            )
            for name, kind in CHOICES.items()
        ]

    @cached_property
    def places(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """(level, its territories) where something is told, the one asked included."""
        chosen = self.criteria.territory
        aimed = Replication.objects.of_public().exclude(territory=None)
        inside = aimed.values("territory__region", "territory__departement", "territory")
        found = {pk for row in inside for pk in row.values() if pk} | (
            {chosen.pk} if chosen else set()
        )
        levels = {
            "Régions": [Kind.REGION],
            "Départements et collectivités": [Kind.DEPARTEMENT, Kind.COLLECTIVITE],
        }
        territories = Territory.objects.filter(
            pk__in=found, kind__in=[Kind.REGION, Kind.DEPARTEMENT, Kind.COLLECTIVITE]
        ).order_by("name_key", "code")
        offered = [(t.kind, parameter(t), t.name, t == chosen) for t in territories]
        groups = [
            (label, [(code, name, is_chosen) for kind, code, name, is_chosen in offered
                     if kind in kinds])
            for label, kinds in levels.items()
        ]  # fmt: skip
        return [group for group in groups if group[1]]

    # --- what is told -------------------------------------------------------------------------

    @cached_property
    def projects(self) -> list[Project]:
        """Those begun somewhere new, the most taken up first."""
        return [one for one in self._ranked if one.spread]

    @property
    def preparing(self) -> list[Project]:
        """Those that nobody has begun elsewhere yet."""
        return [one for one in self._ranked if not one.spread]

    @cached_property
    def _ranked(self) -> list[Project]:
        begun = Counter(one.project for one in self.told if one.is_spread)
        others = Counter(one.project for one in self.told if not one.is_spread)
        first = sorted(begun, key=lambda pk: (-begun[pk], -others[pk], pk))[:MOST_PROJECTS]
        later = sorted(others.keys() - begun.keys(), key=lambda pk: (-others[pk], pk))
        shown = [*first, *later[:MOST_PROJECTS]]
        known = Innovation.objects.published().select_related("organisation").in_bulk(shown)
        return [Project(known[pk], begun[pk], others[pk]) for pk in shown if pk in known]

    @cached_property
    def stopped(self) -> Sequence[Replication]:
        """The experiences that stopped, those with lessons first, then the latest."""
        gave_up = self.replications.filter(state=ReplicationState.ABANDONNEE)
        return list(
            gave_up.for_record()
            .select_related("innovation__merged_into")
            .alias(is_mute=Q(lessons=""))
            .order_by("is_mute", "-pk")[:MOST_STOPPED]
        )

    @property
    def stopped_total(self) -> int:
        return self.figures.stopped + self.figures.unborn

    @cached_property
    def take_ups(self) -> list[NationalTakeUp]:
        return list(NationalTakeUp.objects.of_public().order_by("-is_done", "mode", "pk"))

    @cached_property
    def statements(self) -> list[DiffusionStatement]:
        shown = DiffusionStatement.objects.of_public()
        return sorted(shown.order_by("-as_of", "pk"), key=lambda one: STATEMENTS[one.status])

    @cached_property
    def moves(self) -> list[ReplicationStep]:
        """The latest steps of what is shown."""
        shown = ReplicationStep.objects.of_public().filter(
            replication__in=self.replications.values("pk")
        )
        return list(
            shown.newest().select_related(
                "replication__territory", "replication__innovation__merged_into",
                "replication__repreneur",
            )[:MOST_MOVES]
        )  # fmt: skip


STATEMENTS = {"diffusee": 0, "sollicitee": 1, "non-diffusee": 2}
