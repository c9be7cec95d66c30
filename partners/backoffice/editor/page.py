"""Everything the editor's page shows, from the rules of a source or from what its form says."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from partners.backoffice.editor import draft, words
from partners.backoffice.editor.cards import (
    CardGroup,
    add_remarks,
    card_groups,
    column_choices,
    sample_columns,
    wanting,
)
from partners.backoffice.editor.operations import OPERATIONS
from partners.backoffice.editor.preview import Preview, preview
from partners.models import Source
from partners.sampling import Sample


@dataclass
class Editor:
    """A draft of a source's rules; ``sample`` None when nothing of the source is at hand."""

    source: Source
    rules: list[dict[str, Any]]
    sample: Sample | None
    decisions: words.Decisions = field(default_factory=dict)
    error: str = ""
    # JSON written by hand that cannot be read, and why.
    written: str = ""
    json_error: str = ""

    @classmethod
    def from_post(cls, source: Source, post: QueryDict, sample: Sample | None) -> "Editor":
        return cls(source, draft.read(post), sample, words.read(post))

    @property
    def usable(self) -> list[dict[str, Any]]:
        return draft.usable(self.rules)

    def context(self) -> dict[str, Any]:
        """For backoffice/mapping.html and its fragments."""
        faults = draft.faults(self.rules)
        knows, known = words.knowing(self.source)
        decided = set(self.decisions)
        groups = card_groups(
            self.rules, faults, self.sample, lambda v, w: (v, w) not in decided and knows(v, w)
        )
        shown = self._preview(bool(faults), known)
        if shown:
            add_remarks(groups, shown.problems)
        return {
            "source": self.source,
            "groups": groups,
            "columns": column_choices(sample_columns(self.sample)),
            "operations": list(OPERATIONS.values()),
            "sample": self.sample,
            "preview": shown,
            "wanting": wanting(self.usable),
            "faults": sum(len(f) for f in faults.values()),
            "error": self.error,
            "decisions": {f"{v}:{w}": chosen for (v, w), chosen in self.decisions.items()},
            "terms": words.term_choices() if _asks_for_terms(groups) else [],
            "ignore": words.IGNORE,
            "json": self.written or json.dumps(self.usable, ensure_ascii=False, indent=2),
            "json_error": self.json_error,
        }

    def _preview(self, is_faulty: bool, known: Any) -> Preview | None:
        rules = self.usable
        if self.sample is None or is_faulty or not rules:
            return None
        return preview(self.source, rules, self.sample, known, self.decisions)


def _asks_for_terms(groups: list[CardGroup]) -> bool:
    return any(c.vocabulary and c.review and c.review.unknown for g in groups for c in g.cards)
