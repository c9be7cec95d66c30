"""Loading the directory's taxonomy from its committed file, and matching labels to terms."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction

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
    """(vocabulary, key of a label, synonym or code) → ["vocabulary:code", …]."""
    found: dict[tuple[str, str], list[str]] = {}
    for term in Term.objects.active().prefetch_related("synonyms"):
        words = {key(term.label), key(term.code), *(s.key for s in term.synonyms.all())}
        for word in words:
            found.setdefault((term.vocabulary, word), []).append(f"{term.vocabulary}:{term.code}")
    return found


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
        raise ValueError(f"{path} : aucun terme")
    return terms
