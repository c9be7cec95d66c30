"""What the equivalents change to a search: how many records a word finds with and without."""

from collections.abc import Sequence
from dataclasses import dataclass

from carrefour.text import one_line, well_formed
from innovations.equivalents import Spoken, equivalents
from innovations.models import SearchRow
from innovations.search_asked import saying
from innovations.search_criteria import MAX_TEXT
from innovations.search_words import Words, read


@dataclass(frozen=True)
class Trial:
    """``others``: the expressions that are searched as well."""

    written: str
    without: int
    with_them: int
    others: tuple[str, ...]


def tried(text: str) -> Trial:
    """The records of the whole directory that hold all the words; five queries."""
    written = one_line(well_formed(text))[:MAX_TEXT]
    others: list[str] = []

    def noted(texts: Sequence[str]) -> Spoken:
        found = equivalents(texts)
        others.extend(other for _, _, said in found for other in said if isinstance(other, str))
        return found

    return Trial(written, _count(read(written)), _count(read(written, noted)), tuple(others))


def _count(words: Words) -> int:
    if not words.groups and not words.excluded:
        return 0
    return saying(SearchRow.objects.all(), words.tsquery).count()
