"""Replications and national take-ups, entered from documents."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from carrefour.admin_base import BaseAdmin, ReadOnlyInline
from essaimage.models import NationalTakeUp, Replication, ReplicationStep


class StepInline(ReadOnlyInline):
    """The journal: rows are only added, by the verbs of the engineering."""

    model = ReplicationStep
    fields = ["state", "date", "reason", "author", "created_at"]


@admin.register(Replication)
class ReplicationAdmin(BaseAdmin):
    list_display = ["code", "innovation", "territory", "repreneur", "state"]
    list_filter = ["state", "approach", "take_up"]
    list_select_related = ["innovation", "territory", "repreneur"]
    search_fields = ["code", "innovation__title"]
    autocomplete_fields = ["innovation", "territory", "repreneur", "partners"]
    inlines = [StepInline]
    harvested = ("created_at",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(NationalTakeUp)
class NationalTakeUpAdmin(BaseAdmin):
    list_display = ["innovation", "mode", "is_done"]
    list_filter = ["mode", "is_done"]
    list_select_related = ["innovation"]
    autocomplete_fields = ["innovation"]
    search_fields = ["innovation__title"]
