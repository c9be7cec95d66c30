"""What should never be: checks over the whole base, and the mending of what is safe to mend."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from innovations import searchrows
from innovations.models import FieldEdit, Innovation, SearchRow, Status, Term
from partners.models import RecordType, Source, SourceRecord
from partners.publishing import publish_records, republish
from partners.suppression import keep_objections_waiting

BATCH = 500
SHOWN = 5


@dataclass(frozen=True)
class Check:
    """Rows that should not be (``innovation`` names the field that leads to the public record,
    "" when none does), and how they are mended; None when someone must look."""

    code: str
    label: str
    rows: Callable[[], QuerySet[Any]]
    innovation: str = "pk"
    mend: Callable[[list[int]], object] | None = None


@dataclass(frozen=True)
class Finding:
    """How many rows a check found, the first of them, and how many were mended."""

    check: Check
    count: int
    first: tuple[int, ...]
    mended: int = 0


def _records() -> QuerySet[SourceRecord]:
    return SourceRecord.objects.filter(innovation=OuterRef("pk"))


def _publish(pks: list[int]) -> None:
    with transaction.atomic():
        keep_objections_waiting()
        publish_records(list(SourceRecord.objects.filter(pk__in=pks)))


def _compose(pks: list[int]) -> None:
    with transaction.atomic():
        keep_objections_waiting()
        republish(pks)


def _refresh(pks: list[int]) -> None:
    searchrows.refresh(pks)


CHECKS = [
    Check(
        "publiee-sans-ligne",
        "Fiches publiées que la recherche ne connaît pas",
        lambda: Innovation.objects.published().filter(search_row=None),
        mend=_refresh,
    ),
    Check(
        "ligne-sans-publiee",
        "Lignes de recherche de fiches qui ne sont pas publiées",
        lambda: SearchRow.objects.exclude(innovation__status=Status.PUBLISHED),
        mend=_refresh,
    ),
    Check(
        "recue-sans-innovation",
        "Fiches reçues sans fiche publique",
        lambda: SourceRecord.objects.present().filter(
            innovation=None, record_type=RecordType.INNOVATION
        ),
        innovation="innovation",
        mend=_publish,
    ),
    Check(
        "reunie-avec-fiches",
        "Fiches réunies à une autre qui gardent des fiches sources",
        lambda: Innovation.objects.filter(Exists(_records()), status=Status.MERGED),
    ),
    Check(
        "reunie-sans-suite",
        "Fiches réunies dont l’adresse ne mène pas à une fiche qui vaut",
        lambda: Innovation.objects.filter(status=Status.MERGED).filter(
            Q(merged_into=None) | Q(merged_into__status=Status.MERGED)
        ),
    ),
    Check(
        "publiee-sans-source",
        "Fiches publiées que plus aucune source ne donne, ni l’équipe",
        lambda: Innovation.objects.published().exclude(
            Q(Exists(_records().present()))  # type: ignore[attr-defined]
            | Q(Exists(FieldEdit.objects.filter(innovation=OuterRef("pk"))))
        ),
        mend=_compose,
    ),
    Check(
        "fusionne-employe",
        "Fiches qui portent un terme fusionné dans un autre",
        lambda: Innovation.objects.filter(terms__merged_into__isnull=False).distinct(),
        mend=_compose,
    ),
    Check(
        "fusion-en-chaine",
        "Termes fusionnés dans un terme lui-même fusionné",
        lambda: Term.objects.filter(merged_into__merged_into__isnull=False),
        innovation="",
    ),
    Check(
        "source-non-admise",
        "Sources programmées d’un partenaire qui n’est pas admis",
        lambda: Source.objects.filter(
            next_run_at__isnull=False, partner__step__in=["contact", "refuse", "parti"]
        ),
        innovation="",
        mend=lambda pks: Source.objects.filter(pk__in=pks).update(next_run_at=None),
    ),
]


def check(*, repair: bool = False, innovations: Iterable[int] | None = None) -> list[Finding]:
    """What each check finds, among these public records only when given; a query or two each."""
    found = []
    for one in CHECKS:
        rows = one.rows()
        if innovations is not None:
            if not one.innovation:
                continue
            rows = rows.filter(**{f"{one.innovation}__in": list(innovations)})
        finding = _finding(one, rows, repair=repair)
        if finding.count:
            found.append(finding)
    return found


def _finding(one: Check, rows: QuerySet[Any], *, repair: bool) -> Finding:
    count = rows.count()
    first = tuple(rows.order_by("pk").values_list("pk", flat=True)[:SHOWN]) if count else ()
    mended = _mended(one, rows, count) if repair and one.mend and count else 0
    return Finding(one, count, first, mended)


def _mended(one: Check, rows: QuerySet[Any], count: int) -> int:
    """By batches, each row once: what cannot be mended is not tried for ever."""
    assert one.mend is not None
    after = 0
    while batch := list(
        rows.filter(pk__gt=after).order_by("pk").values_list(F("pk"), flat=True)[:BATCH]
    ):
        one.mend(batch)
        after = batch[-1]
    return count - one.rows().count()
