"""What a record's page shows of an innovation: facts with labels, sources, structured data."""

import datetime
import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from carrefour.text import excerpt, one_line
from innovations import enrichment
from innovations.composition import EXTRACT_LENGTH, REPRODUCTION, STAFF
from innovations.models import (
    Citation,
    Completeness,
    CreditKind,
    EconomicModel,
    Evidence,
    FieldEdit,
    Innovation,
    Link,
    Location,
    Maturity,
    Picture,
    Reproduction,
    Term,
    Vocabulary,
)
from innovations.provenance import BLOCKS, REPRODUCING, Origin, Provenance
from innovations.search_facets import FACETS
from innovations.similar import Likenesses, similar

LABELS = {
    "title": "titre",
    "summary": "résumé",
    "description": "description",
    "website": "site web",
    "nature": "nature",
    "maturity": "maturité",
    "reach": "portée",
    "started_year": "année de démarrage",
    "is_commun": "commun",
    "commun_governance": "gouvernance du commun",
    "commun_licence": "licence du commun",
    "organisation": "structure porteuse",
    "terms": "thèmes, publics et méthodes",
    "places": "lieux",
    **{f"{REPRODUCTION}.{f.name}": str(f.verbose_name) for f in Reproduction.text_fields()},
    **{name: enrichment.label(name) for name in enrichment.FIELDS},
}
# What data sets and partners call these fields, beside their names here.
ALIASES = {
    "porteur": "structure porteuse",
    "themes": "thèmes",
    "publics": "publics",
    "methods": "méthodes",
    "territories": "lieux",
    "diffusion": "diffusion",
    "year": "année de démarrage",
    "name": "nom",
    "kind": "nature",
    "roles": "rôle",
    "flags": "remarque",
    "role": "rôle",
    "strategy": "stratégie",
    "territory": "territoire",
    "website_as_printed": "site web, tel qu’imprimé",
}
STATE_BADGES = {
    Maturity.ARRETEE: "fr-badge--warning",
    Maturity.INABOUTIE: "fr-badge--warning",
    Maturity.GENERALISEE: "fr-badge--success",
}
MEANS = enrichment.columns("means")
PARAMETERS = {facet.vocabulary: facet.name for facet in FACETS if facet.vocabulary}
# As Django's json_script: nothing in the data can close the element or open a comment.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Tag:
    label: str
    url: str


class Cited(NamedTuple):
    """A document, and for each place in it the references it gives."""

    document: str
    places: list[tuple[str, list[Evidence]]]


@dataclass(frozen=True)
class Source:
    """A partner's record behind this page, and the fields that are shown from it."""

    citation: Citation
    gives: tuple[str, ...]
    dead_since: datetime.datetime | None = None

    @property
    def link(self) -> str:
        verb = "Voir la fiche chez" if self.citation.is_record_page else "Voir le site de"
        return f"{verb} {self.citation.partner_name}"


