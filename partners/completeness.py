"""A partner's records with what they lack; how it is counted: ``innovations.quality``."""

from django.db.models import F, QuerySet

from partners.models import RecordState, SourceRecord

# Each word once: (source, vocabulary, word).
SAID = """
SELECT DISTINCT r.source_id, w.key, said.word
FROM ({records}) r(source_id, held),
     jsonb_each(r.held -> 'words') w, jsonb_array_elements_text(w.value) said(word)
"""


def present(records: QuerySet[SourceRecord]) -> QuerySet[SourceRecord]:
    """Those still at their source: the ones that wait for something first, then the least complete
    public ones; each with its public record and how complete that is."""
    known = records.exclude(state=RecordState.WITHDRAWN).select_related(
        "source", "innovation__completeness"
    )
    return known.order_by("state", F("innovation__completeness__score").asc(nulls_first=True), "pk")


def missing(record: SourceRecord) -> list[str]:
    """What the record waits for, else what would raise the score of its public record most."""
    if record.state == RecordState.TO_COMPLETE:
        return [str(p["message"]) for p in record.problems if p.get("code") == "a-completer"]
    known = getattr(record.innovation, "completeness", None) if record.innovation else None
    return [reason.sentence for reason in known.best] if known else []
