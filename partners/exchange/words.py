"""What partners' words mean, as a table."""

from collections.abc import Iterable
from typing import Any

from carrefour.text import key
from innovations.models import Term, Vocabulary
from partners.exchange.base import Kind, Refused, Row, listed, yes
from partners.models import Source, VocabularyEntry
from partners.vocabularies import apply_decision

YES = {True: "oui", False: "non"}


class Words(Kind):
    name = "mots"
    label = "Mots des partenaires"
    columns = ("source", "vocabulaire", "mot", "termes", "decide", "remarque", "occurrences")
    keys = ("source", "vocabulaire", "mot")
    fixed = ("occurrences",)
    view, change = "partners.view_vocabularyentry", "partners.change_vocabularyentry"

    def rows(self) -> Iterable[dict[str, str]]:
        return (self.current(entry) for entry in self._entries().iterator(chunk_size=2000))

    def find(self, row: Row) -> VocabularyEntry | None:
        if row.get("vocabulaire") not in Vocabulary.values:
            raise Refused(f"Vocabulaires connus : {', '.join(Vocabulary.values)}.")
        if not key(row.get("mot", "")):
            raise Refused("Le mot manque.")
        source = Source.objects.filter(slug=row.get("source", "")).first()
        if source is None:
            raise Refused(f"La source « {row.get('source', '')} » n’existe pas.")
        entries = self._entries().filter(source=source, vocabulary=row["vocabulaire"])
        return entries.filter(key=key(row["mot"])[:300]).first()

    def current(self, found: VocabularyEntry) -> dict[str, str]:
        return {
            "source": found.source.slug,
            "vocabulaire": found.vocabulary,
            "mot": found.value,
            "termes": "|".join(sorted(f"{t.vocabulary}:{t.code}" for t in found.terms.all())),
            "decide": YES[found.is_decided],
            "remarque": found.note,
            "occurrences": str(found.occurrences),
        }

    def write(self, found: VocabularyEntry | None, values: Row, author: Any) -> VocabularyEntry:
        entry = found or VocabularyEntry(
            source=Source.objects.get(slug=values["source"]),
            vocabulary=values["vocabulaire"],
            value=values["mot"][:300],
            key=key(values["mot"])[:300],
        )
        terms = None if "termes" not in values else self._terms(values["termes"], entry.vocabulary)
        is_decided = yes(values["decide"]) if "decide" in values else bool(terms)
        entry.is_decided = is_decided
        entry.note = values.get("remarque", entry.note)[:300]
        entry.save()
        if terms is not None:
            entry.terms.set(terms)
        return entry

    def follow(self, written: Iterable[VocabularyEntry]) -> None:
        for entry in written:
            apply_decision(entry)

    def get(self, pk: int) -> VocabularyEntry | None:
        return self._entries().filter(pk=pk).first()

    def take_back(self, found: VocabularyEntry, author: Any) -> None:
        found.terms.clear()
        found.is_decided = False
        found.save()

    @staticmethod
    def _entries() -> Any:
        return VocabularyEntry.objects.select_related("source").prefetch_related("terms")

    @staticmethod
    def _terms(text: str, vocabulary: str) -> list[Term]:
        found = []
        for said in listed(text):
            kind, _, code = said.rpartition(":")
            term = Term.objects.of(kind or vocabulary).filter(code=code).first()
            if term is None:
                raise Refused(f"Le terme « {said} » n’existe pas.")
            found.append(term)
        return found
