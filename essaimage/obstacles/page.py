"""What the public reads of an obstacle, and of those of an innovation."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse

from essaimage.models import (
    Experiment,
    Interpretation,
    Obstacle,
    ObstacleState,
    ObstacleStep,
    Replication,
)
from essaimage.replication_page import Known
from innovations.models import Innovation

# Lines of each list on a page of something else; all of them are one link away.
MOST = 6
BADGES = {
    ObstacleState.SIGNALE: "fr-badge--info",
    ObstacleState.EN_DISCUSSION: "fr-badge--new",
    ObstacleState.LEVE: "fr-badge--success",
    ObstacleState.MAINTENU: "fr-badge--warning",
}


def badge(obstacle: Obstacle) -> str:
    """The DSFR badge of its state."""
    return BADGES[ObstacleState(obstacle.state)]


def already_lifted(obstacle: Obstacle) -> str:
    """« Déjà levé à Lormes »; before which authority, when nobody said where."""
    return f"Déjà levé {obstacle.where or f'(autorité : {obstacle.authority})'}"


@dataclass(frozen=True)
class ObstaclePage:
    """One public obstacle: each property is one query, made when the page asks."""

    obstacle: Obstacle

    @property
    def known(self) -> Known:
        """What is said of it besides, and what nobody said; its territory stands apart."""
        one = self.obstacle
        return Known.of(
            ("Qui l’interprète", one.get_interpreter_display()),
            ("Texte en cause", one.legal_basis),
            ("Ce qui est en cause", one.get_origin_display()),
            ("Stade du projet", one.get_stage_display()),
            ("Ce qui est demandé ou obtenu", one.get_relief_display()),
        )

    @cached_property
    def interpretations(self) -> list[Interpretation]:
        rows = self.obstacle.interpretations.published().select_related("territory")
        return list(rows)

    @property
    def allowing(self) -> list[Interpretation]:
        return [i for i in self.interpretations if i.allows]

    @property
    def refusing(self) -> list[Interpretation]:
        return [i for i in self.interpretations if not i.allows]

    @cached_property
    def steps(self) -> list[ObstacleStep]:
        return list(self.obstacle.steps.order_by("pk"))

    @cached_property
    def lifted(self) -> list[Obstacle]:
        """Those of the same innovation that were lifted elsewhere."""
        rows = Obstacle.objects.of_public().of(self.obstacle.shown_innovation).lifted()
        return list(rows.for_list().exclude(pk=self.obstacle.pk)[:MOST])

    @cached_property
    def alike(self) -> list[Obstacle]:
        return _alike([self.obstacle], self.obstacle.shown_innovation)

    @cached_property
    def experiments(self) -> list[Experiment]:
        return list(Experiment.objects.of_public().filter(obstacles=self.obstacle))


@dataclass(frozen=True)
class ObstaclesAround:
    """What the page of an innovation, or of one of its replications, says of obstacles.

    ``here``: met by this replication; ``lifted``: of the innovation, lifted elsewhere; ``others``:
    met elsewhere and not lifted; ``alike``: of other innovations, before the same authority or
    under the same text.
    """

    innovation: Innovation
    here: Sequence[Obstacle]
    lifted: Sequence[Obstacle]
    others: Sequence[Obstacle]
    alike: Sequence[Obstacle]
    more: int
    signal_url: str

    @property
    def is_empty(self) -> bool:
        return not (self.here or self.lifted or self.others)

    @property
    def all_url(self) -> str:
        return f"{reverse('essaimage:obstacles')}?innovation={self.innovation.slug}"


def around(innovation: Innovation, replication: Replication | None = None) -> ObstaclesAround:
    """Of a public innovation, those merged into it included: one query, two when it has some."""
    rows = list(Obstacle.objects.of_public().of(innovation).for_list().lifted_first())
    here = [o for o in rows if replication and o.replication_id == replication.pk]
    elsewhere = [o for o in rows if o not in here]
    lifted = [o for o in elsewhere if o.is_lifted]
    others = [o for o in elsewhere if not o.is_lifted]
    where = reverse("essaimage:obstacle_signal", args=[innovation.slug])
    return ObstaclesAround(
        innovation=innovation,
        here=here,
        lifted=lifted[:MOST],
        others=others[:MOST],
        alike=_alike(rows, innovation) if rows else [],
        more=len(lifted[MOST:]) + len(others[MOST:]),
        signal_url=f"{where}?reprise={replication.code}" if replication else where,
    )


def _alike(rows: Sequence[Obstacle], innovation: Innovation) -> list[Obstacle]:
    found: Any = Obstacle.objects.of_public().alike([o.pk for o in rows])
    return list(found.not_of(innovation).for_list().lifted_first()[:MOST])
