"""What the home page shows: figures, map, themes, latest records, partners."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Case, Count, F, Q, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from essaimage.models import Replication, ReplicationState
from innovations import search_facets
from innovations.models import Innovation, SearchRow, Term, Vocabulary
from innovations.record_page import term_url
from partners.models import Partner
from territories import svg

LATEST = 6
# Of one partner among them.
EACH = 2
# Highest number of innovations of each class of the map but the last; one shade per class.
CLASSES = (0, 1, 3, 6, 12)


@dataclass(frozen=True)
class Drawn:
    """A département on the map: ``shade`` is its class, 0 for none."""

    code: str
    name: str
    path: str
    count: int
    shade: int
    url: str


def context() -> dict[str, Any]:
    """The home page, in a number of queries that does not depend on what is published."""
    rows = SearchRow.objects.all()
    figures = search_facets.figures(rows)
    departements = drawn(figures.get("departement", {}))
    published = figures.get("partenaire", {})
    partners = _partners(published)
    covered = sorted((d for d in departements if d.count), key=lambda d: (-d.count, d.code))
    return {
        "figures": {
            "innovations": rows.count(),
            "partners": len([p for p in partners if p.slug in published]),
            "departements": len(covered),
            **_spread(),
        },
        "map": {"viewbox": svg.viewbox(), "insets": svg.frames(), "departements": departements},
        "legend": legend(),
        "covered": covered,
        "themes": _themes(figures.get("theme", {})),
        "latest": _latest(),
        "partners": partners,
    }


def _spread() -> dict[str, int]:
    """Those that have begun somewhere new, and apart those that wait; in one query."""
    begun = Replication.objects.spread().values("pk")
    waiting = Q(state__in=[ReplicationState.ENVISAGEE, ReplicationState.EN_PREPARATION])
    return Replication.objects.of_public().aggregate(
        replications=Count("pk", filter=Q(pk__in=begun)),
        replications_waiting=Count("pk", filter=waiting & ~Q(pk__in=begun)),
    )


def drawn(counts: dict[str, int]) -> list[Drawn]:
    """Every département and collectivité with its count; ``counts`` by « kind-code »."""
    search = reverse("innovations:search")
    return [
        Drawn(
            path["code"],
            path["name"],
            path["d"],
            number := counts.get(f"{path['kind']}-{path['code']}", 0),
            shade(number),
            f"{search}?territoire={path['kind']}-{path['code']}",
        )
        for path in svg.departement_paths()
    ]


def shade(number: int) -> int:
    """The class of a number: 0 for none, then 1 to 5."""
    return sum(number > limit for limit in CLASSES)


def legend() -> list[tuple[int, str]]:
    """(shade, what it means): « Aucune », « 1 », « 2 ou 3 », « 4 à 6 » and so on."""
    between = [
        str(high) if high == low + 1 else f"{low + 1} {'ou' if high == low + 2 else 'à'} {high}"
        for low, high in pairwise(CLASSES)
    ]
    labels = ["Aucune", *between, f"Plus de {CLASSES[-1]}"]
    return list(enumerate(labels))


def _themes(counts: dict[str, int]) -> list[dict[str, Any]]:
    """The domaines that hold something, the fullest first."""
    tops = Term.objects.active().of(Vocabulary.THEME).filter(parent__isnull=True)
    found = [
        {"label": t.label, "detail": t.description, "count": counts[t.code], "url": term_url(t)}
        for t in tops
        if counts.get(t.code)
    ]
    return sorted(found, key=lambda theme: -theme["count"])


def _latest() -> list[Innovation]:
    """The latest records, partners in turn: no more than two of one while others have some."""
    newest = ("-published_at", "-innovation_id")
    turn = Window(RowNumber(), partition_by=F("partner_slugs__0"), order_by=newest)
    rows = SearchRow.objects.annotate(turn=turn).annotate(
        beyond=Case(When(turn__gt=EACH, then=True), default=False)
    )
    turns = dict(rows.order_by("beyond", *newest).values_list("pk", "turn")[:LATEST])
    found = Innovation.objects.published().for_cards().filter(pk__in=turns)
    return sorted(found.order_by("-published_at", "-pk"), key=lambda one: turns[one.pk])


def _partners(counts: dict[str, int]) -> list[Partner]:
    partners = list(Partner.objects.active())
    for partner in partners:
        partner.published_count = counts.get(partner.slug, 0)  # type: ignore[attr-defined]
    return partners
