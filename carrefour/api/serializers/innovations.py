"""An innovation as the API gives it, within what the licences of its sources allow."""

import html
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carrefour.api.serializers.plain import LicenceSerializer, PageField, PlainSerializer
from carrefour.api.serializers.replications import SpreadSerializer
from carrefour.api.serializers.terms import TermReferenceSerializer
from carrefour.api.serializers.territories import LocatedTerritorySerializer
from carrefour.text import excerpt
from innovations.composition import EXTRACT_LENGTH, STAFF
from innovations.models import (
    Citation,
    DocumentBasis,
    DocumentKind,
    GrantDependence,
    Innovation,
    LegalForm,
    Maturity,
    Means,
    Nature,
    Reach,
    Reproduction,
    Resource,
    Vocabulary,
)
from innovations.provenance import open_alternatives

# What a reference keeps: its title, a short extract, where to read on, the directory's indexing.
KEPT_IN_REFERENCE = {
    "slug", "url", "title", "summary", "is_reference", "themes", "publics", "methods",
    "locations", "sources", "origins", "former_slugs", "published_at", "updated_at",
    "completeness", "spread",
}  # fmt: skip
BLOCK_END = re.compile(r"</(p|li|h\d|div|td|th|blockquote)>|<br")
# Texts that only an open licence lets us give whole.
PROTECTED = ("description", "commun_governance")


class OrganisationSerializer(PlainSerializer):
    slug = serializers.SlugField(help_text="Identifiant.")
    url = PageField()
    name = serializers.CharField(help_text="Nom.")
    legal_form = serializers.ChoiceField(
        choices=LegalForm.choices, allow_null=True, help_text="Forme juridique."
    )


class LocationSerializer(PlainSerializer):
    label = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="Lieu tel que la source l’écrit."
    )
    territory = LocatedTerritorySerializer(
        allow_null=True, help_text="Territoire reconnu ; null si le lieu n’a pu être rattaché."
    )
    longitude = serializers.FloatField(allow_null=True, help_text="En degrés (WGS 84).")
    latitude = serializers.FloatField(allow_null=True, help_text="En degrés (WGS 84).")
    confidence = serializers.FloatField(help_text="Certitude du rattachement, de 0 à 1.")


class NamedSerializer(PlainSerializer):
    slug = serializers.SlugField(help_text="Identifiant.")
    name = serializers.CharField(help_text="Nom.")


class CitedSourceSerializer(PlainSerializer):
    partner = serializers.SerializerMethodField(help_text="Partenaire.")
    source = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="Source du partenaire."
    )
    url = serializers.URLField(allow_null=True, help_text="Où lire la fiche d’origine.")
    is_record_page = serializers.BooleanField(
        help_text="Faux si le lien mène au site du partenaire, faute de page propre à la fiche."
    )
    licence = LicenceSerializer(source="licence_object", help_text="Licence de cette fiche.")
    collected_at = serializers.DateTimeField(help_text="Date de la collecte.")
    provides = serializers.ListField(
        child=serializers.CharField(),
        source="fields",
        help_text="Champs qu’elle renseigne.",
    )

    @extend_schema_field(NamedSerializer)
    def get_partner(self, citation: Citation) -> dict[str, str]:
        return {"slug": citation.partner_slug, "name": citation.partner_name}

    @extend_schema_field(NamedSerializer)
    def get_source(self, citation: Citation) -> dict[str, str]:
        return {"slug": citation.source_slug, "name": citation.source_name}


class OriginSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="Champ, ou « terms » pour les trois vocabulaires.")
    written_by = serializers.ChoiceField(
        choices=[("partenaire", "Un partenaire"), ("equipe", "L’équipe de l’annuaire")],
        help_text="Qui a écrit la valeur publiée.",
    )
    partner = serializers.SlugField(allow_null=True, help_text="Partenaire.")
    source = serializers.SlugField(  # type: ignore[assignment]
        allow_null=True, help_text="Source."
    )
    licence = serializers.CharField(allow_null=True, help_text="Code de la licence.")
    url = serializers.URLField(allow_null=True, help_text="Où lire la fiche d’origine.")


class AlternativeSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="Champ, nommé comme dans « origins ».")
    value = serializers.JSONField(help_text="Ce que cette source en dit, du type du champ.")
    partner = serializers.SlugField(help_text="Partenaire.")
    source = serializers.SlugField(help_text="Source.")  # type: ignore[assignment]
    licence = serializers.CharField(help_text="Code de la licence, toujours ouverte.")
    url = serializers.URLField(allow_null=True, help_text="Où lire la fiche d’origine.")


class ReproductionSerializer(PlainSerializer, serializers.ModelSerializer):
    class Meta:
        model = Reproduction
        fields = [field.name for field in Reproduction.text_fields()]
        extra_kwargs = {
            field.name: {
                "allow_null": True,
                "help_text": str(field.verbose_name).capitalize() + ".",
            }
            for field in Reproduction.text_fields()
        }


class MeansSerializer(PlainSerializer, serializers.ModelSerializer):
    class Meta:
        model = Means
        fields = ("budget", "staff", "partners", "premises", "data")
        extra_kwargs = {
            name: {
                "allow_null": True,
                "help_text": str(Means._meta.get_field(name).verbose_name).capitalize() + ".",  # type: ignore[union-attr]
            }
            for name in fields
        }


class ResourceSerializer(serializers.Serializer):
    resource = serializers.ChoiceField(
        choices=Resource.choices, source="kind", help_text="Ressource."
    )
    share = serializers.IntegerField(allow_null=True, help_text="Part, en %, si elle est connue.")


class EconomicModelSerializer(PlainSerializer):
    resources = ResourceSerializer(many=True, help_text="Ressources.")
    grant_dependence = serializers.ChoiceField(
        choices=GrantDependence.choices, allow_null=True, help_text="Dépendance aux subventions."
    )
    payers = serializers.CharField(allow_null=True, help_text="Qui paie.")
    beneficiaries = serializers.CharField(allow_null=True, help_text="Qui en bénéficie.")
    beneficiary_cost = serializers.FloatField(
        allow_null=True, help_text="Coût par bénéficiaire, en euros."
    )
    cost_basis = serializers.CharField(allow_null=True, help_text="Ce que ce coût recouvre.")
    autonomy = serializers.CharField(allow_null=True, help_text="Autonomie du projet.")


class DocumentationSerializer(PlainSerializer):
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=DocumentKind.choices),
        help_text="Documents disponibles.",
    )
    basis = serializers.ChoiceField(
        choices=DocumentBasis.choices, allow_null=True, help_text="Origine de la documentation."
    )


class EvidenceSerializer(PlainSerializer):
    field = serializers.CharField(allow_null=True, help_text="Champ que la référence appuie.")
    document = serializers.CharField(help_text="Document.")
    section = serializers.CharField(allow_null=True, help_text="Partie du document.")
    page = serializers.CharField(allow_null=True, help_text="Page.")
    quote = serializers.CharField(allow_null=True, help_text="Phrase citée.")


class ReasonSerializer(serializers.Serializer):
    criterion = serializers.CharField(source="criterion.code", help_text="Code du critère.")
    label = serializers.CharField(  # type: ignore[assignment]
        source="criterion.label", help_text="Libellé."
    )
    weight = serializers.IntegerField(help_text="Poids ; 0 si le critère est sans objet.")
    value = serializers.IntegerField(
        allow_null=True, help_text="Ce qui est rempli, en pour cent ; null s’il est sans objet."
    )
    gain = serializers.FloatField(help_text="Points que le critère ferait gagner, s’il manque.")
    advice = serializers.CharField(
        source="criterion.advice", help_text="Ce qui ferait gagner ces points."
    )


class CompletenessSerializer(serializers.Serializer):
    score = serializers.IntegerField(help_text="De 0 à 100.")
    reasons = ReasonSerializer(many=True, help_text="Critère par critère.")


