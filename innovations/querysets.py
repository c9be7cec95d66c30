"""Which rows: the questions the directory asks of its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Prefetch

if TYPE_CHECKING:
    from innovations.models import Innovation, Organisation, SearchRow, Term  # noqa: F401


class TermQuerySet(models.QuerySet["Term"]):
    def active(self) -> TermQuerySet:
        return self.filter(is_active=True)

    def of(self, vocabulary: str) -> TermQuerySet:
        return self.filter(vocabulary=vocabulary)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def with_role(self, role: str) -> OrganisationQuerySet:
        return self.filter(roles__contains=[role])


class InnovationQuerySet(models.QuerySet["Innovation"]):
    def published(self) -> InnovationQuerySet:
        return self.filter(status="publiee")

    def open_data(self) -> InnovationQuerySet:
        """Published under at least one open licence: what exports may carry."""
        return self.published().filter(is_reference=False)

    def for_cards(self) -> InnovationQuerySet:
        """All that a result card shows, in a fixed number of queries."""
        return self.select_related("organisation").prefetch_related(
            "terms", "citations", Prefetch("locations", self._locations())
        )

    def for_detail(self) -> InnovationQuerySet:
        """All that the record page shows."""
        return self.for_cards().select_related("reproduction").prefetch_related("evidence")

    @staticmethod
    def _locations() -> models.QuerySet:
        from innovations.models import Location

        return Location.objects.select_related("territory")


class SearchRowQuerySet(models.QuerySet["SearchRow"]):
    def located(self) -> SearchRowQuerySet:
        return self.filter(longitude__isnull=False)
