"""The first records as they will appear, and what would be refused."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from innovations.models import Term
from partners.backoffice.editor import words
from partners.models import RecordState, Source
from partners.reports import Report
from partners.sampling import Sample, tried
from partners.vocabularies import Vocabularies

SHOWN = 20


@dataclass
class Preview:
    """``records`` as partners.reports previews them, with ``missing`` (what each lacks)."""

    records: list[dict[str, Any]] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)
    read: int = 0
    refused_count: int = 0
    grouped: int = 0
    problem: str = ""
    warnings: list[str] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    report: Report | None = None

    @property
    def to_complete(self) -> int:
        return sum(bool(r["missing"]) for r in self.records)


def preview(
    source: Source,
    rules: Sequence[dict[str, Any]],
    sample: Sample,
    known: Vocabularies,
    decisions: words.Decisions,
) -> Preview:
    """Try the rules on the sample; asks nothing of the source and writes nothing."""
    report = tried(source, rules, sample)
    labels = dict(_labels())
    for record in report.preview:
        codes = words.terms_of(record["words"], source, known, decisions)
        record["terms"] = [labels[code] for code in codes if code in labels]
        record["missing"] = _missing(record)
    reasons = Counter(e["message"] for r in report.rejected for e in r["errors"])
    counts = report.counts
    made = counts["created"] + counts["updated"] + counts["unchanged"]
    return Preview(
        records=report.preview[:SHOWN],
        refused=reasons.most_common(10),
        read=counts["seen"],
        refused_count=counts["rejected"],
        grouped=max(0, counts["seen"] - made - counts["rejected"]),
        problem=report.problem,
        warnings=report.warnings,
        problems=[p for r in report.preview for p in r["problems"]],
        report=report,
    )


def _labels() -> list[tuple[str, str]]:
    terms = Term.objects.active().values_list("vocabulary", "code", "label")
    return [(f"{vocabulary}:{code}", label) for vocabulary, code, label in terms]


def _missing(record: dict[str, Any]) -> list[str]:
    """What a record lacks, in words."""
    lacking = {
        "résumé ou description": not (record["summary"] or record["description"]),
        "lieu reconnu": record["territory"] is None,
        "thème": not record["terms"],
        "lien vers la fiche": not record["url"],
    }
    found = [name for name, is_lacking in lacking.items() if is_lacking]
    if record["state"] == RecordState.TO_COMPLETE and not found:
        found = ["de quoi être publiée"]
    return found