class InnovationSerializer(PlainSerializer):
    slug = serializers.SlugField(help_text="Identifiant stable.")
    url = PageField(help_text="Fiche publique.")
    title = serializers.CharField(help_text="Titre.")
    summary = serializers.CharField(allow_null=True, help_text="Résumé, en texte simple.")
    description = serializers.CharField(
        allow_null=True, help_text="Description, en HTML sans script ni style."
    )
    is_reference = serializers.BooleanField(
        help_text="Vrai si aucune source n’est sous licence ouverte : titre, court extrait, "
        "liens, et ce dont l’annuaire l’a indexée (thèmes, publics, méthodes, territoires) ; les "
        "autres champs sont vides."
    )
    nature = serializers.ChoiceField(choices=Nature.choices, allow_null=True, help_text="Nature.")
    maturity = serializers.ChoiceField(
        choices=Maturity.choices, allow_null=True, help_text="Maturité."
    )
    reach = serializers.ChoiceField(choices=Reach.choices, allow_null=True, help_text="Portée.")
    started_year = serializers.IntegerField(allow_null=True, help_text="Année de démarrage.")
    website = serializers.URLField(allow_null=True, help_text="Site web du projet.")
    organisation = OrganisationSerializer(allow_null=True, help_text="Structure porteuse.")
    themes = serializers.SerializerMethodField(help_text="Thèmes.")
    publics = serializers.SerializerMethodField(help_text="Publics.")
    methods = serializers.SerializerMethodField(help_text="Méthodes.")
    locations = LocationSerializer(many=True, help_text="Lieux où le projet agit.")
    is_commun = serializers.BooleanField(allow_null=True, help_text="Le projet est-il un commun ?")
    commun_governance = serializers.CharField(allow_null=True, help_text="Gouvernance du commun.")
    commun_licence = serializers.CharField(allow_null=True, help_text="Licence du commun.")
    reproduction = ReproductionSerializer(allow_null=True, help_text="Pour reproduire ce projet.")
    means = MeansSerializer(allow_null=True, help_text="Moyens, un par un.")
    economics = EconomicModelSerializer(allow_null=True, help_text="Modèle économique.")
    documentation = DocumentationSerializer(allow_null=True, help_text="Documentation.")
    sources = CitedSourceSerializer(
        many=True, source="citations", help_text="Fiches des partenaires dont celle-ci est tirée."
    )
    origins = serializers.SerializerMethodField(help_text="Origine de chaque champ renseigné.")
    alternatives = serializers.SerializerMethodField(
        help_text="Ce que d’autres sources, sous licence ouverte, disent du même champ."
    )
    former_slugs = serializers.SerializerMethodField(
        help_text="Identifiants des fiches réunies à celle-ci ; leurs adresses y mènent."
    )
    evidence = EvidenceSerializer(many=True, help_text="Documents qui appuient les faits.")
    spread = serializers.SerializerMethodField(
        help_text="Reprises de l’innovation, par ce qu’elles sont devenues ; le détail est à "
        "/api/v1/replications/?innovation=<slug>."
    )
    completeness = serializers.SerializerMethodField(
        help_text="Complétude de la fiche, avec ses raisons ; null tant qu’elle n’est pas calculée."
    )
    published_at = serializers.DateTimeField(help_text="Première publication.")
    updated_at = serializers.DateTimeField(help_text="Dernière modification.")

    # Made once for all the innovations of a page: making one copies each of its fields.
    _term = cached_property(lambda self: TermReferenceSerializer())
    _spread = cached_property(lambda self: SpreadSerializer())
    _completeness = cached_property(lambda self: CompletenessSerializer())

    def to_representation(self, instance: Innovation) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if instance.is_reference:
            return _as_reference(instance, shown)
        closed = {c.source_record for c in instance.citations.all() if not c.licence_object.is_open}
        return _within_licences(instance, shown, closed) if closed else shown

    @extend_schema_field(TermReferenceSerializer(many=True))
    def get_themes(self, innovation: Innovation) -> list[dict[str, Any]]:
        return self._of(innovation, Vocabulary.THEME)

    @extend_schema_field(TermReferenceSerializer(many=True))
    def get_publics(self, innovation: Innovation) -> list[dict[str, Any]]:
        return self._of(innovation, Vocabulary.PUBLIC)

    @extend_schema_field(TermReferenceSerializer(many=True))
    def get_methods(self, innovation: Innovation) -> list[dict[str, Any]]:
        return self._of(innovation, Vocabulary.METHOD)

    def _of(self, innovation: Innovation, vocabulary: str) -> list[dict[str, Any]]:
        chosen = [term for term in innovation.terms.all() if term.vocabulary == vocabulary]
        return [self._term.to_representation(term) for term in chosen]

    @extend_schema_field(AlternativeSerializer(many=True))
    def get_alternatives(self, innovation: Innovation) -> list[dict[str, Any]]:
        return [
            {
                "field": other["field"],
                "value": other["value"],
                "partner": other["citation"].partner_slug,
                "source": other["citation"].source_slug,
                "licence": other["citation"].licence,
                "url": other["citation"].url or None,
            }
            for other in open_alternatives(innovation)
        ]

    @extend_schema_field(serializers.ListField(child=serializers.SlugField()))
    def get_former_slugs(self, innovation: Innovation) -> list[str]:
        return sorted(merged.slug for merged in innovation.merged.all())

    @extend_schema_field(CompletenessSerializer(allow_null=True))
    def get_completeness(self, innovation: Innovation) -> dict[str, Any] | None:
        known = getattr(innovation, "completeness", None)
        return None if known is None else self._completeness.to_representation(known)

    @extend_schema_field(SpreadSerializer)
    def get_spread(self, innovation: Innovation) -> dict[str, Any]:
        return self._spread.to_representation(_spread_of(innovation))

    @extend_schema_field(OriginSerializer(many=True))
    def get_origins(self, innovation: Innovation) -> list[dict[str, Any]]:
        return list(_origins(innovation))


