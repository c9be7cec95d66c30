"""Innovations whose harvested sites could be replications: proposed, and decided by staff only.

A site is one territory of one innovation (``HarvestedSite``): the rows of ``Location`` are written
anew at each composition. What was decided is not asked again; a harvest that brings a new site asks
for that one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from essaimage.adding import Told, add
from essaimage.models import (
    HarvestedSite,
    Origin,
    Publication,
    Replication,
    ReplicationState,
    SiteChoice,
)
from essaimage.tagging import follow
from innovations import bulk
from innovations.models import BulkAction, Innovation, Location, Maturity
from territories.models import Territory

KIND = "sites-reprises"
LOCK = 0x0E55A2
# Sites decided in one gesture, at most; the others wait for the next.
MOST = 50
UNDONE = "Geste annulé : ce site n’est plus proposé comme une reprise."
# What a source says when a project runs where it acts.
RUNNING = frozenset({Maturity.DEPLOYEE, Maturity.ESSAIMEE, Maturity.GENERALISEE})


@dataclass(frozen=True)
class Site:
    """One territory where the harvest found an innovation; ``known``: its replication there, told
    by someone else, if any."""

    territory: Territory
    label: str
    known: Replication | None


class CannotPropose(Exception):
    """A gesture that is not made; ``message`` says why."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


def waiting() -> QuerySet[Innovation]:
    """Published innovations with two territories or more, of which one at least is undecided.

    With ``sites`` (territories found) and ``undecided``, their numbers.
    """
    places = Location.objects.filter(innovation=OuterRef("pk"), territory__isnull=False)
    undecided = places.exclude(Exists(_decided(OuterRef("innovation"))))
    return (
        Innovation.objects.filter(status="publiee", merged_into=None)
        .annotate(sites=_territories(places), undecided=_territories(undecided))
        .filter(sites__gte=2, undecided__gte=1)
    )


def undecided(innovation: Innovation) -> list[Site]:
    """The sites still to decide, by name, up to ``MOST``; three queries."""
    places = Location.objects.filter(innovation=innovation, territory__isnull=False)
    places = places.exclude(Exists(_decided(OuterRef("innovation"))))
    labels: dict[int, str] = {}
    for pk, label in places.order_by("pk").values_list("territory", "label"):
        labels.setdefault(pk, label)
    found = Territory.objects.filter(pk__in=labels).order_by("name_key", "pk")[:MOST]
    known: dict[int | None, Replication] = {}
    there = Replication.objects.of(innovation).confirmed().filter(territory__in=labels, site=None)
    for replication in there:
        if not _is_undone(replication):
            known.setdefault(replication.territory_id, replication)
    return [Site(t, labels[t.pk], known.get(t.pk)) for t in found]


def decided(innovation: Innovation) -> QuerySet[HarvestedSite]:
    """What was decided of its sites, by name."""
    rows = HarvestedSite.objects.of(innovation).exclude(choice=SiteChoice.NONE)
    return rows.select_related("territory", "replication").order_by("territory__name_key", "pk")


def likely_state(innovation: Innovation) -> str:
    """« En cours » when the sources say that it runs; "" when they do not say."""
    return str(ReplicationState.EN_COURS) if innovation.maturity in RUNNING else ""


@transaction.atomic
def choose(
    innovation: Innovation,
    choices: Mapping[int, str],
    *,
    state: str,
    author: Any,
    reason: str = "",
) -> BulkAction:
    """Say what these sites are (territory → ``SiteChoice``), all at once or none.

    ``state``: of the replications among them. Raises ``CannotPropose``, and ``ValidationError``
    for what cannot be written.
    """
    waiting_now = {site.territory.pk: site for site in undecided(innovation)}
    wanted = {pk: SiteChoice(c) for pk, c in choices.items() if c}
    _check(wanted, waiting_now, state)
    take_turn()
    rows = _rows(innovation, wanted)
    with bulk.recorded(
        SITES, [r.pk for r in rows.values()], _label(wanted), author=author, reason=reason,
        subject=innovation.slug,
    ) as action:  # fmt: skip
        for pk, choice in wanted.items():
            row = HarvestedSite.objects.select_for_update().get(pk=rows[pk].pk)
            if row.choice:
                raise CannotPropose(
                    f"« {waiting_now[pk].territory.name} » vient d’être décidé par quelqu’un "
                    "d’autre : rien n’est enregistré. Relisez la liste."
                )
            row.choice = choice
            if choice == SiteChoice.REPLICATION:
                row.replication = _replication(innovation, waiting_now[pk], state, author)
            row.save(update_fields=["choice", "replication"])
    return action


