"""Partners' words and the terms they mean, source by source; unknown words wait for staff."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import transaction
from django.db.models import Prefetch

from carrefour.text import key
from innovations import publishing, taxonomy
from innovations.models import Term
from partners.models import Source, SourceRecord, VocabularyEntry

FOLDER = Path(__file__).parent / "data" / "vocabularies"
# « 10- Réduction des inégalités »: the rank is no part of the word.
RANK = re.compile(r"^\d+(?:\.\d+)*\s*[-–.):]\s*")
# Words whose meaning is remembered: a source has few, but for those that glue sentences together.
REMEMBERED = 20_000

Words = Mapping[str, Iterable[str]]


class Vocabularies:
    """The decisions of some sources and the taxonomy, in memory; ``load`` costs four queries."""

    def __init__(
        self,
        decided: dict[tuple[int, str, str], list[str]],
        known: set[tuple[int, str, str]],
        matcher: dict[tuple[str, str], list[str]],
    ) -> None:
        self._decided = decided
        self._known = known
        self._matcher = matcher
        self._folded: dict[tuple[str, str], list[str]] = {}
        for (vocabulary, word), terms in matcher.items():
            self._folded.setdefault((vocabulary, _folded(word)), terms)
        self._new: dict[tuple[int, str, str], str] = {}
        self._matched: dict[tuple[str, str], list[str]] = {}

    @classmethod
    def load(cls, source_ids: Iterable[int]) -> "Vocabularies":
        ids = [pk for pk in source_ids if pk]
        decided: dict[tuple[int, str, str], list[str]] = {}
        known = set()
        entries = VocabularyEntry.objects.filter(source__in=ids).prefetch_related(_standing())
        for entry in entries if ids else ():
            identity = (entry.source_id, entry.vocabulary, entry.key)
            known.add(identity)
            if entry.is_decided:
                decided[identity] = [taxonomy.identity(t) for t in entry.terms.all()]
        return cls(decided, known, taxonomy.matcher())

    def terms(self, source_id: int | None, words: Words) -> list[str]:
        """ "vocabulary:code" of the words a record holds (vocabulary → words), each once.

        Words met for the first time are kept aside for ``save_new``.
        """
        found: list[str] = []
        for vocabulary, said in words.items():
            for word in said:
                found += self._meaning(source_id, vocabulary, word)
        return list(dict.fromkeys(found))

    def save_new(self) -> int:
        """Write the words met for the first time; returns how many. Five queries at most."""
        if not self._new:
            return 0
        entries = [
            VocabularyEntry(
                source_id=source_id,
                vocabulary=vocabulary,
                value=word[:300],
                key=plain,
                is_automatic=bool(self.match(vocabulary, word)),
            )
            for (source_id, vocabulary, plain), word in self._new.items()
        ]
        VocabularyEntry.objects.bulk_create(entries, ignore_conflicts=True)
        self._known |= set(self._new)
        keys = [e.key for e in entries]
        sources = {e.source_id for e in entries}
        saved = VocabularyEntry.objects.filter(source__in=sources, key__in=keys, is_automatic=True)
        _write_terms({e: self.match(e.vocabulary, e.value) for e in saved})
        self._new.clear()
        return len(entries)

    def match(self, vocabulary: str, word: str) -> list[str]:
        """Terms whose label, synonym or code says the word, in its vocabulary or in another."""
        found = self._matched.get((vocabulary, word))
        if found is None:
            if len(self._matched) >= REMEMBERED:
                self._matched.clear()
            found = self._matched[vocabulary, word] = self._match(vocabulary, word)
        return found

    def _match(self, vocabulary: str, word: str) -> list[str]:
        forms = list(dict.fromkeys([key(word), key(RANK.sub("", word))]))
        for form in forms:
            if exact := self._matcher.get((vocabulary, form)):
                return exact
        for form in forms:
            if near := self._folded.get((vocabulary, _folded(form))):
                return near
        # Tags of feeds and blogs mix themes, publics and methods.
        others = (self._matcher.get((v, f)) for v in ("theme", "public", "method") for f in forms)
        return next((terms for terms in others if terms), [])

    def _meaning(self, source_id: int | None, vocabulary: str, word: str) -> list[str]:
        plain = key(word)[:300]
        if not plain:
            return []
        if source_id is None:
            return self.match(vocabulary, word)
        identity = (source_id, vocabulary, plain)
        if identity in self._decided:
            return self._decided[identity]
        if identity not in self._known:
            self._new.setdefault(identity, word)
        return self.match(vocabulary, word)


def _standing() -> Prefetch:
    """The terms decided; a merged one with that which stands for it."""
    return Prefetch("terms", Term.objects.select_related("merged_into"))


def _folded(word: str) -> str:
    """The key without plural marks: « emplois aides » → « emploi aide »."""
    return " ".join(w.rstrip("sx") if len(w) > 3 else w for w in word.split())


def _write_terms(terms_of: Mapping[VocabularyEntry, list[str]]) -> None:
    through = VocabularyEntry.terms.through
    by_code = {
        f"{vocabulary}:{code}": pk
        for pk, vocabulary, code in Term.objects.values_list("pk", "vocabulary", "code")
    }
    through.objects.filter(vocabularyentry__in=list(terms_of)).delete()
    through.objects.bulk_create(
        [
            through(vocabularyentry_id=entry.pk, term_id=by_code[code])
            for entry, codes in terms_of.items()
            for code in codes
            if code in by_code
        ]
    )


@transaction.atomic
def load_file(source: Source, path: Path) -> int:
    """Write the decisions of a vocabulary file (kind, value, terms, note); returns how many.

    A decision that staff already took is left alone. Raises ``ValueError`` naming an unknown term.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if key(r["value"])]
    known = {f"{t.vocabulary}:{t.code}" for t in Term.objects.all()}
    entries: dict[tuple[str, str], tuple[VocabularyEntry, list[str]]] = {}
    for row in rows:
        codes = [c if ":" in c else f"{row['kind']}:{c}" for c in row["terms"].split("|") if c]
        if unknown := [c for c in codes if c not in known]:
            raise ValueError(f"{path.name} : terme inconnu pour « {row['value']} » : {unknown[0]}")
        entry = VocabularyEntry(
            source=source,
            vocabulary=row["kind"],
            value=row["value"],
            key=key(row["value"])[:300],
            is_decided=True,
            note=(row.get("note") or "")[:300],
        )
        entries[entry.vocabulary, entry.key] = (entry, codes)
    taken = set(source.vocabulary.filter(is_decided=True).values_list("vocabulary", "key"))
    chosen = [pair for identity, pair in entries.items() if identity not in taken]
    saved = VocabularyEntry.objects.bulk_create(
        [entry for entry, _ in chosen],
        update_conflicts=True,
        unique_fields=["source", "vocabulary", "key"],
        update_fields=["is_decided", "note"],
    )
    _write_terms({e: codes for e, (_, codes) in zip(saved, chosen, strict=True)})
    return len(chosen)


