"""A partner's site that changes its address: its records keep their identity, links follow."""

from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from innovations.models import Citation
from partners.mapping import links
from partners.models import Source, SourceRecord


@transaction.atomic
def move_source(source: Source, url: str) -> int:
    """Harvest the source at ``url`` from now on; the links of its records to its former origin
    are rewritten to the new one. Returns how many records followed.

    Identifiers and fingerprints do not depend on the origin: nothing else changes.
    """
    before, after = links.origin(source.url), links.origin(url)
    moved = 0
    if before and before != after:
        moved = _rewrite(SourceRecord.objects.filter(source=source), before, after)
        _rewrite(Citation.objects.filter(source_slug=source.slug), before, after)
    if source.url != url:
        source.url = url
        source.save(update_fields=["url"])
    return moved


def _rewrite(rows: models.QuerySet, before: str, after: str) -> int:
    rest = Substr(F("url"), len(before) + 1)
    return rows.filter(url__startswith=f"{before}/").update(url=Concat(Value(after), rest))
