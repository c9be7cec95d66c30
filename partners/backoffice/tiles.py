"""What waits for someone: a registry, one line per tile; all are counted in one query."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek
from django.urls import reverse
from django.utils import timezone

from carrefour.french import agree
from carrefour.sparklines import Sparkline, sparkline
from innovations import search_work
from innovations.models import FieldEdit, Innovation, Status, TermChange
from partners.consolidation.queue import ESTRANGED
from partners.life import WAITING_FOR
from partners.models import (
    Claim,
    Flag,
    Objection,
    Pair,
    Partner,
    Proposal,
    Remark,
    Source,
    Suggestion,
    VocabularyEntry,
)

# Beyond, a number says nothing more to who works through a queue.
MOST = 9999
WEEKS = 12


@dataclass(frozen=True)
class Tile:
    """For who has ``permission``: the rows that wait, what they are (singular, plural), where they
    are dealt with. A ``quiet`` one is not shown at zero."""

    permission: str
    rows: Callable[[], QuerySet[Any]]
    label: tuple[str, ...]
    where: Callable[[], str]
    quiet: bool = False


@dataclass(frozen=True)
class Task:
    """Something that waits: how many (``MOST`` + 1 for more), what, where to do it."""

    count: int
    label: str
    url: str

    @property
    def is_more(self) -> bool:
        return self.count > MOST

    @property
    def shown(self) -> int:
        return min(self.count, MOST)


def page(name: str, query: str = "") -> Callable[[], str]:
    """« namespace:name » for a page of another app."""
    return lambda: reverse(name if ":" in name else f"backoffice:{name}") + query


def essaimage(model: str) -> Any:
    """The rows of an app that this one may not import."""
    return apps.get_model("essaimage", model)._default_manager.get_queryset()


def replications() -> Any:
    return essaimage("Replication")


def told_facts() -> Any:
    """As ``replications``."""
    return apps.get_model("essaimage", "Facts")._default_manager.get_queryset()


TILES = [
    Tile(
        "innovations.change_innovation",
        lambda: Innovation.objects.filter(status=Status.IN_REVIEW),
        ("fiche à relire", "fiches à relire"),
        page("review"),
    ),
    Tile(
        "partners.change_flag",
        lambda: Flag.objects.personal().to_decide(),
        ("donnée personnelle à décider", "données personnelles à décider"),
        page("flags"),
    ),
    Tile(
        "partners.decide_pair",
        lambda: Pair.objects.waiting().one_by_one(),
        ("rapprochement à décider", "rapprochements à décider"),
        page("pairs"),
    ),
    Tile(
        "partners.decide_pair",
        lambda: Pair.objects.of_networks().order_by().values("network").distinct(),
        ("réseau à décider d’un coup", "réseaux à décider d’un coup"),
        page("networks"),
        quiet=True,
    ),
    Tile(
        "partners.decide_pair",
        lambda: Pair.objects.estranged(),
        ("réunion à revoir", "réunions à revoir"),
        page("pairs", f"?etat={ESTRANGED}"),
        quiet=True,
    ),
    Tile(
        "innovations.change_fieldedit",
        lambda: FieldEdit.objects.differing(),
        ("différence à regarder", "différences à regarder"),
        page("differences"),
    ),
    Tile(
        "partners.change_remark",
        lambda: Remark.objects.waiting(),
        ("remarque de partenaire à traiter", "remarques de partenaires à traiter"),
        page("remarks"),
        quiet=True,
    ),
    Tile(
        "partners.view_suggestion",
        lambda: Suggestion.objects.waiting(),
        ("correction à examiner", "corrections à examiner"),
        page("suggestions"),
    ),
    Tile(
        "partners.view_claim",
        lambda: Claim.objects.waiting(),
        ("porteur à reconnaître", "porteurs à reconnaître"),
        page("claims"),
        quiet=True,
    ),
    Tile(
        "partners.view_proposal",
        lambda: Proposal.objects.to_read().distinct(),
        ("projet sans répondant", "projets sans répondant"),
        page("proposals"),
    ),
    Tile(
        "essaimage.review_replication",
        lambda: replications().to_review(),
        ("reprise à relire", "reprises à relire"),
        page("gestion_essaimage:review"),
    ),
    Tile(
        "essaimage.change_facts",
        lambda: told_facts().to_review(),
        ("résultat de reprise à relire", "résultats de reprises à relire"),
        page("gestion_essaimage:facts", "?publication=a-relire"),
        quiet=True,
    ),
    Tile(
        "essaimage.change_replication",
        lambda: replications().contested(),
        ("reprise contestée", "reprises contestées"),
        page("gestion_essaimage:replications", "?contestee=on"),
        quiet=True,
    ),
    Tile(
        "essaimage.change_telling",
        lambda: apps.get_model("essaimage", "Telling")._default_manager.to_read(),
        ("texte de reprise à relire", "textes de reprises à relire"),
        page("gestion_essaimage:tellings"),
        quiet=True,
    ),
    Tile(
        "partners.change_vocabularyentry",
        lambda: VocabularyEntry.objects.waiting(),
        ("mot à rattacher à un terme", "mots à rattacher à un terme"),
        page("vocabulary"),
    ),
    Tile(
        "partners.change_source",
        lambda: Source.objects.drafts(),
        ("brouillon à terminer", "brouillons à terminer"),
        page("health", "#brouillons"),
        quiet=True,
    ),
    Tile(
        "partners.view_objection",
        lambda: Objection.objects.to_settle(),
        ("opposition à régler", "oppositions à régler"),
        page("objections"),
    ),
    Tile(
        "essaimage.review_obstacle",
        lambda: essaimage("Obstacle").to_review(),
        ("obstacle à relire", "obstacles à relire"),
        page("gestion_essaimage:obstacles_review"),
        quiet=True,
    ),
    Tile(
        "essaimage.review_obstacle",
        lambda: essaimage("Interpretation").to_review(),
        ("interprétation à relire", "interprétations à relire"),
        page("gestion_essaimage:obstacles_review"),
        quiet=True,
    ),
    Tile(
        "essaimage.change_experiment",
        lambda: essaimage("Experiment").near(),
        ("expérimentation à échéance", "expérimentations à échéance"),
        page("gestion_essaimage:experiments"),
        quiet=True,
    ),
    Tile(
        "partners.change_partner",
        lambda: Partner.objects.filter(step__in=WAITING_FOR),
        ("partenaire à une étape", "partenaires à une étape"),
        page("partners"),
        quiet=True,
    ),
    Tile(
        "innovations.change_term",
        lambda: TermChange.objects.filter(finished_at=None),
        ("changement de taxonomie en cours", "changements de taxonomie en cours"),
        page("taxonomy"),
        quiet=True,
    ),
    Tile(
        "innovations.add_searchdecision",
        lambda: search_work.to_settle(search_work.since(28)),
        ("recherche qui trouve peu, à traiter", "recherches qui trouvent peu, à traiter"),
        page("searches", "?resultat=peu&suite=aucune"),
        quiet=True,
    ),
]


def tasks_for(user: Any) -> list[Task]:
    """The tiles that this person may act on; one query."""
    tiles = [tile for tile in TILES if user.has_perm(tile.permission)]
    counts = _counts([tile.rows() for tile in tiles])
    return [
        Task(count, agree(count, *tile.label), tile.where())
        for tile, count in zip(tiles, counts, strict=True)
        if count or not tile.quiet
    ]


def _counts(waiting: Sequence[QuerySet[Any]]) -> list[int]:
    """How many rows of each, up to ``MOST`` + 1; all at once, however many tiles there are."""
    if not waiting:
        return []
    selects: list[str] = []
    params: list[Any] = []
    for rows in waiting:
        # What the tile counts is what it names: networks, not the pairs of each.
        named = rows if rows.query.values_select else rows.values("pk")
        sql, given = named.order_by()[: MOST + 1].query.sql_with_params()
        selects.append(f"(SELECT count(*) FROM ({sql}) AS found)")
        params += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(selects)}", params)
        return list(cursor.fetchone() or [])


def publications() -> Sparkline | None:
    """Records published for the first time, week by week; one query."""
    today = timezone.localdate()
    first = today - datetime.timedelta(days=today.weekday(), weeks=WEEKS - 1)
    since = timezone.make_aware(datetime.datetime.combine(first, datetime.time.min))
    rows = Innovation.objects.published().filter(published_at__gte=since).order_by()
    weeks = rows.annotate(week=TruncWeek("published_at")).values_list("week").annotate(Count("pk"))
    counts = {week.date(): n for week, n in weeks}
    wanted = [first + datetime.timedelta(weeks=n) for n in range(WEEKS)]
    return sparkline([counts.get(week, 0) for week in wanted], "fiche")
