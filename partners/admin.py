"""Partners' tables. Harvests are run and read in the back-office; here, what it does not show."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from carrefour.admin_base import BaseAdmin, ReadOnlyAdmin
from partners.models import (
    Membership,
    Partner,
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
    list_display = ["name", "kind", "charter_signed_on", "is_active"]
    list_filter = ["kind", "is_active"]
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
    list_display = ["name", "partner", "connector", "frequency", "priority", "is_active"]
    list_filter = ["connector", "frequency", "is_active", "licence"]
    list_select_related = ["partner"]
    search_fields = ["name", "partner__name", "url"]
    harvested = ("partner", "slug", "created_at", "next_run_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["source", "state", "trigger", "requested_by", "created_at", "finished_at"]
    list_filter = ["state", "trigger"]
    list_select_related = ["source", "requested_by"]
    search_fields = ["source__name"]
    date_hierarchy = "created_at"


@admin.register(SourceRecord)
class SourceRecordAdmin(ReadOnlyAdmin):
    list_display = ["external_id", "source", "record_type", "state", "changed_at"]
    list_filter = ["state", "record_type", "licence"]
    list_select_related = ["source"]
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
