"""Replications and the sites of the harvest, to look up; national take-ups, to write."""

from django.contrib import admin

from carrefour.admin_base import BaseAdmin, ReadOnlyAdmin, ReadOnlyInline
from essaimage.models import HarvestedSite, NationalTakeUp, Replication, ReplicationStep


class StepInline(ReadOnlyInline):
    """The journal: rows are only added, by the verbs of the engineering."""

    model = ReplicationStep
    fields = ["state", "date", "reason", "author", "created_at", "annulled_at"]


@admin.register(Replication)
class ReplicationAdmin(ReadOnlyAdmin):
    """To look one up: what staff write goes through their own pages, which check and journal."""

    list_display = ["code", "innovation", "territory", "repreneur", "state", "publication"]
    list_filter = ["state", "publication", "origin", "approach", "take_up"]
    list_select_related = ["innovation", "territory", "repreneur"]
    search_fields = ["code", "innovation__title"]
    inlines = [StepInline]


@admin.register(HarvestedSite)
class HarvestedSiteAdmin(ReadOnlyAdmin):
    list_display = ["innovation", "territory", "choice", "replication"]
    list_filter = ["choice"]
    list_select_related = ["innovation", "territory", "replication"]
    search_fields = ["innovation__title", "territory__name"]


@admin.register(NationalTakeUp)
class NationalTakeUpAdmin(BaseAdmin):
    list_display = ["innovation", "mode", "is_done"]
    list_filter = ["mode", "is_done"]
    list_select_related = ["innovation"]
    autocomplete_fields = ["innovation"]
    search_fields = ["innovation__title"]
