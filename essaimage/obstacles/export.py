"""Obstacles as open data: one line each, streamed."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Prefetch

from essaimage.models import Interpretation, Obstacle
from essaimage.querysets import ObstacleQuerySet
from innovations.search_place import parameter

BATCH = 500
HEADINGS = [
    "Numéro", "Obstacle", "Ce qui bloque", "Autorité", "Qui l’interprète", "Texte en cause",
    "Ce qui est en cause", "Stade", "Assouplissement ou simplification", "État",
    "Comment il a été levé", "Territoire", "Code du territoire", "Innovation", "Fiche", "Page",
    "Interprétations qui permettent", "Interprétations qui refusent", "Dit par", "Enregistré le",
]  # fmt: skip


def rows(found: ObstacleQuerySet) -> Iterator[Sequence[Any]]:
    """The heading, then each obstacle with its published interpretations."""
    yield HEADINGS
    told = Prefetch("interpretations", Interpretation.objects.published().order_by("pk"))
    for obstacle in found.for_list().prefetch_related(told).order_by("pk").iterator(BATCH):
        yield _row(obstacle)


def _row(obstacle: Obstacle) -> Sequence[Any]:
    place, innovation = obstacle.place, obstacle.shown_innovation
    return [
        obstacle.pk, obstacle.title, obstacle.description, obstacle.authority,
        obstacle.get_interpreter_display(), obstacle.legal_basis, obstacle.get_origin_display(),
        obstacle.get_stage_display(), obstacle.get_relief_display(), obstacle.get_state_display(),
        obstacle.resolution, place and place.name, place and parameter(place), innovation.title,
        settings.BASE_URL + innovation.get_absolute_url(),
        settings.BASE_URL + obstacle.get_absolute_url(),
        _said(obstacle, allows=True), _said(obstacle, allows=False),
        obstacle.get_told_by_display(), obstacle.created_at.date(),
    ]  # fmt: skip


def _said(obstacle: Obstacle, *, allows: bool) -> str:
    found = [i for i in obstacle.interpretations.all() if i.allows == allows]
    return " | ".join(f"{i.authority} : {i.text}" for i in found)
