"""Replications as open data: CSV and JSON, two thousand at a time, without anyone's address."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from carrefour.spreadsheets import gathered, lines, safe
from essaimage import journal
from essaimage.models import PublicActor, Publication, ReplicationStep
from essaimage.models.words import roles_held
from essaimage.querysets import ReplicationQuerySet
from innovations.licences import Licence

BATCH = 2_000
COLUMNS = (
    "identifiant", "page", "innovation", "titre_innovation", "fiche", "reprise_de", "repreneur",
    "territoire", "code_territoire", "secteur", "service", "reseau", "etat", "commencee", "debut",
    "fin", "approche", "formes", "strategies", "dynamiques", "portee", "reprise_publique",
    "adaptation", "acteurs_publics", "roles_publics", "ce_qui_est_repris", "ce_qui_est_reste",
    "ce_qui_a_change", "resultats", "enseignements", "origine",
)  # fmt: skip


# Read as values: the objects, and their managers of steps and actors, take five times longer.
READ = (
    "pk", "code", "territory__name", "territory__kind", "territory__code", "sector", "service",
    "network", "state", "approach", "forms", "strategies", "dynamics", "extent", "take_up",
    "adaptation", "summary", "kept", "changed", "results", "lessons", "origin",
)  # fmt: skip


class Step(NamedTuple):
    state: str
    date: str


class Actor(NamedTuple):
    name: str
    roles: tuple[str, ...]


class Line(NamedTuple):
    """One replication: the values of its row, its valid steps, its public actors by name."""

    row: dict[str, Any]
    steps: list[Step]
    actors: list[Actor]


def csv(replications: ReplicationQuerySet) -> Iterator[str]:
    """The heading, then a line each; several values are parted by « | »."""
    return lines(_rows(replications))


def _rows(replications: ReplicationQuerySet) -> Iterator[list[Any]]:
    yield list(COLUMNS)
    for one in batches(replications):
        yield [_cell(value) for value in values(one)]


def _cell(value: Any) -> Any:
    """Items of a list are disarmed one by one: a spreadsheet may cut the list into cells."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "|".join(safe(item) for item in value) if isinstance(value, list) else value


def written_json(replications: ReplicationQuerySet) -> Iterator[str]:
    """One object: the licence, and « reprises », an object each."""
    return gathered(_json(replications))


def _json(replications: ReplicationQuerySet) -> Iterator[str]:
    head = {"licence": Licence.ETALAB.value, "source": settings.BASE_URL}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "reprises": ['
    for rank, one in enumerate(batches(replications)):
        said = dict(zip(COLUMNS, values(one), strict=True))
        yield (",\n" if rank else "\n") + json.dumps(said, ensure_ascii=False)
    yield "\n]}\n"


def batches(replications: ReplicationQuerySet) -> Iterator[Line]:
    """Each with all that a line shows; every batch is read by three statements of its own."""
    asked = (
        replications.annotate(
            slug=Coalesce("innovation__merged_into__slug", "innovation__slug"),
            title=Coalesce("innovation__merged_into__title", "innovation__title"),
            above=Case(
                When(parent__publication=Publication.PUBLISHED, then=F("parent__code")),
                default=Value(""),
            ),
            by=Coalesce("repreneur__name", "repreneur_name"),
        )
        .order_by("pk")
        .values("slug", "title", "above", "by", *READ)
    )
    last = 0
    while found := list(asked.filter(pk__gt=last)[:BATCH]):
        last = found[-1]["pk"]
        keys = [row["pk"] for row in found]
        steps, actors = _steps(keys), _actors(keys)
        for row in found:
            yield Line(row, steps[row["pk"]], actors[row["pk"]])


def _steps(keys: Iterable[int]) -> dict[int, list[Step]]:
    """{replication: its valid steps, the first one first}."""
    found: dict[int, list[Step]] = defaultdict(list)
    asked = ReplicationStep.objects.filter(replication__in=keys, annulled_at=None).order_by("pk")
    for key, *step in asked.values_list("replication", "state", "date"):
        found[key].append(Step(*step))
    return found


def _actors(keys: Iterable[int]) -> dict[int, list[Actor]]:
    """{replication: its public actors, by name}."""
    found: dict[int, list[Actor]] = defaultdict(list)
    asked = PublicActor.objects.filter(replication__in=keys).order_by("name")
    for key, name, roles, actions in asked.values_list("replication", "name", "roles", "actions"):
        held = roles_held(tuple(roles), tuple(actions))
        found[key].append(Actor(name, tuple(role.value for role in held)))
    return found


def values(one: Line) -> tuple[Any, ...]:
    """What is public of a replication, in the order of ``COLUMNS``; unknown is ""."""
    row, steps, actors = one
    stop = journal.stop(row["state"], steps)
    return (
        row["code"],
        row["code"].join(_around_code()),
        row["slug"],
        row["title"],
        _record_address(row["slug"]),
        row["above"],
        row["by"],
        row["territory__name"] or "",
        f"{row['territory__kind']}-{row['territory__code']}" if row["territory__code"] else "",
        row["sector"],
        row["service"],
        row["network"],
        row["state"],
        journal.has_begun(row["state"], steps),
        journal.began_on(steps),
        stop.date if stop else "",
        row["approach"],
        row["forms"],
        row["strategies"],
        row["dynamics"],
        row["extent"],
        row["take_up"],
        row["adaptation"],
        [actor.name for actor in actors],
        list(dict.fromkeys(role for actor in actors for role in actor.roles)),
        row["summary"],
        row["kept"],
        row["changed"],
        row["results"],
        row["lessons"],
        row["origin"],
    )


@cache
def _around_code() -> tuple[str, str]:
    """What stands before and after its code in the address of a replication: twenty thousand
    addresses are then made in no time."""
    before, _, after = reverse("essaimage:replication", args=["code"]).rpartition("code")
    return settings.BASE_URL + before, after


@lru_cache(1024)
def _record_address(slug: str) -> str:
    """Of a record, which many replications share."""
    return settings.BASE_URL + reverse("innovations:detail", args=[slug])
