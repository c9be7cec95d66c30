"""Loading what the study of 2017 says of the projects' spread: replications, national take-ups."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from essaimage.models import (
    DiffusionStatement,
    NationalTakeUp,
    Replication,
    ReplicationStep,
)
from essaimage.tagging import follow
from innovations.models import Innovation, Organisation
from territories.models import Territory

FILE = Path(__file__).parent / "data" / "etude-2017.json"
PLAIN = ("state", "sector", "network", "approach", "extent", "take_up", "summary")
LISTS = ("forms", "dynamics", "evidence")


class Loaded(NamedTuple):
    """How many of each were created, and a French line per entry that speaks of the unknown."""

    replications: int
    take_ups: int
    statements: int
    warnings: list[str]


@transaction.atomic
def load(path: Path = FILE) -> Loaded:
    """Write what the file says of diffusion and is not there yet; idempotent.

    What staff changed since is left as it is; an entry whose innovation is unknown waits.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    entries = [*data["replications"], *data["national_take_ups"], *data["statements"]]
    innovations = _innovations({e["innovation"] for e in entries})
    warnings = [
        f"Innovation absente : {slug}"
        for slug in sorted({e["innovation"] for e in entries} - set(innovations))
    ]
    replications = [r for r in data["replications"] if r["innovation"] in innovations]
    take_ups = [t for t in data["national_take_ups"] if t["innovation"] in innovations]
    statements = [s for s in data["statements"] if s["innovation"] in innovations]
    loaded = Loaded(
        _replications(replications, innovations, warnings),
        _take_ups(take_ups, innovations),
        _statements(statements, innovations),
        warnings,
    )
    follow(innovations.values())
    return loaded


def _innovations(slugs: set[str]) -> dict[str, int]:
    return dict(Innovation.objects.filter(slug__in=slugs).values_list("slug", "pk"))


def _replications(
    entries: Sequence[Mapping[str, Any]], innovations: Mapping[str, int], warnings: list[str]
) -> int:
    known = set(Replication.objects.values_list("code", flat=True))
    wanted = [e for e in entries if e["code"] not in known]
    territories = _territories(wanted)
    new = Replication.objects.bulk_create(
        Replication(
            code=e["code"],
            innovation_id=innovations[e["innovation"]],
            territory_id=territories.get(_place(e)),
            **{name: e.get(name, "") for name in PLAIN},
            **{name: e.get(name, []) for name in LISTS},
        )
        for e in wanted
    )
    ReplicationStep.objects.bulk_create(
        # The document that states it stands as the author of the step.
        ReplicationStep(replication=r, state=r.state, author=_document(r)[:200])
        for r in new
    )
    _link_partners(list(zip(new, wanted, strict=True)), warnings)
    return len(new)


def _document(replication: Replication) -> str:
    return str(replication.evidence[0].get("document", "")) if replication.evidence else ""


def _place(entry: Mapping[str, Any]) -> tuple[str, str]:
    place = entry.get("territory") or {}
    return (place.get("kind", ""), place.get("code", ""))


def _territories(entries: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    codes = {_place(e)[1] for e in entries} - {""}
    found = Territory.objects.filter(code__in=codes)
    return {(kind, code): pk for pk, kind, code in found.values_list("pk", "kind", "code")}


def _link_partners(
    pairs: Sequence[tuple[Replication, Mapping[str, Any]]], warnings: list[str]
) -> None:
    slugs = {slug for _, e in pairs for slug in e.get("partners", [])}
    known = dict(Organisation.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    warnings += [f"Organisation absente : {slug}" for slug in sorted(slugs - set(known))]
    through = Replication.partners.through
    through.objects.bulk_create(
        through(replication_id=r.pk, organisation_id=known[slug])
        for r, e in pairs
        for slug in e.get("partners", [])
        if slug in known
    )


def _take_ups(entries: Sequence[Mapping[str, Any]], innovations: Mapping[str, int]) -> int:
    known = set(NationalTakeUp.objects.values_list("innovation", "mode"))
    new = [
        NationalTakeUp(
            innovation_id=innovations[e["innovation"]],
            mode=e["mode"],
            is_done=e["is_done"],
            summary=e.get("summary", ""),
            evidence=e.get("evidence", []),
        )
        for e in entries
        if (innovations[e["innovation"]], e["mode"]) not in known
    ]
    return len(NationalTakeUp.objects.bulk_create(new))


def _statements(entries: Sequence[Mapping[str, Any]], innovations: Mapping[str, int]) -> int:
    known = set(DiffusionStatement.objects.values_list("innovation", "as_of"))
    new = [
        DiffusionStatement(
            innovation_id=innovations[e["innovation"]],
            status=e["status"],
            as_of=e["as_of"],
            text=e.get("text", ""),
            evidence=e.get("evidence", []),
        )
        for e in entries
        if (innovations[e["innovation"]], e["as_of"]) not in known
    ]
    return len(DiffusionStatement.objects.bulk_create(new))
