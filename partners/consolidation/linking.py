"""Certain pairs are linked by rule, by batches; never across what staff decided; all undone."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import F, Q

from innovations import publishing
from innovations.models import FieldEdit, Innovation, Status
from partners.consolidation.clusters import Cluster, Clustering, Edge, Node
from partners.consolidation.regrouping import CannotRegroup, Why, merge, undo
from partners.consolidation.rules import BY_CODE, OFF_AT_FIRST, RULES
from partners.models import (
    LinkageRule,
    Pair,
    PairState,
    Regrouping,
    RegroupingKind,
    SourceRecord,
    Verdict,
)
from partners.publishing import republish
from partners.suppression import keep_objections_waiting

BATCH = 100
SWITCHED_OFF = "Règle « {} » éteinte : ce qu’elle avait lié est défait."
log = logging.getLogger(__name__)


def load_rules() -> None:
    """Write the rules that the code knows; what staff switched stays as it is."""
    known = LinkageRule.objects.in_bulk(field_name="code")
    for rule in RULES:
        told = {"label": rule.label, "description": rule.description}
        found = known.get(rule.code)
        if found is None:
            on = rule.code not in OFF_AT_FIRST
            LinkageRule.objects.create(code=rule.code, is_active=on, **told)
        elif (found.label, found.description) != (rule.label, rule.description):
            LinkageRule.objects.filter(pk=found.pk).update(**told)


def active_rules() -> list[str]:
    """The codes of the rules that apply."""
    if not LinkageRule.objects.exists():
        load_rules()
    codes = LinkageRule.objects.filter(is_active=True).order_by("code")
    return [code for code in codes.values_list("code", flat=True) if code in BY_CODE]


def link_certain(motif: str = "") -> int:
    """Link every waiting pair that an active rule holds for; returns how many pairs were linked.

    What may not be linked without asking stays in the queue, with the reason. ``motif``: what the
    history says of it, the rule's name by default.
    """
    linked = 0
    clustering = _clustering(_certain())
    _ask(clustering.refused)
    clusters = clustering.clusters()
    for start in range(0, len(clusters), BATCH):
        linked += _link(clusters[start : start + BATCH], motif)
    return linked


@transaction.atomic
def undo_rule(rule: LinkageRule, *, author: Any = None) -> int:
    """Switch the rule off and undo all that it linked; what other rules say is linked again.

    Returns how many merges were undone. Those that staff moved on since are left as they are.
    """
    _take_turn()
    LinkageRule.objects.filter(pk=rule.pk).update(is_active=False)
    rule.is_active = False
    steps = _steps_around(rule.code)
    done = 0
    who = {"user": author.pk} if author else {}
    with pghistory.context(**who):
        # Nobody's: what a rule linked and staff did not part may be linked by another rule.
        motif = SWITCHED_OFF.format(rule.label)
        why = Why(reason=motif)
        touched = []
        for step in steps:
            try:
                with transaction.atomic():
                    undo(step, why=why)
            except CannotRegroup:
                continue
            done += 1
            touched.append(step)
        _back_to_the_queue(rule.code, touched)
        # One page, one motif in the history: that of the gesture.
        link_certain(motif)
    return done


@transaction.atomic
def switch_on(rule: LinkageRule) -> int:
    """Apply the rule again, to the pairs that wait; returns how many were linked.

    Pairs compared while it was off know nothing of it: they are, at the next full pass.
    """
    LinkageRule.objects.filter(pk=rule.pk).update(is_active=True)
    rule.is_active = True
    return link_certain()


def _certain() -> list[Pair]:
    """The waiting pairs of two innovations that an active rule holds for."""
    pairs = Pair.objects.waiting().filter(rule__in=active_rules())
    pairs = pairs.filter(first__innovation__isnull=False, second__innovation__isnull=False)
    named = pairs.select_related(None).order_by("pk").only("score", "rule", "first", "second")
    return list(named.annotate(one=F("first__innovation_id"), other=F("second__innovation_id")))


def _clustering(pairs: Sequence[Any]) -> Clustering:
    concerned = {pk for p in pairs for pk in (p.one, p.other)}
    clustering = Clustering(_nodes(concerned), _apart(concerned))
    clustering.join(
        Edge(p.pk, p.one, p.other, BY_CODE[p.rule].verdict == Verdict.SITE, p.score) for p in pairs
    )
    return clustering


def _nodes(innovations: Collection[int]) -> dict[int, Node]:
    """What is to be known of the innovations, in three queries."""
    records: dict[int, int] = defaultdict(int)
    sources: dict[int, set[int]] = defaultdict(set)
    rows = SourceRecord.objects.filter(innovation__in=innovations).order_by("pk")
    for pk, source, is_site in rows.values_list("innovation_id", "source_id", "is_site"):
        records[pk or 0] += 1
        if not is_site:
            sources[pk or 0].add(source)
    edits: dict[int, dict[str, Any]] = defaultdict(dict)
    written = FieldEdit.objects.filter(
        innovation__in=innovations, innovation__status=Status.PUBLISHED
    )
    for pk, name, value in written.order_by("pk").values_list("innovation_id", "field", "value"):
        edits[pk][name] = value
    states = Innovation.objects.filter(pk__in=innovations).order_by("pk")
    return {
        pk: Node(
            records[pk],
            frozenset(sources[pk]),
            edits[pk],
            (status == Status.PUBLISHED, bool(edits[pk]), records[pk]),
        )
        for pk, status in states.values_list("pk", "status")
    }


def _apart(innovations: Collection[int]) -> set[tuple[int, int]]:
    """The innovations that staff set apart: by a decision, by undoing a merge, by a split."""
    settled = Pair.objects.settled().exclude(verdict__in=[Verdict.SAME, Verdict.SITE])
    parted = Pair.objects.filter(
        regroupings__kind=RegroupingKind.MERGE, regroupings__undone_by__isnull=False
    ).exclude(state=PairState.DECIDED, verdict__in=[Verdict.SAME, Verdict.SITE])
    found: set[tuple[int, int]] = set()
    for pairs in (settled, parted):
        about = pairs.filter(
            Q(first__innovation__in=innovations) & Q(second__innovation__in=innovations)
        ).order_by("pk")
        found |= set(about.values_list("first__innovation_id", "second__innovation_id"))
    splits = Regrouping.objects.standing().filter(
        kind=RegroupingKind.SPLIT, author__isnull=False, origin__in=innovations
    )
    found |= set(splits.order_by("pk").values_list("origin_id", "target_id"))
    return {(one, other) for one, other in found if one != other}


@transaction.atomic
def _link(clusters: Sequence[Cluster], motif: str = "") -> int:
    """Merge the innovations of each cluster, then compose all that stay at once."""
    _take_turn()
    pairs, clusters = _still_certain(clusters)
    innovations = Innovation.objects.in_bulk(
        [pk for c in clusters for pk in (c.stays, *(m[0] for m in c.moves))]
    )
    composed, linked = [], 0
    for cluster in clusters:
        try:
            with transaction.atomic():
                _merge(cluster, innovations, pairs, motif)
        except CannotRegroup as error:
            # Someone moved the records since the pairs were read: the next time will tell.
            log.info("Rapprochement laissé : %s", error.message)
            continue
        composed.append(cluster.stays)
        linked += _mark(cluster, pairs)
    republish(composed)
    return linked


def _still_certain(clusters: Sequence[Cluster]) -> tuple[dict[int, Pair], list[Cluster]]:
    """The pairs as they stand now, and the clusters of which staff decided nothing since they
    were read; the others wait for the next time."""
    wanted = [pk for c in clusters for pk in c.pairs]
    waiting = Pair.objects.waiting().filter(pk__in=wanted, rule__in=active_rules())
    pairs = {pair.pk: pair for pair in waiting}
    return pairs, [c for c in clusters if all(pk in pairs for pk in c.pairs)]


def _merge(
    cluster: Cluster, innovations: dict[int, Innovation], pairs: dict[int, Pair], motif: str
) -> None:
    target = innovations[cluster.stays]
    for moved, is_site, by in cluster.moves:
        pair = pairs[by]
        why = Why(rule=pair.rule, reason=BY_CODE[pair.rule].label, pair=pair, motif=motif)
        verdict = Verdict.SITE if is_site else Verdict.SAME
        merge(innovations[moved], target, verdict=verdict, why=why, composes=False)


def _mark(cluster: Cluster, pairs: dict[int, Pair]) -> int:
    """The cluster's pairs are linked, by their rule and with its verdict."""
    for pk in cluster.pairs:
        pair = pairs[pk]
        pair.state, pair.verdict, pair.reason = PairState.LINKED, BY_CODE[pair.rule].verdict, ""
        pair.save(update_fields=["state", "verdict", "reason"])
    return len(cluster.pairs)


