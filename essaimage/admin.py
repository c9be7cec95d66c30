"""What is told of replications, obstacles and experiments, to look up; national take-ups, to
write."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from carrefour.admin_base import BaseAdmin, ReadOnlyAdmin, ReadOnlyInline, link
from essaimage.models import (
    Experiment,
    HarvestedSite,
    Interpretation,
    NationalTakeUp,
    Obstacle,
    ObstacleStep,
    Publication,
    Replication,
    ReplicationStep,
)


class StepInline(ReadOnlyInline):
    """The journal: rows are only added, by the verbs of the engineering."""

    model = ReplicationStep
    fields = ["state", "date", "reason", "author", "created_at", "annulled_at"]


class Confirmed(ReadOnlyAdmin):
    """To look one up: what staff write goes through their own pages, which check and journal. What
    nobody confirmed yet is no one's word: it is not read here."""

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(publication=Publication.UNCONFIRMED)


@admin.register(Replication)
class ReplicationAdmin(Confirmed):
    list_display = ["code", "innovation", "territory", "repreneur", "state", "publication"]
    list_filter = ["state", "publication", "origin", "approach", "take_up"]
    list_select_related = ["innovation", "territory", "repreneur"]
    search_fields = ["code", "innovation__title"]
    inlines = [StepInline]


class ObstacleStepInline(ReadOnlyInline):
    model = ObstacleStep
    fields = ["state", "date", "reason", "author", "created_at"]


class InterpretationInline(ReadOnlyInline):
    model = Interpretation
    fields = ["authority", "territory", "allows", "told_by", "publication"]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).exclude(publication=Publication.UNCONFIRMED)
        return rows.select_related("territory")


@admin.register(Obstacle)
class ObstacleAdmin(Confirmed):
    innovation_link = link("innovation", "innovation")
    list_display = ["title", "innovation_link", "authority", "territory", "state", "publication"]
    list_filter = ["state", "publication", "origin", "stage", "told_by"]
    list_select_related = ["innovation", "territory"]
    search_fields = ["title", "authority", "innovation__title"]
    inlines = [ObstacleStepInline, InterpretationInline]


@admin.register(Interpretation)
class InterpretationAdmin(Confirmed):
    obstacle_link = link("obstacle", "obstacle")
    list_display = ["authority", "obstacle_link", "territory", "allows", "publication"]
    list_filter = ["allows", "publication", "told_by"]
    list_select_related = ["obstacle", "territory"]
    search_fields = ["authority", "obstacle__title"]


@admin.register(Experiment)
class ExperimentAdmin(ReadOnlyAdmin):
    innovation_link = link("innovation", "innovation")
    list_display = ["title", "innovation_link", "starts_on", "ends_on", "outcome", "publication"]
    list_filter = ["publication", "ground", "outcome"]
    list_select_related = ["innovation"]
    search_fields = ["title", "innovation__title"]


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
