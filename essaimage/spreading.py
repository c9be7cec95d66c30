"""Replications read as figures, maps and trees need them: narrow, in three queries whatever their
number."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from essaimage.models import PublicAction, PublicActor, PublicRole, ReplicationStep
from essaimage.querysets import ReplicationQuerySet
from essaimage.spans import BEGUN, Span, spans
from territories.kinds import Kind

DRAWN = (Kind.DEPARTEMENT, Kind.COLLECTIVITE)
# The end of what runs on.
FOREVER = 10_000
READ = (
    "pk", "code", "state", "approach", "forms", "strategies", "extent", "adaptation",
    "territory__kind", "territory__code", "territory__departement__kind",
    "territory__departement__code",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A replication as declared. ``project``: the record that tells it; ``zone``: the département
    or collectivité that it aims at (« departement-22 »), or ""; ``is_spread``: it has begun
    somewhere new one day, stopped since or not."""

    pk: int
    code: str
    project: int
    state: str
    approach: str = ""
    forms: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    extent: str = ""
    adaptation: str = ""
    roles: tuple[str, ...] = ()
    zone: str = ""
    spans: tuple[Span, ...] = field(default=())

    @property
    def is_spread(self) -> bool:
        return bool(self.spans)

    @property
    def runs(self) -> bool:
        return self.state in BEGUN

    @property
    def is_dated(self) -> bool:
        """Whether each date of its activity is known: only then is it drawn over time."""
        return self.is_spread and all(span.is_dated for span in self.spans)

    def years_running(self) -> list[tuple[int, int]]:
        """Of a dated one: (first year at whose end it runs, first at whose end it no longer does),
        in order, none in another."""
        found: list[tuple[int, int]] = []
        for span in sorted(self.spans, key=lambda span: span.began or 0):
            began, ended = span.began or 0, span.stopped if span.is_over else FOREVER
            if found and began <= found[-1][1]:
                began, ended = found[-1][0], max(found[-1][1], ended or 0)
                found.pop()
            if ended and ended > began:
                found.append((began, ended))
        return found


def read(replications: ReplicationQuerySet) -> list[Told]:
    """These replications in the order of their recording, in three queries."""
    rows = list(
        replications.order_by("pk")
        .annotate(project=Coalesce(F("innovation__merged_into"), F("innovation")))
        .values("project", *READ)
    )
    keys = [row["pk"] for row in rows]
    steps, roles = _steps(keys), _roles(keys)
    return [_told(row, steps[row["pk"]], roles.get(row["pk"], ())) for row in rows]


def _told(row: dict[str, Any], steps: list[tuple[str, str]], roles: tuple[str, ...]) -> Told:
    return Told(
        pk=row["pk"],
        code=row["code"],
        project=row["project"],
        state=row["state"],
        approach=row["approach"],
        forms=tuple(dict.fromkeys(row["forms"])),
        strategies=tuple(dict.fromkeys(row["strategies"])),
        extent=row["extent"],
        adaptation=row["adaptation"],
        roles=roles,
        zone=_zone(row),
        spans=spans(steps, row["state"]),
    )


def _zone(row: dict[str, Any]) -> str:
    for level in ("territory", "territory__departement"):
        if row[f"{level}__kind"] in DRAWN:
            return f"{row[f'{level}__kind']}-{row[f'{level}__code']}"
    return ""


def _steps(keys: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """{replication: its valid steps (state, date), the oldest first}."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    steps = ReplicationStep.objects.filter(replication__in=keys, annulled_at=None).order_by("pk")
    for replication, state, date in steps.values_list("replication", "state", "date"):
        found[replication].append((state, date))
    return found


def _roles(keys: Collection[int]) -> dict[int, tuple[str, ...]]:
    """{replication: the roles of its public actors, said or implied, in the study's order}."""
    held: dict[int, set[str]] = defaultdict(set)
    actors = PublicActor.objects.filter(replication__in=keys)
    for replication, roles, actions in actors.values_list("replication", "roles", "actions"):
        known = (PublicAction(action) for action in actions if action in PublicAction.values)
        held[replication] |= {*roles, *(action.role.value for action in known)}
    return {pk: tuple(r.value for r in PublicRole if r.value in held[pk]) for pk in held}
