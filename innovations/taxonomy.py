"""Loading the directory's taxonomy from its committed file, and matching labels to terms."""

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from carrefour.text import key
from innovations.models import Term, TermSynonym, Vocabulary

FILE = Path(__file__).parent / "data" / "taxonomie.toml"
TABLES = {Vocabulary.THEME: "themes", Vocabulary.PUBLIC: "publics", Vocabulary.METHOD: "methods"}


@transaction.atomic
def load(path: Path = FILE) -> int:
    """Create or complete the terms of the file; returns how many terms it holds.

    What staff changed (label, description, parent of an existing term) is left as it is; only
    new terms and new synonyms are added.
    """
    terms = _read(path)
    known = {(t.vocabulary, t.code): t for t in Term.objects.all()}
    for position, entry in enumerate(terms):
        identity = (entry["vocabulary"], entry["code"])
        if identity not in known:
            known[identity] = Term.objects.create(
                vocabulary=entry["vocabulary"],
                code=entry["code"],
                label=entry["label"],
                description=entry.get("description", ""),
                parent=known.get((entry["vocabulary"], entry.get("parent", ""))),
                position=position,
                cis_codes=entry.get("cis_codes", []),
            )
    synonyms = [
        TermSynonym(term=known[e["vocabulary"], e["code"]], label=label, key=key(label))
        for e in terms
        for label in e.get("synonyms", [])
    ]
    TermSynonym.objects.bulk_create(synonyms, ignore_conflicts=True)
    return len(terms)


def matcher() -> dict[tuple[str, str], list[str]]:
    """(vocabulary, key of a label, synonym or code) → ["vocabulary:code", …].

    The words of a merged term mean the one that it was merged into.
    """
    found: dict[tuple[str, str], list[str]] = {}
    terms = Term.objects.reachable().select_related("merged_into").prefetch_related("synonyms")
    for term in terms:
        meant = identity(term)
        for word in words_of(term):
            known = found.setdefault((term.vocabulary, word), [])
            if meant not in known:
                known.append(meant)
    return found


def words_of(term: Term) -> set[str]:
    """The keys that say the term: label, code, synonyms."""
    return {key(term.label), key(term.code), *(s.key for s in term.synonyms.all())}


def identity(term: Term) -> str:
    """« vocabulary:code » of the term that it stands for today."""
    standing = term.merged_into or term
    return f"{standing.vocabulary}:{standing.code}"


def usages() -> dict[int, int]:
    """Term → number of published innovations, those of its sous-domaines included; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, count(*) FROM innovations_searchrow, unnest(term_ids) AS t(id) GROUP BY id"
        )
        return dict(cursor.fetchall())


def standing_for(codes: Iterable[str], vocabulary: str) -> dict[str, str]:
    """Old code → the code of the active term that it was merged into, among ``codes``."""
    merged = Term.objects.of(vocabulary).filter(code__in=codes, merged_into__is_active=True)
    return dict(merged.values_list("code", "merged_into__code"))


@lru_cache(maxsize=4)
def _read(path: Path) -> list[dict[str, Any]]:
    """The file's terms, parents first, each with its vocabulary. Raises ``ValueError``."""
    with path.open("rb") as file:
        data = tomllib.load(file)
    terms = []
    for vocabulary, table in TABLES.items():
        entries = sorted(data.get(table, []), key=lambda e: bool(e.get("parent")))
        terms += [{**entry, "vocabulary": vocabulary.value} for entry in entries]
    if not terms:
        raise ValueError(f"{path} : aucun terme")
    return terms
