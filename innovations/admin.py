"""The directory's tables: what composition writes is read, what staff decides is edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from carrefour.admin_base import BaseAdmin, ReadOnlyAdmin, ReadOnlyInline, link
from innovations import pictures
from innovations.models import (
    Citation,
    Evidence,
    FieldEdit,
    Innovation,
    Location,
    Organisation,
    Picture,
    Term,
    TermChange,
    TermSynonym,
)


class CitationInline(ReadOnlyInline):
    model = Citation
    fields = ["partner_name", "source_name", "url", "licence", "collected_at"]


class LocationInline(ReadOnlyInline):
    model = Location
    fields = ["territory", "label", "confidence", "note"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("territory")


class EvidenceInline(ReadOnlyInline):
    model = Evidence
    fields = ["field", "document", "section", "page", "quote"]


@admin.register(Innovation)
class InnovationAdmin(BaseAdmin):
    """Consulted here; published, unpublished and mended in the back-office."""

    list_display = ["title", "status", "organisation", "is_reference", "published_at"]
    list_filter = ["status", "nature", "maturity", "is_reference"]
    list_select_related = ["organisation"]
    search_fields = ["title", "slug"]
    date_hierarchy = "published_at"
    inlines = [LocationInline, CitationInline, EvidenceInline]
    exclude = ["terms"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(f.name for f in Innovation._meta.concrete_fields if f.name != "id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(FieldEdit)
class FieldEditAdmin(ReadOnlyAdmin):
    """To consult: an edit is checked and its record composed again only by the back-office."""

    innovation_link = link("innovation", "innovation")
    list_display = ["field", "innovation_link", "author", "created_at"]
    list_select_related = ["innovation", "author"]
    search_fields = ["innovation__title", "field"]


@admin.register(Picture)
class PictureAdmin(ReadOnlyAdmin):
    """To consult, and to take a picture away (a person recognised, a right not given)."""

    innovation_link = link("innovation", "innovation")
    list_display = [
        "__str__",
        "innovation_link",
        "partner_name",
        "licence",
        "state",
        "problem",
        "copied_at",
    ]
    list_filter = ["state", "licence"]
    list_select_related = ["innovation"]
    search_fields = ["innovation__title", "partner_name", "source_url"]
    actions = ["take_away", "put_back"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content", "thumbnail")

    def has_take_away_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("innovations.change_innovation")

    @admin.action(description="Retirer ces images du site", permissions=["take_away"])
    def take_away(self, request: HttpRequest, rows: Any) -> None:
        count = pictures.remove(rows.values_list("pk", flat=True))
        self.message_user(request, f"Images retirées : {count}.")

    @admin.action(description="Remettre ces images retirées", permissions=["take_away"])
    def put_back(self, request: HttpRequest, rows: Any) -> None:
        count = pictures.put_back(rows.values_list("pk", flat=True))
        self.message_user(request, f"Images remises : {count}. Elles reviennent dans l’heure.")


@admin.register(Organisation)
class OrganisationAdmin(BaseAdmin):
    list_display = ["name", "legal_form", "roles", "territory"]
    list_filter = ["legal_form"]
    list_select_related = ["territory"]
    search_fields = ["name"]
    autocomplete_fields = ["territory"]
    harvested = ("slug",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SynonymInline(ReadOnlyInline):
    model = TermSynonym
    fields = ["label"]


@admin.register(Term)
class TermAdmin(ReadOnlyAdmin):
    """To consult: the back-office's taxonomy changes a term, and its records follow."""

    list_display = ["label", "vocabulary", "parent", "code", "is_active", "merged_into"]
    list_filter = ["vocabulary", "is_active"]
    list_select_related = ["parent", "merged_into"]
    search_fields = ["label", "code", "synonyms__label"]
    inlines = [SynonymInline]


@admin.register(TermChange)
class TermChangeAdmin(ReadOnlyAdmin):
    term_link = link("term", "terme")
    list_display = ["__str__", "term_link", "target", "author", "made_at", "undone_at"]
    list_filter = ["kind"]
    list_select_related = ["term", "target", "author"]
    search_fields = ["term__label"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("held", "gained")
