"""What is read for its form before the public reads it: five kinds, decided in one way.

``moderating`` decides; here is what each kind has of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from essaimage import confirming, editing, keeping
from essaimage.models import (
    Experiment,
    Facts,
    Interpretation,
    Obstacle,
    Party,
    Publication,
    Replication,
    SetAside,
)
from essaimage.tagging import follow
from innovations.models import BulkAction

# Number of a row → (what a person calls it, the innovation that it is about or None).
Names = Mapping[int, tuple[str, int | None]]


def _nothing(row: Any) -> None:
    """Most kinds have nothing else to do."""


def _nobody(row: Any) -> Any:
    return Party.objects.none()


@dataclass(frozen=True)
class Moderated:
    """``code``: of its decisions in the journal. ``permission``: who decides. ``title``: what it is
    called; ``ending``: how what is said of it agrees. ``other_thing``: said of what is not one.
    ``names``: by what the journal calls rows. ``mark``: changes whenever the row does. ``changed``
    is called with the row once its publication is written, ``published`` once it is public.
    ``tellers``: the sides that wrote it, whose addresses may still be known."""

    model: type[models.Model]
    code: str
    permission: str
    title: str
    ending: str
    other_thing: str
    names: Callable[[Sequence[int]], Names]
    mark: Callable[[Any], str] = keeping.mark
    changed: Callable[[Any], Any] = _nothing
    published: Callable[[Any], Any] = _nothing
    tellers: Callable[[Any], Any] = _nobody

    @property
    def rows(self) -> Any:
        return self.model._base_manager

    @property
    def motives(self) -> list[tuple[str, str]]:
        """Why one is set aside, as it is said of this kind: reasons of form only."""
        own = {
            SetAside.OTHER_THING: self.other_thing,
            SetAside.DUPLICATE: f"Déjà inscrit{self.ending}",
        }
        return [(one.value, own.get(one, str(one.label))) for one in SetAside]

    def said(self, publication: str) -> str:
        """« publiée », « publié »: what a decision made of it."""
        words = {
            Publication.PUBLISHED: f"publié{self.ending}",
            Publication.SET_ASIDE: f"écarté{self.ending}",
            Publication.WAITING: f"remis{self.ending.removesuffix('s')} à relire",
        }
        return words[Publication(publication)]

    def last_decision(self, row: Any) -> BulkAction | None:
        """The decision that stands, with its author; None when nobody decided."""
        found = BulkAction.objects.standing().filter(kind=self.code, changes__row=row.pk)
        return found.select_related("author").order_by("-pk").first()

    def row_of(self, action: BulkAction) -> Any:
        """What was decided of; None when it is gone."""
        change = action.changes.first()
        return self.rows.filter(pk=change.row).first() if change else None


def _replications(ids: Sequence[int]) -> Names:
    found = Replication.objects.filter(pk__in=ids).select_related("innovation", "territory")
    return {r.pk: (f"{r.innovation.title} – {r.target or r.code}", r.innovation_id) for r in found}


# The journal of gestures names the others by their number: it is kept longer than their texts.
def _obstacles(ids: Sequence[int]) -> Names:
    found = Obstacle.objects.filter(pk__in=ids).select_related("innovation")
    return {o.pk: (f"{o.innovation.title} – obstacle n° {o.pk}", o.innovation_id) for o in found}


def _interpretations(ids: Sequence[int]) -> Names:
    found = Interpretation.objects.filter(pk__in=ids).select_related("obstacle__innovation")
    of = {i.pk: i.obstacle.innovation for i in found}
    return {pk: (f"{one.title} – interprétation n° {pk}", one.pk) for pk, one in of.items()}


def _experiments(ids: Sequence[int]) -> Names:
    found = Experiment.objects.filter(pk__in=ids)
    return {e.pk: (f"Expérimentation n° {e.pk}", e.innovation_id) for e in found}


def _facts(ids: Sequence[int]) -> Names:
    found = Facts.objects.filter(pk__in=ids).select_related("innovation")
    return {f.pk: (f"{f.innovation.title} – résultats n° {f.pk}", f.innovation_id) for f in found}


def _declarers(row: Replication) -> Any:
    return Party.objects.filter(replication=row, is_declarer=True)


def _answerers(row: Facts) -> Any:
    return Party.objects.filter(follow_ups__facts=row)


ALL = (
    Moderated(
        Replication, "relecture-reprise", "essaimage.review_replication", "Reprise", "e",
        "N’est pas la reprise d’une innovation", _replications, mark=editing.mark,
        changed=lambda row: follow([row.innovation_id]), published=confirming.ask_unheard,
        tellers=_declarers,
    ),
    Moderated(
        Obstacle, "relecture-obstacle", "essaimage.review_obstacle", "Obstacle", "",
        "Ne dit pas un obstacle au projet", _obstacles,
    ),
    Moderated(
        Interpretation, "relecture-interpretation", "essaimage.review_obstacle",
        "Interprétation", "e", "Ne dit pas comment la règle est lue", _interpretations,
    ),
    Moderated(
        Experiment, "relecture-experimentation", "essaimage.change_experiment",
        "Expérimentation", "e", "N’est pas une expérimentation", _experiments,
    ),
    Moderated(
        Facts, "relecture-resultats", "essaimage.change_facts", "Résultats", "s",
        "Ne dit pas ce que le projet a donné", _facts, tellers=_answerers,
    ),
)  # fmt: skip
BY_CODE = {kind.code: kind for kind in ALL}
_BY_MODEL = {kind.model: kind for kind in ALL}


def of(row: models.Model) -> Moderated:
    return _BY_MODEL[type(row)]
