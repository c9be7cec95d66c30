"""Where each piece of information of a public record comes from, and what others say of it.

Within the licences: of a record, a text that no open licence covers is never given whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from carrefour.html import clean
from carrefour.text import excerpt
from innovations.composition import EXTRACT_LENGTH, PROTECTED, REPRODUCTION, STAFF
from innovations.licences import Licence
from innovations.models import Citation, Innovation
from innovations.telling import told

# The blocks of the page, and the fields that each shows.
BLOCKS: dict[str, tuple[str, ...]] = {
    "head": ("title", "summary", "nature", "maturity", "started_year"),
    "body": ("description",),
    "aside": ("organisation", "reach", "website", "is_commun", "commun_governance",
              "commun_licence", "terms"),
}  # fmt: skip
REPRODUCING = "reproduction"


@dataclass(frozen=True)
class Version:
    """What one partner says; ``is_extract``: the rest is read at its own page."""

    text: str
    citation: Citation
    is_extract: bool = False


@dataclass(frozen=True)
class Origin:
    """One field: its name in French, who gives it (None: the team), and what others say."""

    name: str
    label: str
    citation: Citation | None
    others: tuple[Version, ...] = ()

    @property
    def is_staffs(self) -> bool:
        return self.citation is None


@dataclass(frozen=True)
class Provenance:
    """The origins of a record's fields; reads its citations, which were prefetched."""

    innovation: Innovation
    labels: Mapping[str, str]

    def block(self, name: str) -> list[Origin]:
        """Those of the fields that a block shows."""
        if name == REPRODUCING:
            fields = sorted(f for f in self.innovation.origins if f.startswith(f"{REPRODUCTION}."))
        else:
            fields = [f for f in BLOCKS[name] if f in self.innovation.origins]
        return list(self._origins(fields))

    def _origins(self, fields: Iterable[str]) -> Iterator[Origin]:
        cited = {c.source_record: c for c in self.innovation.citations.all()}
        for name in fields:
            origin = self.innovation.origins[name]
            if origin != STAFF and origin not in cited:
                continue
            others = versions(self.innovation, name, cited)
            citation = None if origin == STAFF else cited[origin]
            yield Origin(name, self.labels.get(name, name), citation, tuple(others))


def versions(innovation: Innovation, name: str, cited: Mapping[int, Citation]) -> Iterator[Version]:
    """What other sources say of a field, as plain text; nothing of a reference's."""
    if innovation.is_reference:
        return
    for other in innovation.alternatives.get(name, ()):
        citation = cited.get(other["record"])
        text = told(name, other["value"])
        if citation is None or not text:
            continue
        is_closed = is_long(name) and not Licence(citation.licence).is_open
        shown = excerpt(text, EXTRACT_LENGTH) if is_closed else text
        yield Version(shown, citation, is_extract=is_closed and shown != text)


def open_alternatives(innovation: Innovation) -> Iterator[dict[str, Any]]:
    """What other sources under an open licence say, field by field: what the data may carry."""
    if innovation.is_reference:
        return
    cited = {c.source_record: c for c in innovation.citations.all()}
    for name in sorted(innovation.alternatives):
        for other in innovation.alternatives[name]:
            citation = cited.get(other["record"])
            if citation is not None and Licence(citation.licence).is_open:
                value = other["value"]
                safe = clean(value) if name == "description" else value
                yield {"field": name, "value": safe, "citation": citation}


def is_long(name: str) -> bool:
    """Whether the field is a text that only an open licence lets us give whole."""
    return name in PROTECTED or name.startswith(f"{REPRODUCTION}.")