@dataclass(frozen=True)
class RecordPage:
    innovation: Innovation

    @cached_property
    def lead(self) -> str:
        """The summary, or the beginning of the description; a short extract for a reference."""
        text = self.innovation.summary or self._plain_description
        if self.innovation.is_reference:
            return excerpt(text, EXTRACT_LENGTH)
        return self.innovation.summary

    @property
    def _plain_description(self) -> str:
        return one_line(html.unescape(strip_tags(self.innovation.description)))

    @property
    def description(self) -> str:
        """The page's meta description."""
        text = self.innovation.summary or self._plain_description
        return excerpt(text, 160) or self.innovation.title

    @property
    def maturity_badge(self) -> str:
        return STATE_BADGES.get(self.innovation.maturity, "fr-badge--info")  # type: ignore[call-overload]

    @cached_property
    def picture(self) -> Picture | None:
        """What there is to show or to link; a reference shows nothing of its source's."""
        picture = getattr(self.innovation, "picture", None)
        if picture is None or (picture.is_shown and self.innovation.is_reference):
            return None
        return picture

    # --- terms --------------------------------------------------------------------------------

    @property
    def themes(self) -> list[Tag]:
        return self._tags(Vocabulary.THEME)

    @property
    def publics(self) -> list[Tag]:
        return self._tags(Vocabulary.PUBLIC)

    @property
    def methods(self) -> list[Tag]:
        return self._tags(Vocabulary.METHOD)

    def _tags(self, vocabulary: str) -> list[Tag]:
        terms = [t for t in self.innovation.terms.all() if t.vocabulary == vocabulary]
        return [Tag(t.label, term_url(t)) for t in terms]

    # --- to reproduce -------------------------------------------------------------------------

    @cached_property
    def reproduction(self) -> list[tuple[str, str]]:
        """(label, text) of what is known to reproduce the project."""
        return [(label, text) for label, text in self._reproduction() if text]

    @property
    def missing(self) -> list[str]:
        return [label for label, text in self._reproduction() if not text]

    def _reproduction(self) -> Iterable[tuple[str, str]]:
        known = getattr(self.innovation, "reproduction", None)
        for field in Reproduction.text_fields():
            yield str(field.verbose_name), getattr(known, field.name, "")

    @cached_property
    def means(self) -> list[tuple[str, str]]:
        """(label, text) of the means told one by one."""
        known = getattr(self.innovation, "means", None)
        told = ((enrichment.label(f"means.{n}"), getattr(known, n, "")) for n in MEANS)
        return [(label, text) for label, text in told if text]

    @property
    def economics(self) -> EconomicModel | None:
        return getattr(self.innovation, "economics", None)

    @property
    def documentation(self) -> Any:
        return getattr(self.innovation, "documentation", None)

    @cached_property
    def credits(self) -> list[tuple[str, str, str]]:
        """(label, « corrigé grâce à », name) of the fields that people outside the team gave."""
        found: dict[str, FieldEdit] = {}
        for edit in FieldEdit.objects.of([self.innovation.pk]):
            found.setdefault(edit.field, edit)
        return [
            (LABELS.get(name, name), edit.get_credit_kind_display(), edit.credit)
            for name, edit in found.items()
            # A visitor who asked for no name is not told of; a name removed on request neither.
            if (edit.credit or edit.credit_kind == CreditKind.PORTEUR) and "[" not in edit.credit
        ]

    # --- places -------------------------------------------------------------------------------

    @cached_property
    def places(self) -> list[Location]:
        return self.innovation.shown_locations

    @property
    def has_map(self) -> bool:
        return any(self._is_on_map(place) for place in self.places)

    def _is_on_map(self, place: Location) -> bool:
        if place.longitude is not None and not self.innovation.is_reference:
            return True
        found = place.territory
        return bool(found and found.kind != "pays" and found.longitude is not None)

    # --- others like it -----------------------------------------------------------------------

    @cached_property
    def likenesses(self) -> Likenesses:
        return similar(self.innovation)

    # --- sources ------------------------------------------------------------------------------

    @cached_property
    def sources(self) -> list[Source]:
        return [
            Source(
                citation,
                tuple(self._given_by(citation.source_record)),
                self._dead.get(citation.url),
            )
            for citation in self.innovation.citations.all()
        ]

    @cached_property
    def _dead(self) -> dict[str, datetime.datetime | None]:
        """Address → since when it does not answer, of those that are certainly dead."""
        urls = {self.innovation.website, *(c.url for c in self.innovation.citations.all())} - {""}
        return {k.url: k.failing_since for k in Link.objects.dead().among(urls)} if urls else {}

    @property
    def website_dead_since(self) -> datetime.datetime | None:
        return self._dead.get(self.innovation.website)

    @property
    def completeness(self) -> Completeness | None:
        return getattr(self.innovation, "completeness", None)

    def _given_by(self, record: int) -> list[str]:
        given = [name for name, origin in self.innovation.origins.items() if origin == record]
        return [LABELS[name] for name in LABELS if name in given]

    @property
    def staff_gives(self) -> list[str]:
        """Labels of the fields that the team of the carrefour wrote."""
        origins = self.innovation.origins.items()
        return [LABELS.get(name, name) for name, origin in origins if origin == STAFF]

    @cached_property
    def provenance(self) -> dict[str, list[Origin]]:
        """Block of the page → where each of its fields comes from; nothing of a reference's."""
        if self.innovation.is_reference:
            return {}
        found = Provenance(self.innovation, LABELS)
        return {name: found.block(name) for name in (*BLOCKS, REPRODUCING)}

    def tells_site(self, place: Location) -> list[Citation]:
        """The sources that tell this place, when several sources tell the places."""
        citations = {c.source_record: c for c in self.innovation.citations.all()}
        if len(citations) < 2:
            return []
        return [citations[pk] for pk in place.source_records if pk in citations]

    @property
    def evidence(self) -> list[Cited]:
        return by_document(self.innovation.evidence.all())

    @property
    def objection_url(self) -> str:
        return f"{reverse('partners:object')}?{urlencode({'fiche': self.innovation.slug})}"

    # --- structured data ----------------------------------------------------------------------

    @property
    def json_ld(self) -> SafeString:
        """The record as schema.org CreativeWork, safe inside a script element."""
        return mark_safe(json.dumps(self._schema(), ensure_ascii=False).translate(ESCAPES))

    def _schema(self) -> dict[str, Any]:
        innovation = self.innovation
        licences = [s.citation.licence_object for s in self.sources if s.citation.licence]
        found = {
            "@context": "https://schema.org",
            "@type": "CreativeWork",
            "@id": settings.BASE_URL + innovation.get_absolute_url(),
            "url": settings.BASE_URL + innovation.get_absolute_url(),
            "name": innovation.title,
            "description": self.lead or self.description,
            "inLanguage": "fr",
            "datePublished": innovation.published_at and innovation.published_at.isoformat(),
            "dateModified": innovation.updated_at.isoformat(),
            "keywords": [tag.label for tag in (*self.themes, *self.publics, *self.methods)],
            "creator": innovation.organisation
            and not innovation.is_reference
            and {"@type": "Organization", "name": innovation.organisation.name},
            "spatialCoverage": [
                _schema_place(place, not innovation.is_reference) for place in self.places
            ],
            "isBasedOn": [s.citation.url for s in self.sources if s.citation.url],
            "license": [licence.url for licence in licences if licence.url],
        }
        return {name: value for name, value in found.items() if value}


def by_document(evidence: Iterable[Evidence]) -> list[Cited]:
    """The references by document, then by place in it; the order of both is that of their names."""

    def place(reference: Evidence) -> str:
        page = f"p. {reference.page}" if reference.page else ""
        return ", ".join(part for part in (reference.section, page) if part)

    ordered = sorted(evidence, key=lambda e: (e.document, place(e), e.pk))
    return [
        Cited(document, [(where, list(said)) for where, said in groupby(found, key=place)])
        for document, found in groupby(ordered, key=lambda e: e.document)
    ]


def field_label(name: str) -> str:
    """A field's name in French: « structure porteuse »; as it stands when unknown."""
    return LABELS.get(name) or LABELS.get(f"{REPRODUCTION}.{name}") or ALIASES.get(name, name)


def term_url(term: Term) -> str:
    """The search of everything under this term."""
    return f"{reverse('innovations:search')}?{urlencode({PARAMETERS[term.vocabulary]: term.code})}"


def _schema_place(place: Location, with_point: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "Place", "name": str(place.territory or place.label)}
    if place.longitude is not None and with_point:
        point = {"latitude": place.latitude, "longitude": place.longitude}
        found["geo"] = {"@type": "GeoCoordinates", **point}
    return found