def apply_decision(entry: VocabularyEntry) -> int:
    """Republish the records that hold the word just decided; returns how many."""
    from partners.publishing import publish_records

    holders = [
        record
        for record in entry.source.records.filter(values__words__has_key=entry.vocabulary)
        if any(key(w) == entry.key for w in record.values["words"][entry.vocabulary])
    ]
    publish_records(holders)
    return len(holders)


def recount(source: Source) -> None:
    """Set how many present records hold each word, and bring up to date the words that the
    taxonomy explains otherwise than before: the records that hold them are published again.

    One pass over the source's words and as many queries whatever the number of records, plus
    those of publishing when the taxonomy changed.
    """
    vocabularies = Vocabularies({}, set(), taxonomy.matcher())
    entries = {(e.vocabulary, e.key): e for e in source.vocabulary.prefetch_related("terms")}
    meant = {
        said: vocabularies.match(e.vocabulary, e.value)
        for said, e in entries.items()
        if not e.is_decided
    }
    otherwise = {said for said, codes in meant.items() if set(codes) != _codes(entries[said])}
    counted: Counter[tuple[str, str]] = Counter()
    holders = []
    held = SourceRecord.objects.present().filter(source=source).exclude(values__words=None)
    for pk, words in held.values_list("pk", "values__words").iterator(chunk_size=5000):
        said = {(v, key(w)[:300]) for v, listed in (words or {}).items() for w in listed}
        counted.update(said)
        if said & otherwise:
            holders.append(pk)
    _write_counts(entries, counted, meant)
    _explain_again({entries[said]: meant[said] for said in otherwise}, holders)


def _codes(entry: VocabularyEntry) -> set[str]:
    return {f"{t.vocabulary}:{t.code}" for t in entry.terms.all()}


def _write_counts(
    entries: Mapping[tuple[str, str], VocabularyEntry],
    counted: Mapping[tuple[str, str], int],
    meant: Mapping[tuple[str, str], list[str]],
) -> None:
    changed = []
    for said, entry in entries.items():
        count, automatic = counted.get(said, 0), bool(meant.get(said))
        if (entry.occurrences, entry.is_automatic) != (count, automatic):
            entry.occurrences, entry.is_automatic = count, automatic
            changed.append(entry)
    VocabularyEntry.objects.bulk_update(changed, ["occurrences", "is_automatic"], batch_size=1000)


@transaction.atomic
def _explain_again(terms_of: Mapping[VocabularyEntry, list[str]], holders: list[int]) -> None:
    """Keep what the words now mean, and publish their records by it."""
    from partners.publishing import publish_records

    if not terms_of:
        return
    publishing.lock()
    _write_terms(terms_of)
    publish_records(list(SourceRecord.objects.filter(pk__in=holders)))