def _spread_of(innovation: Innovation) -> dict[str, Any]:
    """Of its replications and those of the records merged into it."""
    its = [innovation, *innovation.merged.all()]
    told = [one for each in its for one in each.told_replications]  # type: ignore[attr-defined]
    begun = [one for one in told if one.has_begun]
    return {
        "url": f"{settings.BASE_URL}{reverse('essaimage:spread_of', args=[innovation.slug])}",
        "begun": len(begun),
        "running": sum(one.runs for one in begun),
        "planned": sum(one.is_waiting for one in told),
        "given_up": sum(not one.has_begun and not one.is_waiting for one in told),
    }


def _origins(innovation: Innovation) -> Iterator[dict[str, Any]]:
    cited = {citation.source_record: citation for citation in innovation.citations.all()}
    for field, origin in sorted(innovation.origins.items()):
        citation = cited.get(origin)
        yield {
            "field": field,
            "written_by": "equipe" if origin == STAFF else "partenaire",
            "partner": citation.partner_slug if citation else None,
            "source": citation.source_slug if citation else None,
            "licence": citation.licence if citation else None,
            "url": (citation.url or None) if citation else None,
        }


def _extract(innovation: Innovation) -> str | None:
    text = innovation.summary
    if not text:
        apart = BLOCK_END.sub(r" \g<0>", innovation.description)
        text = html.unescape(strip_tags(apart))
    return excerpt(text, EXTRACT_LENGTH) or None


def _as_reference(innovation: Innovation, shown: dict[str, Any]) -> dict[str, Any]:
    """The same shape, emptied of what only an open licence allows."""
    kept = {
        name: value if name in KEPT_IN_REFERENCE else ([] if isinstance(value, list) else None)
        for name, value in shown.items()
    }
    kept["summary"] = _extract(innovation)
    # The territories that the look-up gave, without the words and the points of the sources.
    off = {"label": None, "longitude": None, "latitude": None}
    kept["locations"] = [place | off for place in shown["locations"] if place["territory"]]
    kept["origins"] = [o for o in shown["origins"] if o["field"] in {"title", "summary"}]
    return kept


def _within_licences(
    innovation: Innovation, shown: dict[str, Any], closed: set[int]
) -> dict[str, Any]:
    """Of an open record, the long texts that come from a source without an open licence go."""
    from_closed = {field for field, origin in innovation.origins.items() if origin in closed}
    emptied: dict[str, str | None] = {name: None for name in PROTECTED if name in from_closed}
    if "summary" in from_closed:
        emptied["summary"] = _extract(innovation)
    texts = shown["reproduction"] and {
        name: None if f"reproduction.{name}" in from_closed else value
        for name, value in shown["reproduction"].items()
    }
    return {**shown, **emptied, "reproduction": texts}
