"""What the page of one innovation's spread shows: its sites over time, who took it from whom."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from essaimage import statistics
from essaimage.lineage import Branch, tree, walk
from essaimage.list_pages import ListPage
from essaimage.models import (
    DiffusionStatement,
    HarvestedSite,
    NationalTakeUp,
    Replication,
    ReplicationState,
)
from essaimage.querysets import ReplicationQuerySet
from essaimage.spans import Span
from essaimage.spread_charts import Curve, curve_of
from essaimage.spread_criteria import SpreadCriteria
from essaimage.spread_map import SpreadMap
from essaimage.spreading import DRAWN, Told, read
from innovations.models import Innovation, Location, Maturity

TABLES = ("annees", "departements")
# How many rows a page of each list holds, by its name in the address.
SIZES = {"arbre": 30, "page": 50, "arretees": 12}
STOPPED = (Maturity.ARRETEE, Maturity.INABOUTIE)


@dataclass(frozen=True)
class ProjectPage:
    """One public record; in a fixed number of queries."""

    innovation: Innovation
    criteria: SpreadCriteria

    @cached_property
    def public(self) -> ReplicationQuerySet:
        found: ReplicationQuerySet = Replication.objects.of_public().of(self.innovation)
        return found

    @cached_property
    def told(self) -> list[Told]:
        return read(self.public)

    @cached_property
    def figures(self) -> statistics.KeyFigures:
        return statistics.key_figures(self.told)

    @property
    def waiting(self) -> int:
        return self.figures.planned + self.figures.preparing

    @property
    def spread(self) -> set[int]:
        """The replications that have begun."""
        return {one.pk for one in self.told if one.is_spread}

    # --- lists, a page of each at a time ------------------------------------------------------

    @cached_property
    def tree_pages(self) -> ListPage:
        """Of what ``lineage.walk`` gives."""
        every = Replication.objects.of(self.innovation)
        walked = walk([one.pk for one in self.told], dict(every.values_list("pk", "parent")))
        return self._pages("arbre", "de l’arbre", "titre-arbre", walked)

    @cached_property
    def table_pages(self) -> ListPage:
        keys = [one.pk for one in self.told]
        return self._pages("page", "du tableau", "titre-tableau", keys)

    @cached_property
    def stopped_pages(self) -> ListPage:
        gave_up = ReplicationState.ABANDONNEE
        keys = [one.pk for one in self.told if one.state == gave_up]
        return self._pages("arretees", "des expériences arrêtées", "titre-arretees", keys)

    def _pages(self, name: str, of: str, anchor: str, every: Sequence[Any]) -> ListPage:
        return ListPage(name, of, anchor, every, SIZES[name], self.criteria.page(name), self.url)

    @cached_property
    def shown(self) -> dict[int, Replication]:
        """All that the pages of the lists name, read at once."""
        named = {key for pair in self.tree_pages.rows for key in pair if key}
        named |= {*self.table_pages.rows, *self.stopped_pages.rows}
        asked = self.public.filter(pk__in=named).for_record().prefetch_related("public_actors")
        return {one.pk: one for one in asked}

    @cached_property
    def tree(self) -> tuple[Branch, ...]:
        return tree(self.tree_pages.rows, self.shown)

    @cached_property
    def replications(self) -> list[Replication]:
        return [self.shown[key] for key in self.table_pages.rows]

    @cached_property
    def stopped(self) -> list[Replication]:
        return [self.shown[key] for key in self.stopped_pages.rows]

    @property
    def notices(self) -> list[str]:
        """What could not be used of the address."""
        lists = (self.tree_pages, self.table_pages, self.stopped_pages)
        return [
            *self.criteria.notices,
            *(
                f"Il n’y a pas de page {one.asked} {one.of} : voici la dernière."
                for one in lists
                if one.is_beyond
            ),
        ]

    @cached_property
    def take_ups(self) -> list[NationalTakeUp]:
        found = NationalTakeUp.objects.of(self.innovation)
        return list(found.order_by("-is_done", "mode", "pk"))

    @cached_property
    def statements(self) -> list[DiffusionStatement]:
        return list(DiffusionStatement.objects.of(self.innovation).order_by("-as_of", "pk"))

    # --- sites --------------------------------------------------------------------------------

    @cached_property
    def locations(self) -> list[Location]:
        """The places of the record as its sources write them, those of a replication left out."""
        shown = [one.pk for one in self.told]
        sites = HarvestedSite.objects.of(self.innovation).filter(replication__in=shown)
        taken = set(sites.values_list("territory_id", flat=True))
        places = Location.objects.filter(innovation=self.innovation)
        found = places.select_related("territory__departement").order_by("position", "pk")
        return [place for place in found if place.territory_id not in taken]

    @cached_property
    def map(self) -> SpreadMap:
        until = timezone.localdate().year
        return SpreadMap(self.told, until, self.criteria.year, self._harvested)

    @property
    def _harvested(self) -> Counter[str]:
        """{département or collectivité: places of the record}."""
        found: Counter[str] = Counter()
        for place in self.locations:
            near = place.territory
            for one in (near, near.departement) if near else ():
                if one and one.kind in DRAWN:
                    found[f"{one.kind}-{one.code}"] += 1
                    break
        return found

    @property
    def still_links(self) -> list[tuple[Any, str]]:
        return [(still, self.url(annee=still.year)) for still in self.map.stills]

    @cached_property
    def curve(self) -> Curve:
        """From the original's start: it counts for one, as long as nothing says when it stopped."""
        innovation, notes, original = self.innovation, [], []
        if innovation.is_reference or innovation.started_year is None:
            notes.append("L’année de démarrage du projet d’origine n’est pas renseignée : la "
                         "courbe ne compte que ses reprises.")  # fmt: skip
        elif innovation.maturity in STOPPED:
            notes.append("Le projet d’origine s’est arrêté à une date qui n’est pas renseignée : "
                         "la courbe ne compte que ses reprises.")  # fmt: skip
        else:
            notes.append("Le site d’origine compte pour un, depuis son démarrage.")
            original = [
                Told(0, "", innovation.pk, "en-cours", spans=(Span(innovation.started_year),))
            ]
        years = statistics.over_time([*original, *self.told], timezone.localdate().year)
        return curve_of(years, statistics.undated(self.told), self.csv("annees"), notes)

    # --- addresses ----------------------------------------------------------------------------

    def address(self, name: str) -> str:
        return reverse(f"essaimage:{name}", args=[self.innovation.slug])

    def url(self, **changes: Any) -> str:
        query = self.criteria.query_string(**changes)
        return self.address("spread_of") + (f"?{query}" if query else "")

    def csv(self, table: str) -> str:
        return self.url(tableau=table, annee=None, **dict.fromkeys(SIZES))

    @property
    def map_csv(self) -> str:
        return self.csv("departements")

    @property
    def csv_file(self) -> str:
        return self.address("replications_of_csv")

    @property
    def json_file(self) -> str:
        return self.address("replications_of_json")

    def rows(self, table: str) -> Any:
        """The lines of the file of one of ``TABLES``."""
        return self.map.rows() if table == "departements" else self.curve.rows()
