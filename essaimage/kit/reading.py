"""What a kit is built from, read in a fixed number of queries; only what the public may read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from essaimage.models import (
    DiffusionStatement,
    Experiment,
    Facts,
    Interpretation,
    NationalTakeUp,
    Obstacle,
    Party,
    Publication,
    Replication,
    ReplicationState,
    Verdict,
)
from innovations.models import Innovation
from innovations.record_page import RecordPage, Source
from territories.models import Territory

# Told one by one, the furthest on first; the others are counted.
MOST = 40
ORDER = {
    ReplicationState.PERENNISEE: 0,
    ReplicationState.EN_COURS: 1,
    ReplicationState.ABANDONNEE: 2,
    ReplicationState.EN_PREPARATION: 3,
    ReplicationState.ENVISAGEE: 4,
}


@dataclass(frozen=True)
class Gathered:
    """``hidden``: how many replications are counted only; ``states``: how many are in each state;
    ``unborn``: of those given up, how many had not begun;
    ``departements``: territory → the code of the département (or collectivité) that it is drawn
    in."""

    innovation: Innovation
    page: RecordPage
    sources: Sequence[Source]
    replications: Sequence[Replication]
    hidden: int
    states: Counter[str]
    unborn: int
    obstacles: Sequence[Obstacle]
    experiments: Sequence[Experiment]
    facts: Sequence[Facts]
    statements: Sequence[DiffusionStatement]
    take_ups: Sequence[NationalTakeUp]
    departements: Mapping[int, str]

    @property
    def begun(self) -> list[Replication]:
        """Those that ran somewhere new one day, and may be asked."""
        return [r for r in self.replications if r.has_begun]


def gather(innovation: Innovation) -> Gathered:
    """``innovation``: published, open, as ``for_detail`` gives it."""
    page = RecordPage(innovation)
    replications = sorted(
        _replications(innovation), key=lambda r: (ORDER[ReplicationState(r.state)], r.pk)
    )
    shown = replications[:MOST]
    return Gathered(
        innovation=innovation,
        page=page,
        sources=page.sources,
        replications=shown,
        hidden=len(replications) - len(shown),
        states=Counter(r.state for r in replications),
        unborn=sum(r.state == ReplicationState.ABANDONNEE for r in replications if not r.has_begun),
        obstacles=_obstacles(innovation),
        experiments=_experiments(innovation),
        facts=_facts(innovation),
        statements=list(DiffusionStatement.objects.of(innovation).order_by("-as_of", "pk")),
        take_ups=list(NationalTakeUp.objects.of(innovation).order_by("-is_done", "mode", "pk")),
        departements=_departements(
            [p.territory for p in page.places] + [r.territory for r in shown]
        ),
    )


def _replications(innovation: Innovation) -> list[Replication]:
    # Of the sides, what they answered alone: their addresses stay where they are.
    answered = Party.objects.exclude(verdict=Verdict.NONE).defer("email")
    return list(
        Replication.objects.of(innovation)
        .published()
        .for_record()
        .prefetch_related("public_actors", Prefetch("parties", answered))
    )


def _obstacles(innovation: Innovation) -> list[Obstacle]:
    read = Interpretation.objects.published().select_related("territory")
    return list(
        Obstacle.objects.of(innovation)
        .published()
        .select_related("territory", "replication__territory", "replication__repreneur")
        .prefetch_related(Prefetch("interpretations", read.order_by("pk")))
        .order_by("pk")[:MOST]
    )


def _experiments(innovation: Innovation) -> list[Experiment]:
    found = Experiment.objects.of(innovation).published().prefetch_related("alliance")
    return list(found.prefetch_related("territories").order_by("starts_on", "pk")[:MOST])


def _facts(innovation: Innovation) -> list[Facts]:
    """Those of the place of origin first, then of the replications that the public reads."""
    public = Q(replication=None) | Q(replication__publication=Publication.PUBLISHED)
    found = Facts.objects.of(innovation).published().filter(public)
    related = found.select_related("replication__territory", "replication__repreneur")
    return sorted(related[:MOST], key=lambda f: (f.replication_id or 0, f.months or 0, f.pk))


def _departements(territories: Sequence[Territory | None]) -> dict[int, str]:
    ids = {t.pk for t in territories if t is not None}
    found = Territory.objects.filter(pk__in=ids).select_related("departement")
    drawn = {t.pk: t if t.kind in {"departement", "collectivite"} else t.departement for t in found}
    return {pk: territory.code for pk, territory in drawn.items() if territory}
