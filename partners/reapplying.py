"""The suppression list after a restore: what a backup brought back goes again, and stays away."""

import json
from collections import Counter
from typing import Any

from django.core import serializers
from django.db import transaction

from innovations import vocabulary
from innovations.models import Innovation
from partners.data_erasure import redact_again
from partners.erasure import Target, erase, target_of_records
from partners.models import Objection, SourceRecord, SuppressedDatum, SuppressedRecord
from partners.suppression import Suppressions, page_is_gone, wait_for_harvests

NAMED = (
    "pk", "source__slug", "external_id", "url", "values__title", "values__porteur__name",
)  # fmt: skip
BATCH = 500


def kept() -> str:
    """The list and the settled objections behind it, as JSON; no personal data is left in them."""
    settled = list(Objection.objects.exclude(settled_at=None).order_by("pk"))
    for objection in settled:
        # Rows that the restored database may not have.
        objection.innovation = objection.settled_by = None
    listed = (SuppressedRecord.objects.order_by("pk"), SuppressedDatum.objects.order_by("pk"))
    return serializers.serialize("json", [*settled, *listed[0], *listed[1]])


@transaction.atomic
def reapply(text: str = "[]") -> list[tuple[str, int]]:
    """Add to the list what ``kept`` saved, and take out of every table all that is on it.

    Returns (what, how many rows). Raises ``SuppressionKeyLost``.
    """
    wait_for_harvests()
    _complete(json.loads(text))
    suppressions = Suppressions.load()
    counts = Counter(dict(_erase_records(suppressions)))
    if objection := Objection.objects.exclude(settled_at=None).order_by("-pk").first():
        counts.update(dict(redact_again(suppressions, objection)))
    if counts:
        vocabulary.forget()
    return counts.most_common()


def _complete(saved: list[dict[str, Any]]) -> None:
    """Write the rows of the list that the restored database does not have."""
    known = {
        *SuppressedRecord.objects.values_list("digest", flat=True),
        *SuppressedDatum.objects.values_list("digest", flat=True),
    }
    missing = [r for r in saved if r["fields"].get("digest") and r["fields"]["digest"] not in known]
    wanted = {r["fields"]["objection"] for r in missing}
    by_pk = {r["pk"]: r for r in saved if "digest" not in r["fields"]}
    # Numbered anew: the restored database gave these numbers, or will, to others.
    renumbered: dict[int, int] = {}
    for pk in sorted(wanted & set(by_pk)):
        renumbered[pk] = _saved({**by_pk[pk], "pk": None})
    for row in missing:
        fields = {**row["fields"], "objection": renumbered[row["fields"]["objection"]]}
        _saved({**row, "pk": None, "fields": fields})


def _saved(row: dict[str, Any]) -> int:
    (restored,) = serializers.deserialize("json", json.dumps([row]))
    restored.save()
    return int(restored.object.pk)


def _erase_records(suppressions: Suppressions) -> list[tuple[str, int]]:
    if not suppressions.has_records:
        return []
    listed = [
        pk
        for pk, *said in SourceRecord.objects.values_list(*NAMED).iterator(chunk_size=BATCH)
        if suppressions.hides(*(s or "" for s in said))
    ]
    target = target_of_records(listed) if listed else Target()
    known = {i.pk for i in target.innovations}
    # Those that no source record holds any more are known by their address.
    rows = Innovation.objects.exclude(pk__in=known).values_list("pk", "slug")
    gone = [pk for pk, slug in rows if page_is_gone(slug)]
    alone = list(Innovation.objects.filter(pk__in=gone).select_related("organisation"))
    target = Target([*target.innovations, *alone], target.records)
    return [] if target.is_empty else erase(target)
