"""A partner's site that changes its address: its records keep their identity, links follow."""

from typing import Any

from django.db import models, transaction
from django.db.models import F, Func, JSONField, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Concat, Substr

from innovations.models import Citation, Picture
from partners.mapping import links
from partners.models import Source, SourceRecord


@transaction.atomic
def move_source(source: Source, url: str) -> int:
    """Harvest the source at ``url`` from now on; the links of its records to its former origin,
    their pictures' too, are rewritten to the new one. Returns how many records followed.

    Identifiers and fingerprints do not depend on the origin: nothing else changes.
    """
    before, after = links.origin(source.url), links.origin(url)
    moved = 0
    if before and before != after:
        records = SourceRecord.objects.filter(source=source)
        moved = _rewrite(records, "url", before, after)
        _rewrite(Citation.objects.filter(source_slug=source.slug), "url", before, after)
        _rewrite_pictures(records, before, after)
    if source.url != url:
        source.url = url
        source.save(update_fields=["url"])
    return moved


def _rewrite_pictures(records: models.QuerySet, before: str, after: str) -> None:
    """What was copied or taken away stays so: only the address changes, on both sides at once."""
    ours = Picture.objects.filter(source_record__in=records.values("pk"))
    _rewrite(ours, "source_url", before, after)
    said = _moved(KT("values__picture"), before, after)
    told: Any = Func(Cast(said, TextField()), function="to_jsonb", output_field=JSONField())
    records.filter(values__picture__startswith=f"{before}/").update(
        values=Func(
            F("values"), Value("{picture}"), told, function="jsonb_set", output_field=JSONField()
        )
    )


def _rewrite(rows: models.QuerySet, field: str, before: str, after: str) -> int:
    concerned = rows.filter(**{f"{field}__startswith": f"{before}/"})
    return concerned.update(**{field: _moved(F(field), before, after)})


def _moved(url: Any, before: str, after: str) -> Concat:
    return Concat(Value(after), Substr(url, len(before) + 1))
