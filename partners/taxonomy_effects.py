"""What a change of the taxonomy does to partners: words, rules, and records that follow."""

import datetime
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from carrefour.text import key
from innovations import taxonomy, taxonomy_changes
from innovations.models import Term, TermChange
from partners.models import Source, SourceRecord, VocabularyEntry
from partners.publishing import republish
from partners.suppression import keep_objections_waiting
from partners.vocabularies import recount

log = logging.getLogger(__name__)
# Beyond as many records, they follow in the background.
AT_ONCE = 1000
# A change that nobody finished after so long has lost its worker.
LOST = datetime.timedelta(minutes=10)
TARGETS = {"themes": "theme", "publics": "public", "methods": "method"}


def words_using() -> dict[int, int]:
    """Term → number of partners' words that mean it; one query."""
    rows = VocabularyEntry.terms.through.objects.values_list("term").annotate(n=Count("pk"))
    return dict(rows.order_by())


def rules_using() -> dict[str, int]:
    """« vocabulary:code » → number of mapping rules that write it by themselves; two queries."""
    meaning = taxonomy.matcher()
    found: Counter[str] = Counter()
    for mapping in Source.objects.exclude(mapping=[]).values_list("mapping", flat=True):
        for rule in mapping:
            vocabulary = TARGETS.get(rule.get("target", ""))
            if vocabulary:
                words = {key(w) for w in _written(rule)}
                found.update({t for w in words for t in meaning.get((vocabulary, w), ())})
    return dict(found)


def _written(rule: Mapping[str, Any]) -> Iterable[str]:
    """The words that the rule writes itself: its default, and what its tables lead to."""
    yield from _texts(rule.get("default"))
    for transform in rule.get("transforms") or ():
        if transform.get("op") == "map":
            values = transform.get("values")
            yield from _texts(list(values.values()) if isinstance(values, dict) else None)
            yield from _texts(transform.get("default"))


def _texts(value: Any) -> Iterable[str]:
    values = value if isinstance(value, list) else [value]
    return [v for v in values if isinstance(v, str)]


@transaction.atomic
def undo_merge(change: TermChange, author: Any) -> None:
    """Undo the merge, and compose again what was composed since. Raises ``CannotChange``."""
    keep_objections_waiting()
    republish(taxonomy_changes.undo_merge(change, author=author))


def follow(change: TermChange | None) -> bool:
    """Have records follow the change: at once when few, else in the background.

    Returns whether it is done.
    """
    if change is None:
        return True
    sources = sources_saying(change)
    held = SourceRecord.objects.present().filter(source__in=sources)[: AT_ONCE + 1].count()
    if change.total > AT_ONCE or held > AT_ONCE:
        from partners.tasks import follow_taxonomy

        def send() -> None:
            try:
                follow_taxonomy.delay(change.pk)
            except follow_taxonomy.OperationalError:
                log.warning("Le service de tâches est injoignable : %s attend.", change)

        transaction.on_commit(send)
        return False
    carry_out(change, sources)
    return True


def carry_out(change: TermChange, sources: Iterable[Source] | None = None) -> None:
    """Bring search rows, then the words of the sources concerned, up to date; goes on from where
    an earlier call stopped."""
    while change.finished_at is None:
        taxonomy_changes.refresh_some(change)
    for source in sources if sources is not None else sources_saying(change):
        recount(source)


def resume() -> int:
    """Carry on the changes that lost their worker; returns how many."""
    waiting = list(TermChange.objects.filter(finished_at=None, made_at__lt=timezone.now() - LOST))
    for change in waiting:
        carry_out(change)
    return len(waiting)


def sources_saying(change: TermChange) -> list[Source]:
    """The sources with undecided words that the change may explain otherwise."""
    terms = [change.term_id, *change.followers]
    concerned = Term.objects.filter(pk__in=terms).prefetch_related("synonyms")
    words = {word for term in concerned for word in taxonomy.words_of(term)}
    says = Q(key__in=words) | Q(terms__in=terms)
    entries = VocabularyEntry.objects.filter(says, is_decided=False)
    return list(Source.objects.filter(pk__in=entries.values("source")))
