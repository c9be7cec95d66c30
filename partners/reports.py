"""The report of a harvest, as people and programs read it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from innovations.models import Term
from partners.identity import Refused
from partners.mapping.rules import Rule
from partners.models import SourceRecord
from partners.models.run import no_counts
from partners.vocabularies import Vocabularies

PREVIEWED = 50
LISTED = 1000


@dataclass
class Report:
    """What one harvest read and did. ``to_json`` has the shape of docs/moissonnage.md.

    ``problem`` is set when the source could not be used: one French sentence; ``needs_access``
    says that it asks who is there. ``options`` are the connector's and ``rules`` the mapping's (a
    trial's), ``alternatives`` other ways to read the address: {connector, url, options,
    confidence}; ``url`` is the address to harvest, which may not be the one that was tried.
    """

    connector: str = ""
    confidence: float = 1.0
    mapping: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=no_counts)
    preview: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    state: str = ""
    run_id: int | None = None
    source: str = ""
    problem: str = ""
    needs_access: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    rules: list[dict[str, Any]] = field(default_factory=list)
    alternatives: list[dict[str, Any]] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """0 done, 1 done with rejected records, 2 the source cannot be used."""
        if self.problem:
            return 2
        return 1 if self.counts["rejected"] else 0

    def warn(self, message: str) -> None:
        if message not in self.warnings:
            self.warnings.append(message)

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "connector": self.connector,
            "confidence": round(self.confidence, 2),
            "mapping": self.mapping,
            "counts": self.counts,
            "preview": self.preview,
            "rejected": self.rejected,
            "warnings": self.warnings,
            "state": self.state,
            "run": self.run_id,
            "problem": self.problem,
            "options": self.options,
            "url": self.url,
            "rules": self.rules,
            "alternatives": self.alternatives,
            "needs_access": self.needs_access,
        }

    def add_refused(self, refused: Sequence[Refused]) -> None:
        room = LISTED - len(self.rejected)
        self.rejected += [
            {
                "where": r.position,
                "external_id": r.external_id,
                "raw": r.rows[0].data,
                "errors": r.errors,
            }
            for r in refused[:room]
        ]

    def add_preview(self, records: Sequence[SourceRecord], words: Vocabularies) -> None:
        room = PREVIEWED - len(self.preview)
        if room <= 0:
            return
        labels = dict_of_labels()
        self.preview += [previewed(r, words, labels) for r in records[:room]]


def mapping_of(rules: Iterable[Rule]) -> dict[str, dict[str, Any]]:
    """{target: {path, confidence}}: all the paths of all its rules, the best confidence."""
    found: dict[str, dict[str, Any]] = {}
    for rule in rules:
        before = found.get(rule.target, {"path": "", "confidence": 0.0})
        found[rule.target] = {
            "path": " + ".join(filter(None, (before["path"], *rule.paths))),
            "confidence": max(before["confidence"], rule.confidence),
        }
    return found


def dict_of_labels() -> dict[str, str]:
    return {
        f"{vocabulary}:{code}": label
        for vocabulary, code, label in Term.objects.values_list("vocabulary", "code", "label")
    }


def previewed(
    record: SourceRecord, vocabularies: Vocabularies, labels: dict[str, str]
) -> dict[str, Any]:
    """A record as it would be: terms by label and code, sites with how sure their place is."""
    values = record.values
    terms = vocabularies.terms(record.source_id, values.get("words") or {})
    sites = [_site(site) for site in record.sites]
    return {
        "external_id": record.external_id,
        "title": values.get("title", ""),
        "summary": values.get("summary", ""),
        "description": values.get("description", ""),
        "url": record.url,
        "website": values.get("website", ""),
        "porteur": values.get("porteur") or {},
        "year": values.get("year"),
        "territory": next((s for s in sites if s["code"]), None),
        "sites": sites,
        **{plural: _terms(terms, one, labels) for one, plural in _PLURALS.items()},
        "words": values.get("words") or {},
        "licence": record.licence,
        "record_type": record.record_type,
        "state": record.state,
        "problems": record.problems,
    }


_PLURALS = {"theme": "themes", "public": "publics", "method": "methods"}


def _terms(codes: Sequence[str], vocabulary: str, labels: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"code": code.partition(":")[2], "label": labels.get(code, "")}
        for code in codes
        if code.startswith(f"{vocabulary}:")
    ]


def _site(site: dict[str, Any]) -> dict[str, Any]:
    names = ("kind", "code", "name", "confidence", "label", "latitude", "longitude", "note")
    return {name: site.get(name) for name in names}
