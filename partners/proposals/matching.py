"""Which partners may answer for a project: by what they already publish, theme and place."""

from dataclasses import dataclass

from django.http import QueryDict

from innovations.models import Innovation, SearchRow, Term
from innovations.search import InnovationSearch
from innovations.search_facets import by_partner
from partners.models import Partner, SourceRecord
from partners.vocabularies import Vocabularies
from territories.models import Territory

SHOWN = 8
ALIKE = 5


@dataclass(frozen=True)
class Fit:
    """How many records of the partner share a theme or public, and the département."""

    partner: Partner
    on_subject: int
    on_place: int


def fitting(record: SourceRecord) -> list[Fit]:
    """The active partners that publish most alike, the best first."""
    subject = by_partner(SearchRow.objects.filter(term_ids__overlap=_terms(record)))
    place = by_partner(SearchRow.objects.filter(territory_ids__overlap=_territories(record)))
    slugs = {*subject, *place}
    found = [
        Fit(partner, subject.get(partner.slug, 0), place.get(partner.slug, 0))
        for partner in Partner.objects.active().filter(slug__in=slugs)
    ]
    # A partner of the place knows who is near; then whoever knows the subject.
    found.sort(key=lambda fit: (-(fit.on_place > 0 and fit.on_subject > 0), -fit.on_subject))
    return found[:SHOWN]


def alike(record: SourceRecord) -> list[Innovation]:
    """Public records that the same words find: the project may be there already."""
    query = QueryDict(mutable=True)
    query["q"] = str(record.values.get("title", ""))[:200]
    ids = InnovationSearch.from_query(query).ids(0, ALIKE)
    return list(Innovation.objects.filter(pk__in=ids).select_related("organisation"))


def _terms(record: SourceRecord) -> list[int]:
    words = record.values.get("words") or {}
    codes = Vocabularies.load([record.source_id]).terms(record.source_id, words)
    found = Term.objects.values_list("pk", "vocabulary", "code")
    return [pk for pk, vocabulary, code in found if f"{vocabulary}:{code}" in codes]


def _territories(record: SourceRecord) -> list[int]:
    """The départements of its places; the place itself when it is in none."""
    named = {(s["kind"], s["code"]) for s in record.sites if s.get("code")}
    ids = Territory.objects.ids_at(named).values()
    found = Territory.objects.filter(pk__in=list(ids)).values_list("pk", "departement_id")
    return [departement or pk for pk, departement in found]
