"""An address that several projects give as their page is nobody's page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count

from partners.identity import Group
from partners.mapping import links
from partners.mapping.rules import Rule
from partners.models import Source, SourceRecord
from partners.publishing import publish_records
from partners.suppression import keep_objections_waiting


def claims(projects: Iterable[Any], rules: Sequence[Rule], base: str) -> dict[str, int]:
    """How many projects give each address as their page."""
    own = [rule for rule in rules if rule.target == "url"]
    counted: Counter[str] = Counter()
    for group in projects:
        if isinstance(group, Group):
            row = group.rows[0]
            said = next((v for rule in own if (v := rule.read(row.data))), row.url)
            if page := links.mended(str(said or ""), base):
                counted[page] += 1
    return counted


@transaction.atomic
def forget_shared_pages(source: Source) -> int:
    """Take the address off records that share it, and republish them; returns how many.

    For sources read as a stream, where sharing shows only at the end.
    """
    keep_objections_waiting()
    records = SourceRecord.objects.present().filter(source=source).exclude(url="")
    shared = records.values("url").annotate(number=Count("pk")).filter(number__gt=1)
    concerned = list(records.filter(url__in=shared.values("url")))
    for record in concerned:
        record.url = ""
    SourceRecord.objects.bulk_update(concerned, ["url"], batch_size=500)
    publish_records(concerned)
    return len(concerned)
