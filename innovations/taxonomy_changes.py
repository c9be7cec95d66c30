"""Changing the taxonomy: what staff may do to a term, and how published records follow."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from carrefour.text import key
from innovations import publishing, searchrows
from innovations.models import (
    Innovation,
    Term,
    TermChange,
    TermChangeKind,
    TermSynonym,
    Vocabulary,
)

BATCH = 5000
WORDING = ("label", "description")
Holding = Innovation.terms.through


class CannotChange(ValidationError):
    """What is asked of the term cannot be done; one French sentence."""


@transaction.atomic
def add(term: Term, *, author: Any, synonyms: Iterable[str] = ()) -> TermChange:
    """Write a new term; its code is made from its label unless it has one.

    Raises ``CannotChange``.
    """
    publishing.lock()
    term.label = _label(term.label)
    term.code = term.code or slugify(key(term.label))[:60]
    if Term.objects.of(term.vocabulary).filter(code=term.code).exists():
        raise CannotChange(f"Le code « {term.code} » existe déjà dans ce vocabulaire.")
    _check_parent(term, term.parent)
    term.position = _siblings(term).count()
    with _signed(author):
        term.save()
        _write_synonyms(term, synonyms)
    return _journal(TermChangeKind.ADD, term, author)


@transaction.atomic
def reword(
    term: Term,
    *,
    author: Any,
    label: str | None = None,
    description: str | None = None,
    synonyms: Iterable[str] | None = None,
) -> TermChange | None:
    """Change what is given; the code never changes. None when nothing does.

    A former label stays a synonym: partners' words that it explained still mean the term.
    """
    publishing.lock()
    term = Term.objects.select_for_update().get(pk=term.pk)
    before = term.label
    wanted = {"label": None if label is None else _label(label), "description": description}
    changed = [n for n, v in wanted.items() if v is not None and v != getattr(term, n)]
    with _signed(author):
        for name in changed:
            setattr(term, name, wanted[name])
        if changed:
            term.save(update_fields=changed)
        respelled = synonyms is not None and _write_synonyms(term, synonyms)
        if "label" in changed and key(before) != key(term.label):
            TermSynonym.objects.get_or_create(
                term=term, key=key(before), defaults={"label": before}
            )
    if not changed and not respelled:
        return None
    # Labels are in the search rows; the rest is not.
    held = _holders([term.pk]) if "label" in changed else 0
    return _journal(TermChangeKind.WORDING, term, author, total=held)


@transaction.atomic
def move(term: Term, parent: Term | None, *, author: Any) -> TermChange | None:
    """Put the term under another domaine (None: make it one). Raises ``CannotChange``."""
    publishing.lock()
    term = Term.objects.select_for_update().get(pk=term.pk)
    if term.parent_id == (parent.pk if parent else None):
        return None
    _check_parent(term, parent)
    term.parent = parent
    term.position = _siblings(term).count()
    with _signed(author):
        term.save(update_fields=["parent", "position"])
    return _journal(TermChangeKind.MOVE, term, author, total=_holders([term.pk]))


@transaction.atomic
def shift(term: Term, by: int, *, author: Any) -> None:
    """One place up (−1) or down (+1) among the terms beside it; at an end, nothing changes."""
    publishing.lock()
    beside = list(_siblings(term).order_by("position", "code"))
    rank = next(n for n, t in enumerate(beside) if t.pk == term.pk)
    wanted = rank + by
    if not 0 <= wanted < len(beside):
        return
    beside[rank], beside[wanted] = beside[wanted], beside[rank]
    for position, each in enumerate(beside):
        each.position = position
    with _signed(author):
        Term.objects.bulk_update(beside, ["position"])


@transaction.atomic
def set_active(term: Term, is_active: bool, *, author: Any) -> TermChange | None:
    """Show the term to the public again, or no more: records keep it for the day it comes back."""
    publishing.lock()
    term = Term.objects.select_for_update().get(pk=term.pk)
    if term.is_active == is_active:
        return None
    if term.merged_into_id:
        raise CannotChange("Ce terme est fusionné dans un autre : annulez d’abord la fusion.")
    if not is_active and term.children.filter(is_active=True).exists():
        raise CannotChange("Ce domaine a des sous-domaines actifs : déplacez-les d’abord.")
    if is_active and term.parent and not term.parent.is_active:
        raise CannotChange(f"Son domaine « {term.parent} » n’est pas actif.")
    term.is_active = is_active
    with _signed(author):
        term.save(update_fields=["is_active"])
    return _journal(TermChangeKind.ACTIVATION, term, author, total=_holders([term.pk]))


def check_merge(term: Term, target: Term) -> None:
    """Raise ``CannotChange`` when the one cannot be merged into the other."""
    if term.pk == target.pk:
        raise CannotChange("Un terme ne se fusionne pas avec lui-même.")
    if term.vocabulary != target.vocabulary:
        raise CannotChange("On ne fusionne que deux termes du même vocabulaire.")
    if term.merged_into_id:
        raise CannotChange("Ce terme est déjà fusionné dans un autre.")
    if not target.is_active:
        raise CannotChange(f"« {target} » n’est pas actif : choisissez un autre terme.")
    if target.parent_id and term.children.exists():
        raise CannotChange(
            "Ce domaine a des sous-domaines : fusionnez-le dans un domaine, ou déplacez-les "
            "d’abord."
        )


@transaction.atomic
def merge(term: Term, target: Term, *, author: Any) -> TermChange:
    """Records, children and earlier merges of the term go to the target; its code leads there.

    Raises ``CannotChange``.
    """
    publishing.lock()
    locked = Term.objects.select_for_update().order_by("pk").in_bulk([term.pk, target.pk])
    term, target = locked[term.pk], locked[target.pk]
    check_merge(term, target)
    held, gained = _hand_over(term, target)
    children = list(term.children.values_list("pk", flat=True))
    followers = list(term.merged.values_list("pk", flat=True))
    with _signed(author):
        term.children.update(parent=target)
        term.merged.update(merged_into=target)
        term.is_active, term.merged_into = False, target
        term.save(update_fields=["is_active", "merged_into"])
    return _journal(
        TermChangeKind.MERGE,
        term,
        author,
        target=target,
        held=held,
        gained=gained,
        children=children,
        followers=followers,
        total=_holders([target.pk, *children]),
    )


@transaction.atomic
def undo_merge(change: TermChange, *, author: Any) -> list[int]:
    """Give back to the term what its merge took; a second call does nothing.

    Returns the innovations composed since, which their records alone can sort: the caller
    composes them again. Raises ``CannotChange`` when the terms have changed since.
    """
    publishing.lock()
    change = TermChange.objects.select_for_update().get(pk=change.pk)
    if not change.is_undoable:
        return []
    term, target = change.term, change.target
    if target is None or term.merged_into_id != target.pk:
        raise CannotChange(
            f"« {target} » a lui-même été fusionné depuis : annulez d’abord cette fusion."
        )
    touched = Holding.objects.filter(term=target, innovation__composed_at__gt=change.made_at)
    since = list(touched.values_list("innovation", flat=True))
    Holding.objects.filter(term=target, innovation__in=change.gained).delete()
    there = Innovation.objects.filter(pk__in=change.held).values_list("pk", flat=True)
    Holding.objects.bulk_create(
        [Holding(innovation_id=pk, term_id=term.pk) for pk in there],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    with _signed(author):
        Term.objects.filter(pk__in=change.children, parent=target).update(parent=term)
        Term.objects.filter(pk__in=change.followers).update(merged_into=term)
        term.is_active, term.merged_into = True, None
        term.save(update_fields=["is_active", "merged_into"])
    change.undone_at, change.undone_by = timezone.now(), author
    change.total = _holders([term.pk, target.pk, *change.children])
    change.done, change.cursor, change.finished_at = 0, 0, None
    change.save()
    return since


@transaction.atomic
def refresh_some(change: TermChange) -> bool:
    """Bring one batch of search rows up to date with the change; whether some are left.

    Two workers at it share the batches: each goes on from where the other stopped.
    """
    publishing.lock()
    held_by_us = TermChange.objects.select_for_update().get(pk=change.pk)
    change.cursor, change.done = held_by_us.cursor, held_by_us.done
    held = Holding.objects.filter(term__in=_concerned(change), innovation__gt=change.cursor)
    rows = held.order_by("innovation").values_list("innovation", flat=True).distinct()
    batch = list(rows[:BATCH])
    searchrows.refresh(batch)
    change.cursor = batch[-1] if batch else change.cursor
    change.done += len(batch)
    change.finished_at = timezone.now() if len(batch) < BATCH else None
    change.save(update_fields=["cursor", "done", "finished_at"])
    return change.finished_at is None


def _concerned(change: TermChange) -> list[int]:
    found = [change.term_id, *change.children]
    return [*found, change.target_id] if change.target_id else found


def _hand_over(term: Term, target: Term) -> tuple[list[int], list[int]]:
    """Give the target what the term held: (innovations that held it, those that gained)."""
    held = list(Holding.objects.filter(term=term).values_list("innovation", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Holding._meta.db_table} (innovation_id, term_id)"
            f" SELECT innovation_id, %s FROM {Holding._meta.db_table} WHERE term_id = %s"
            " ON CONFLICT DO NOTHING RETURNING innovation_id",
            [target.pk, term.pk],
        )
        gained = [pk for (pk,) in cursor.fetchall()]
    Holding.objects.filter(term=term).delete()
    return held, gained


def _check_parent(term: Term, parent: Term | None) -> None:
    if parent is None:
        return
    if term.vocabulary != Vocabulary.THEME:
        raise CannotChange("Seuls les thèmes ont des domaines.")
    if parent.vocabulary != term.vocabulary or parent.parent_id or parent.pk == term.pk:
        raise CannotChange("Un sous-domaine se range sous un domaine de premier niveau.")
    if not parent.is_active:
        raise CannotChange(f"Le domaine « {parent} » n’est pas actif.")
    if term.pk and term.children.exists():
        raise CannotChange("Ce domaine a lui-même des sous-domaines : déplacez-les d’abord.")


def _siblings(term: Term) -> Any:
    beside = Term.objects.of(term.vocabulary).filter(parent=term.parent)
    return beside.filter(merged_into=None)


def _label(written: str) -> str:
    label = " ".join(written.split())
    if not label:
        raise CannotChange("Le libellé ne peut pas être vide.")
    if len(label) > 120:
        raise CannotChange("Le libellé dépasse 120 caractères.")
    return label


def _write_synonyms(term: Term, synonyms: Iterable[str]) -> bool:
    """Make the term's synonyms those given; whether anything changed."""
    wanted: Mapping[str, str] = {
        key(s): " ".join(s.split())[:160] for s in synonyms if key(s) and key(s) != key(term.label)
    }
    known = {s.key: s for s in term.synonyms.all()}
    gone = [s.pk for k, s in known.items() if k not in wanted]
    new = [
        TermSynonym(term=term, label=label, key=k[:160])
        for k, label in wanted.items()
        if k not in known
    ]
    TermSynonym.objects.filter(pk__in=gone).delete()
    TermSynonym.objects.bulk_create(new)
    return bool(gone or new)


def _holders(terms: Sequence[int]) -> int:
    held = Holding.objects.filter(term__in=terms).values("innovation").distinct()
    return held.count()


def _journal(kind: TermChangeKind, term: Term, author: Any, **fields: Any) -> TermChange:
    finished = None if fields.get("total") else timezone.now()
    return TermChange.objects.create(
        kind=kind, term=term, author=author, finished_at=finished, **fields
    )


def _signed(author: Any) -> Any:
    return pghistory.context(user=author.pk if author else None)
