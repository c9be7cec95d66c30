"""What each partner says of a record, field by field, in the terms of the record's own fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from innovations import fields
from innovations.composition import REPRODUCTION, Contribution
from innovations.licences import Licence
from innovations.models import Innovation
from partners.models import Partner, Source, SourceRecord
from partners.publishing import contribution
from partners.vocabularies import Vocabularies

# Those that a page can show beside one another; the project's before its sites'.
MOST = 40


@dataclass(frozen=True)
class Statement:
    """One partner's value of one field. ``is_shown``: it is what the public reads."""

    record_id: int
    partner: str
    source: str
    url: str
    licence: Licence
    value: Any
    is_shown: bool


def of(innovation: Innovation) -> dict[str, list[Statement]]:
    """Field → what its first present source records say of it; a fixed number of queries."""
    present = SourceRecord.objects.present().filter(innovation=innovation).defer("raw", "problems")
    records = list(present.order_by("is_site", "pk")[:MOST])
    sources = Source.objects.select_related("partner").in_bulk({r.source_id for r in records})
    vocabularies = Vocabularies.load(sources)
    told = [contribution(r, sources[r.source_id], vocabularies, {}) for r in records]
    return {name: found for name in fields.FIELDS if (found := _on(name, told, innovation))}


def partners_of(innovation: Innovation) -> QuerySet[Partner]:
    """The partners whose present records speak of the innovation, each once."""
    present = SourceRecord.objects.present().filter(innovation=innovation)
    return Partner.objects.filter(sources__records__in=present).distinct().order_by("name")


def _on(name: str, told: Sequence[Contribution], innovation: Innovation) -> list[Statement]:
    return [
        Statement(
            record_id=said.record_id,
            partner=said.partner_name,
            source=said.source_name,
            url=said.url,
            licence=Licence(said.licence),
            value=value,
            is_shown=innovation.origins.get(name) == said.record_id,
        )
        for said in told
        if (value := _value(name, said.values)) not in (None, "", [], {})
    ]


def _value(name: str, values: Mapping[str, Any]) -> Any:
    family, _, column = name.partition(".")
    if family == REPRODUCTION:
        return values.get(REPRODUCTION, {}).get(column)
    return sorted(values["terms"]) if name == "terms" and "terms" in values else values.get(name)
