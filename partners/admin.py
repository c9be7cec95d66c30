"""Partners' tables. Harvests are run and read in the back-office; here, what it does not show."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from carrefour.admin_base import BaseAdmin, ReadOnlyAdmin, link
from innovations.models import Innovation
from partners import consistency
from partners.models import (
    Import,
    LinkageRule,
    Membership,
    Pair,
    Partner,
    PartnerMove,
    Regrouping,
    RejectedRow,
    Run,
    Source,
    SourceRecord,
    VocabularyEntry,
)


class NeverDeleted(BaseAdmin):
    """Paused rather than deleted: history and records hang on it."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Partner)
class PartnerAdmin(NeverDeleted):
    list_display = ["name", "kind", "step", "charter_signed_on", "is_active"]
    list_filter = ["step", "kind", "is_active"]
    search_fields = ["name"]
    # Its step moves in the back-office only, which keeps the journal.
    harvested = ("slug", "step", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        # The back-office gives the address of the page; the admin would let it be mistyped.
        return False


@admin.register(Membership)
class MembershipAdmin(BaseAdmin):
    list_display = ["user", "partner"]
    list_filter = ["partner"]
    list_select_related = ["user", "partner"]
    autocomplete_fields = ["user", "partner"]
    search_fields = ["user__email", "user__display_name", "partner__name"]


@admin.register(Source)
class SourceAdmin(NeverDeleted):
    partner_link = link("partner", "partenaire")
    list_display = ["name", "partner_link", "connector", "frequency", "priority", "is_active"]
    list_filter = ["connector", "frequency", "is_active", "licence"]
    list_select_related = ["partner"]
    search_fields = ["name", "partner__name", "url"]
    harvested = ("partner", "slug", "created_at", "next_run_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    source_link = link("source", "source")
    list_display = [
        "__str__",
        "source_link",
        "state",
        "trigger",
        "requested_by",
        "created_at",
        "finished_at",
    ]
    list_filter = ["state", "trigger"]
    list_select_related = ["source", "requested_by"]
    search_fields = ["source__name"]
    date_hierarchy = "created_at"


@admin.action(description="Chercher les incohérences", permissions=["view"])
def check_consistency(modeladmin: Any, request: HttpRequest, rows: Any) -> None:
    """On the public records chosen; the command of the same name looks at all."""
    found = consistency.check(innovations=rows.values_list("pk", flat=True))
    for finding in found:
        first = ", ".join(map(str, finding.first))
        modeladmin.message_user(
            request, f"{finding.check.label} : {finding.count} (n° {first})", messages.WARNING
        )
    if not found:
        modeladmin.message_user(request, "Aucune incohérence parmi ces fiches.")


# The checks know partners' records, which the directory's own admin may not import.
admin.site.get_model_admin(Innovation).actions = [check_consistency]


@admin.register(SourceRecord)
class SourceRecordAdmin(ReadOnlyAdmin):
    source_link = link("source", "source")
    innovation_link = link("innovation", "innovation")
    list_display = [
        "external_id", "source_link", "innovation_link", "record_type", "state", "changed_at",
    ]  # fmt: skip
    list_filter = ["state", "record_type", "licence"]
    list_select_related = ["source", "innovation"]
    search_fields = ["external_id", "values__title"]


@admin.register(RejectedRow)
class RejectedRowAdmin(ReadOnlyAdmin):
    list_display = ["source", "position", "external_id", "seen_at"]
    list_select_related = ["source"]
    search_fields = ["external_id", "source__name"]


@admin.register(VocabularyEntry)
class VocabularyEntryAdmin(BaseAdmin):
    """Here a word may mean several terms, which the back-office's list does not offer."""

    list_display = ["value", "vocabulary", "source", "is_decided", "is_automatic", "occurrences"]
    list_filter = ["vocabulary", "is_decided", "is_automatic"]
    list_select_related = ["source"]
    search_fields = ["value", "source__name"]
    filter_horizontal = ["terms"]
    harvested = ("source", "vocabulary", "value", "is_automatic", "occurrences")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Terms are known once related rows are saved: only then are the records published anew."""
        from partners.vocabularies import apply_decision

        super().save_related(request, form, formsets, change)
        if form.instance.is_decided:
            apply_decision(form.instance)


@admin.register(PartnerMove)
class PartnerMoveAdmin(ReadOnlyAdmin):
    partner_link = link("partner", "partenaire")
    list_display = ["partner_link", "after", "happened_on", "reference", "author"]
    list_display_links = ["after"]
    list_filter = ["after"]
    list_select_related = ["partner", "author"]
    search_fields = ["partner__name", "reference"]


@admin.register(Pair)
class PairAdmin(ReadOnlyAdmin):
    """Decided in the back-office, which moves the records accordingly."""

    first_link = link("first", "première fiche")
    second_link = link("second", "seconde fiche")
    list_display = ["__str__", "first_link", "second_link", "score", "state", "verdict"]
    list_filter = ["state", "verdict"]
    list_select_related = ["first", "second"]
    search_fields = ["first__external_id", "second__external_id"]


@admin.register(Regrouping)
class RegroupingAdmin(ReadOnlyAdmin):
    origin_link = link("origin", "de la fiche")
    target_link = link("target", "vers la fiche")
    list_display = ["__str__", "origin_link", "target_link", "author", "made_at", "undone_at"]
    list_filter = ["kind"]
    list_select_related = ["origin", "target", "author"]
    search_fields = ["origin__title", "target__title"]


@admin.register(LinkageRule)
class LinkageRuleAdmin(ReadOnlyAdmin):
    list_display = ["label", "code", "is_active"]
    search_fields = ["label", "code"]


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "state", "author", "created_at", "applied_at", "undone_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["author"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("rows", "told", "done")
