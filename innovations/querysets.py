"""Which rows: the questions the directory asks of its records."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Count, Prefetch
from django.db.models.functions import MD5, Coalesce
from django.utils import timezone

from carrefour.undoable import UndoableQuerySet

if TYPE_CHECKING:
    from innovations.models import (  # noqa: F401
        FieldEdit,
        Innovation,
        Link,
        Organisation,
        Picture,
        SearchRow,
        Term,
    )


class TermQuerySet(models.QuerySet["Term"]):
    def active(self) -> TermQuerySet:
        return self.filter(is_active=True)

    def reachable(self) -> TermQuerySet:
        """Active, or merged into an active one: what a code may still lead to."""
        return self.filter(models.Q(is_active=True) | models.Q(merged_into__is_active=True))

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
        return (
            self.select_related("organisation", "picture")
            # The pictures themselves are heavy, and have their own addresses.
            .defer("picture__content", "picture__thumbnail")
            .prefetch_related(
                Prefetch("terms", self._terms()),
                "citations",
                Prefetch("locations", self._locations()),
            )
        )

    def for_detail(self) -> InnovationQuerySet:
        """All that the record page shows."""
        return (
            self.for_cards()
            .select_related("reproduction", "merged_into", "documentation", "means", "economics")
            .select_related("completeness")
            .prefetch_related("evidence")
        )

    def with_names(self) -> InnovationQuerySet:
        """Adds the labels of its terms (``term_names``) and its places (``place_names``), in the
        same query."""
        from innovations.models import Location, Term

        mine = models.OuterRef("pk")
        terms = Term.objects.filter(innovations=mine).order_by("vocabulary", "position", "pk")
        places = Location.objects.filter(innovation=mine).order_by("position", "pk")
        named = places.annotate(name=Coalesce("territory__name", "label"))
        return self.annotate(
            term_names=ArraySubquery(terms.values("label")),
            place_names=ArraySubquery(named.values("name")),
        )

    @staticmethod
    def _terms() -> models.QuerySet:
        from innovations.models import Term

        return Term.objects.active()

    @staticmethod
    def _locations() -> models.QuerySet:
        from innovations.models import Location

        return Location.objects.select_related("territory")


class SearchRowQuerySet(models.QuerySet["SearchRow"]):
    def located(self) -> SearchRowQuerySet:
        return self.filter(longitude__isnull=False)


class PictureQuerySet(models.QuerySet["Picture"]):
    def waiting(self) -> PictureQuerySet:
        """To be copied now, the least tried first."""
        is_time = models.Q(try_after__isnull=True) | models.Q(try_after__lte=timezone.now())
        return self.filter(is_time, state="a-copier").order_by("tries", "pk")

    def shown(self) -> PictureQuerySet:
        """Copied, of a record that the public sees in full."""
        return self.filter(
            state="copiee", innovation__status="publiee", innovation__is_reference=False
        )


class FieldEditQuerySet(models.QuerySet["FieldEdit"]):
    def of(self, innovation_ids: Iterable[int]) -> FieldEditQuerySet:
        """Those that composition applies to these innovations: their own first, then those of the
        innovations merged into them."""
        ids = list(innovation_ids)
        mine = models.Q(innovation__in=ids)
        return (
            self.filter(mine | models.Q(innovation__merged_into__in=ids))
            .annotate(subject=Coalesce("innovation__merged_into", "innovation"))
            .order_by("subject", models.F("innovation__merged_into").asc(nulls_first=True), "pk")
        )

    def differing(self) -> FieldEditQuerySet:
        """Those that the partners have contradicted since they were written."""
        return self.filter(differs_since__isnull=False)


class BulkActionQuerySet(UndoableQuerySet):
    def with_number(self) -> BulkActionQuerySet:
        """Each with its ``number`` of rows."""
        return self.annotate(number=Count("changes"))

    def lately(self, kind: str) -> BulkActionQuerySet:
        """Those of this kind that were made within the month and not undone."""
        recent = timezone.now() - datetime.timedelta(days=30)
        return self.standing().filter(kind=kind, made_at__gte=recent)


class LinkQuerySet(models.QuerySet["Link"]):
    def due(self) -> LinkQuerySet:
        """Those whose time to be checked has come, the longest awaited first."""
        return self.filter(next_check_at__lte=timezone.now()).order_by("next_check_at", "pk")

    def dead(self) -> LinkQuerySet:
        return self.filter(state="mort")

    def among(self, urls: Iterable[str]) -> LinkQuerySet:
        """Those of these addresses, found by the index on their digest."""
        digests = [hashlib.md5(url.encode(), usedforsecurity=False).hexdigest() for url in urls]
        return self.annotate(digest=MD5("url")).filter(digest__in=digests)
