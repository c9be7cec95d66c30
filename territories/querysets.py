"""Which territories: the questions that the rest of the house asks of the geography."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from carrefour.text import key
from territories.kinds import Kind

if TYPE_CHECKING:
    from territories.models import Territory


class TerritoryQuerySet(models.QuerySet):
    def active(self) -> Self:
        """Territories that exist in the vintage loaded last."""
        return self.filter(active=True)

    def of_kind(self, *kinds: Kind | str) -> Self:
        return self.filter(kind__in=kinds)

    def at(self, kind: Kind | str, code: str) -> Self:
        """At most one territory, active or not: its (kind, code) is unique and never reused."""
        return self.filter(kind=kind, code=code)

    def within(self, territory: "Territory") -> Self:
        """The territory itself and all that lies entirely inside it.

        An EPCI over two départements lies in none of them, but its communes do; the listing by
        ``departement`` or ``region`` counts it once, where most of its population is.
        """
        return self.filter(ancestor_ids__contains=[territory.pk])

    def ancestors_of(self, territory: "Territory") -> Self:
        """All that contains the territory, the territory included."""
        return self.filter(pk__in=territory.ancestor_ids)

    def named(self, text: str) -> Self:
        """Territories whose name, or another name, begins with these words (accents ignored)."""
        start = key(text)
        if not start:
            return self.none()
        other = Q(aliases__name_key__startswith=start)
        return self.filter(Q(name_key__startswith=start) | other).distinct()

    def ids_at(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """{(kind, code): id} of the given places, in one query."""
        wanted = set(places)
        found = self.filter(
            kind__in={kind for kind, _ in wanted}, code__in={code for _, code in wanted}
        ).values_list("kind", "code", "pk")
        return {(kind, code): pk for kind, code, pk in found if (kind, code) in wanted}