def recent(innovation: Innovation) -> list[BulkAction]:
    """The last gestures on its sites that nobody undid."""
    found = BulkAction.objects.standing().filter(kind=KIND, subject=innovation.slug)
    return list(found.select_related("author").order_by("-pk")[:5])


def take_turn() -> None:
    """Wait until nobody else decides of sites; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _territories(places: QuerySet[Location]) -> Any:
    counted = places.order_by().values("innovation").annotate(n=Count("territory", distinct=True))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)


def _decided(innovation: Any) -> QuerySet[HarvestedSite]:
    its = Q(innovation=innovation) | Q(innovation__merged_into=innovation)
    rows = HarvestedSite.objects.filter(its, territory=OuterRef("territory"))
    return rows.exclude(choice=SiteChoice.NONE)


def _check(wanted: Mapping[int, str], sites: Mapping[int, Site], state: str) -> None:
    if not wanted:
        raise CannotPropose("Dites au moins d’un site ce qu’il est.")
    if unknown := [pk for pk in wanted if pk not in sites]:
        raise CannotPropose(
            f"{len(unknown)} de ces sites ne sont plus à décider : relisez la liste."
            if len(unknown) > 1
            else "Un de ces sites n’est plus à décider : relisez la liste."
        )
    fresh = [pk for pk, c in wanted.items() if c == SiteChoice.REPLICATION and not sites[pk].known]
    if fresh and state not in ReplicationState.values:
        raise CannotPropose("Choisissez où en sont ces reprises.")


def _rows(innovation: Innovation, wanted: Mapping[int, str]) -> dict[int, HarvestedSite]:
    HarvestedSite.objects.bulk_create(
        (HarvestedSite(innovation=innovation, territory_id=pk) for pk in wanted),
        ignore_conflicts=True,
    )
    rows = HarvestedSite.objects.filter(innovation=innovation, territory__in=wanted)
    return {row.territory_id: row for row in rows}


def _replication(innovation: Innovation, site: Site, state: str, author: Any) -> Replication:
    """The replication there that is known, that an undone gesture had written, or a new one."""
    if site.known:
        return site.known
    for former in Replication.objects.of(innovation).filter(territory=site.territory):
        if _is_undone(former) and former.state == state:
            former.publication, former.publication_reason = Publication.PUBLISHED, ""
            former.save(update_fields=["publication", "publication_reason"])
            follow([former.innovation_id])
            return former
    reason = "Site trouvé dans la moisson ; la date n’est pas connue."
    values = {"territory": site.territory}
    return add(innovation, Told(state, reason, values, origin=Origin.HARVEST), author=author)


def _is_undone(replication: Replication) -> bool:
    return (
        replication.publication == Publication.SET_ASIDE
        and replication.publication_reason == UNDONE
    )


def _label(wanted: Mapping[int, str]) -> str:
    taken = sum(c == SiteChoice.REPLICATION for c in wanted.values())
    return f"Sites de la moisson : {taken} en reprises, {len(wanted) - taken} d’un même projet"


def _read(ids: Sequence[int]) -> dict[int, Any]:
    rows = HarvestedSite.objects.filter(pk__in=ids).select_related("replication")
    return {
        row.pk: {
            "choice": row.choice,
            "replication": row.replication_id,
            "state": row.replication.state if row.replication else "",
            "publication": row.replication.publication if row.replication else "",
        }
        for row in rows
    }


def _restore(states: bulk.States, author: Any) -> set[int]:
    """Undecided again; the replications that the gesture wrote are set aside, none is deleted."""
    rows = HarvestedSite.objects.select_for_update(of=("self",)).filter(pk__in=list(states))
    for row in rows.select_related("replication"):
        written = row.replication
        row.choice, row.replication = states[row.pk]["choice"], None
        row.save(update_fields=["choice", "replication"])
        if written and written.origin == Origin.HARVEST:
            written.publication, written.publication_reason = Publication.SET_ASIDE, UNDONE
            written.save(update_fields=["publication", "publication_reason"])
            follow([written.innovation_id])
    return set(states)


def _names(ids: Sequence[int]) -> dict[int, tuple[str, int | None]]:
    rows = HarvestedSite.objects.filter(pk__in=ids).select_related("territory", "innovation")
    return {r.pk: (f"{r.innovation.title} – {r.territory.name}", r.innovation_id) for r in rows}


SITES = bulk.register(
    bulk.Kind(KIND, "essaimage.change_replication", _read, _restore, _names, take_turn)
)
