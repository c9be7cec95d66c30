"""What was set aside is emptied ninety days after: its texts go, in its history too; that it was
told and decided, when and why, stays. Nobody may then publish it again.

The rule is told to the public on « Données personnelles » (templates/site/privacy.html).
"""

import datetime
from collections.abc import Mapping
from typing import Any

import pghistory
from django.apps import apps
from django.db import models, transaction
from django.db.models import Case, Exists, OuterRef, Subquery, Value, When
from django.utils import timezone
from pghistory.models import Context

from essaimage import holding
from essaimage.models import (
    Facts,
    Interpretation,
    Obstacle,
    ObstacleStep,
    Origin,
    Party,
    PublicActor,
    Publication,
    Replication,
    ReplicationStep,
    Telling,
)
from innovations.models import BulkChange

ASIDE_DAYS = 90
# Said where a text may not be missing.
EMPTY = "Texte effacé"
TEXTS: dict[type[models.Model], Mapping[str, str]] = {
    Obstacle: {
        "title": EMPTY, "description": "", "authority": "", "legal_basis": "", "resolution": EMPTY,
    },
    Interpretation: {"authority": EMPTY, "text": "", "source": ""},
    Facts: dict.fromkeys(
        ("effect_text", "cost_text", "beyond", "stopped_because", "learnt", "told_name"), ""
    ),
    Replication: dict.fromkeys(
        (
            "repreneur_name", "sector", "service", "network", "summary", "kept", "changed",
            "changed_by", "workshop", "results", "lessons",
        ),
        "",
    ),
    # Beside a replication or an obstacle.
    Party: {"organisation": "", "note": ""},
    ReplicationStep: {"reason": "", "author": "", "annulled_reason": ""},
    ObstacleStep: {"reason": "", "author": ""},
}  # fmt: skip
KINDS = (Obstacle, Interpretation, Facts, Replication)


def is_emptied(row: Any) -> bool:
    """Whether nothing is left to read of it: not for what staff alone write (experiments)."""
    return getattr(row, "emptied_at", None) is not None


def empty() -> int:
    """Empty what is due; how many rows were."""
    return sum(_empty(kind, pk) for kind in KINDS for pk in _due(kind))


def _due(kind: type[models.Model]) -> list[int]:
    """Those that are set aside, and were without a break for long enough."""
    limit = timezone.now() - datetime.timedelta(days=ASIDE_DAYS)
    its = _events(kind).filter(pgh_obj=OuterRef("pk"))
    then = its.filter(pgh_created_at__lt=limit).order_by("-pgh_id").values("publication")[:1]
    otherwise = its.filter(pgh_created_at__gte=limit).exclude(publication=Publication.SET_ASIDE)
    rows = kind._base_manager.filter(publication=Publication.SET_ASIDE, emptied_at=None)
    if kind is Replication:
        # A harvest's: nobody's words, and it may be found again.
        rows = rows.exclude(origin=Origin.HARVEST)
    due = rows.alias(then=Subquery(then)).filter(then=Publication.SET_ASIDE)
    return list(due.exclude(Exists(otherwise)).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _empty(kind: type[models.Model], pk: int) -> int:
    if kind is Replication:
        texts = Telling.objects.filter(replication=pk).order_by("pk")
        list(texts.select_for_update(of=("self",)))
        holding.sides(replication=pk)
    row: Any = kind._base_manager.select_for_update().get(pk=pk)
    # Decided again meanwhile.
    if row.publication != Publication.SET_ASIDE or is_emptied(row):
        return 0
    with pghistory.context(motif="Texte écarté, effacé avec le temps", user=None):
        _blank(kind, pk=pk)
        if kind is Obstacle:
            _blank(ObstacleStep, obstacle=pk)
        if kind is Replication:
            Party.objects.filter(replication=pk).update(email="")
            _blank(Party, replication=pk)
            _blank(ReplicationStep, replication=pk)
            for beside in (PublicActor, Telling):
                beside._base_manager.filter(replication=pk).delete()
                _events(beside).filter(replication_id=pk).delete()
            # The journal of gestures calls it by what it aims at.
            decided = BulkChange.objects.filter(action__kind="relecture-reprise", row=pk)
            decided.update(label=row.code)
        kind._base_manager.filter(pk=pk).update(emptied_at=timezone.now())
    return 1


def _blank(model: type[models.Model], **chosen: int) -> None:
    """Empty the texts of these rows, and those of all that their history says."""
    said = {
        name: Case(When(**{name: ""}, then=Value("")), default=Value(empty))
        for name, empty in TEXTS[model].items()
    }
    model._base_manager.filter(**chosen).update(**said)
    if model is ObstacleStep:
        # Rows are only added: it has no history of its own.
        return
    columns = {"pgh_obj_id" if name == "pk" else f"{name}_id": pk for name, pk in chosen.items()}
    events = _events(model).filter(**columns)
    events.update(**said)
    contexts = Context.objects.filter(pk__in=events.values("pgh_context"))
    for pk, metadata in contexts.filter(metadata__has_key="auteur").values_list("pk", "metadata"):
        Context.objects.filter(pk=pk).update(metadata=metadata | {"auteur": ""})


def _events(model: type[models.Model]) -> Any:
    return apps.get_model("essaimage", f"{model.__name__}Event")._base_manager