def _ask(refused: dict[int, str]) -> None:
    """Certain pairs that must be asked wait like the others, and say why."""
    for reason in sorted(set(refused.values())):
        pks = [pk for pk, why in refused.items() if why == reason]
        asked = Pair.objects.waiting().filter(pk__in=pks)
        asked.exclude(reason=reason).update(reason=reason)


def _steps_around(code: str) -> list[Regrouping]:
    """The rules' standing merges into the innovations that this rule merged into, last first."""
    by_rule = Regrouping.objects.standing().filter(kind=RegroupingKind.MERGE).exclude(rule="")
    targets = set(by_rule.filter(rule=code).values_list("target_id", flat=True))
    linked = Pair.objects.filter(state=PairState.LINKED, rule=code)
    targets |= set(linked.values_list("first__innovation_id", flat=True))
    return list(by_rule.filter(target__in=targets).order_by("-made_at", "-pk"))


def _back_to_the_queue(code: str, steps: Iterable[Regrouping]) -> None:
    """Pairs whose link was undone wait again; the rule says nothing any more of its own."""
    moved = [pk for step in steps for pk in step.records]
    linked = Pair.objects.filter(state=PairState.LINKED)
    parted = linked.filter(Q(first__in=moved) | Q(second__in=moved))
    parted = parted.exclude(first__innovation=F("second__innovation"))
    parted.update(state=PairState.WAITING, verdict="")
    Pair.objects.waiting().filter(rule=code).update(rule="")


def _take_turn() -> None:
    """In the order that all take: objections wait, then nobody else writes innovations."""
    keep_objections_waiting()
    publishing.lock()
