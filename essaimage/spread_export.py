"""Replications as open data: CSV and JSON, a few hundred at a time, without anyone's address."""

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Prefetch

from carrefour.spreadsheets import lines, safe
from essaimage.models import PublicActor, Replication
from essaimage.querysets import ReplicationQuerySet
from innovations.licences import Licence

BATCH = 500
COLUMNS = (
    "identifiant", "page", "innovation", "titre_innovation", "fiche", "reprise_de", "repreneur",
    "territoire", "code_territoire", "secteur", "service", "reseau", "etat", "commencee", "debut",
    "fin", "approche", "formes", "strategies", "dynamiques", "portee", "reprise_publique",
    "adaptation", "acteurs_publics", "roles_publics", "ce_qui_est_repris", "ce_qui_est_reste",
    "ce_qui_a_change", "resultats", "enseignements", "origine",
)  # fmt: skip


def csv(replications: ReplicationQuerySet) -> Iterator[str]:
    """The heading, then a line each; several values are parted by « | »."""
    return lines(_rows(replications))


def _rows(replications: ReplicationQuerySet) -> Iterator[list[Any]]:
    yield list(COLUMNS)
    for one in batches(replications):
        yield [_cell(value) for value in record(one).values()]


def _cell(value: Any) -> Any:
    """Items of a list are disarmed one by one: a spreadsheet may cut the list into cells."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "|".join(safe(item) for item in value) if isinstance(value, list) else value


def written_json(replications: ReplicationQuerySet) -> Iterator[str]:
    """One object: the licence, and « reprises », an object each."""
    head = {"licence": Licence.ETALAB.value, "source": settings.BASE_URL}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "reprises": ['
    for rank, one in enumerate(batches(replications)):
        yield (",\n" if rank else "\n") + json.dumps(record(one), ensure_ascii=False)
    yield "\n]}\n"


def batches(replications: ReplicationQuerySet) -> Iterator[Replication]:
    """Each with all that a line shows; every batch is read by statements of its own."""
    actors = Prefetch("public_actors", PublicActor.objects.order_by("name"))
    asked = (
        replications.for_record()
        .select_related("innovation__merged_into", "parent")
        .prefetch_related(actors)
        .order_by("pk")
    )
    last = 0
    while found := list(asked.filter(pk__gt=last)[:BATCH]):
        yield from found
        last = found[-1].pk


def record(one: Replication) -> dict[str, Any]:
    """What is public of a replication, by ``COLUMNS``; unknown is ""."""
    project, place = one.shown_innovation, one.territory
    actors = list(one.public_actors.all())
    above = one.parent if one.parent and one.parent.is_public else None
    values = (
        one.code,
        f"{settings.BASE_URL}{one.get_absolute_url()}",
        project.slug,
        project.title,
        f"{settings.BASE_URL}{project.get_absolute_url()}",
        above.code if above else "",
        one.repreneur_shown,
        place.name if place else "",
        f"{place.kind}-{place.code}" if place else "",
        one.sector,
        one.service,
        one.network,
        one.state,
        one.has_begun,
        one.began_on,
        one.stopped_on,
        one.approach,
        one.forms,
        one.strategies,
        one.dynamics,
        one.extent,
        one.take_up,
        one.adaptation,
        [actor.name for actor in actors],
        list(dict.fromkeys(role.value for actor in actors for role in actor.all_roles)),
        one.summary,
        one.kept,
        one.changed,
        one.results,
        one.lessons,
        one.origin,
    )
    return dict(zip(COLUMNS, values, strict=True))
