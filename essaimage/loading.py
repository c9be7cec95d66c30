"""Loading the replications, national take-ups and statements of a committed data set."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from essaimage.models import (
    DiffusionStatement,
    NationalTakeUp,
    Replication,
    ReplicationStep,
)
from innovations.models import Innovation, Organisation
from territories.models import Territory

FILE = Path(__file__).parent / "data" / "etude-2017.json"
REPLICATION_FIELDS = ("state", "approach", "forms", "dynamics", "extent", "take_up", "summary",
                      "sector", "network", "evidence")  # fmt: skip


@transaction.atomic
def load(path: Path = FILE) -> Counter[str]:
    """Add what the file holds and the database has not; returns counts by outcome.

    What staff changed since is left as it is. An entry whose innovation is unknown is counted
    as « sans fiche » and left for the next time.
    """
    data = json.loads(path.read_text(encoding="utf-8"))
    slugs = {e["innovation"] for part in ("replications", "national_take_ups", "statements")
             for e in data.get(part, [])}  # fmt: skip
    innovations = {i.slug: i for i in Innovation.objects.filter(slug__in=slugs)}
    done: Counter[str] = Counter()
    for part, write in (
        ("replications", _replication),
        ("national_take_ups", _take_up),
        ("statements", _statement),
    ):
        for entry in data.get(part, []):
            innovation = innovations.get(entry["innovation"])
            created = innovation is not None and write(innovation, entry)
            done["sans fiche" if innovation is None else "ajoutées" if created else "déjà là"] += 1
    return done


def _replication(innovation: Innovation, entry: Mapping[str, Any]) -> bool:
    place = entry.get("territory") or {}
    territory = Territory.objects.filter(kind=place.get("kind"), code=place.get("code")).first()
    fields = {name: entry[name] for name in REPLICATION_FIELDS if entry.get(name)}
    replication, created = Replication.objects.get_or_create(
        code=entry["code"],
        defaults={**fields, "innovation": innovation, "territory": territory},
    )
    if created:
        replication.partners.set(Organisation.objects.filter(slug__in=entry.get("partners", [])))
        ReplicationStep.objects.create(
            replication=replication,
            state=entry["state"],
            date=entry.get("date", ""),
            reason=entry.get("summary", ""),
            author=_author(entry),
        )
    return created


def _take_up(innovation: Innovation, entry: Mapping[str, Any]) -> bool:
    return NationalTakeUp.objects.get_or_create(
        innovation=innovation,
        mode=entry["mode"],
        defaults={
            "is_done": entry["is_done"],
            "summary": entry.get("summary", ""),
            "evidence": entry.get("evidence", []),
        },
    )[1]


def _statement(innovation: Innovation, entry: Mapping[str, Any]) -> bool:
    return DiffusionStatement.objects.get_or_create(
        innovation=innovation,
        as_of=entry["as_of"],
        defaults={
            "status": entry["status"],
            "text": entry.get("text", ""),
            "evidence": entry.get("evidence", []),
        },
    )[1]


def _author(entry: Mapping[str, Any]) -> str:
    """The document that states it stands as the author of the step."""
    evidence = entry.get("evidence") or [{}]
    return str(evidence[0].get("document", ""))[:200]
