"""How words find records: all the words, else any of them, else titles that look alike."""

import html
from enum import Enum
from typing import Any

from django.contrib.postgres.search import (
    SearchHeadline,
    SearchQuery,
    SearchRank,
    TrigramWordSimilarity,
)
from django.db.models import Func, TextField, Value
from django.db.models.functions import Left
from django.utils.safestring import SafeString, mark_safe

from carrefour.text import key
from innovations.querysets import InnovationQuerySet, SearchRowQuerySet

CONFIG = "carrefour"
LOOKS_ALIKE = 0.5
# Private-use characters: no text holds them, so that escaping comes after highlighting.
START, STOP = "\ue000", "\ue001"


class TextMode(Enum):
    """From the strictest to the loosest; each is tried when the one before finds nothing."""

    ALL = "all"
    ANY = "any"
    ALIKE = "alike"


class AllWords(SearchQuery):
    """« websearch » syntax: words, "exact phrase", -excluded, or."""

    def __init__(self, text: str) -> None:
        super().__init__(text, config=CONFIG, search_type="websearch")


class AnyWord(AllWords):
    """The same words, one being enough."""

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        sql, params = super().as_sql(compiler, connection, *args, **kwargs)
        return f"replace({sql}::text, ' & ', ' | ')::tsquery", params


def matching(rows: SearchRowQuerySet, text: str, mode: TextMode) -> SearchRowQuerySet:
    """The rows that ``text`` finds in this mode, annotated with ``rank`` (higher is better)."""
    if mode is TextMode.ALIKE:
        return rows.annotate(rank=TrigramWordSimilarity(key(text), "title_key")).filter(
            rank__gte=LOOKS_ALIKE
        )
    query = AllWords(text) if mode is TextMode.ALL else AnyWord(text)
    return rows.filter(vector=query).annotate(rank=SearchRank("vector", query, cover_density=True))


def modes(text: str) -> list[TextMode]:
    """The modes worth trying for ``text``; « any word » would undo an exclusion."""
    words = key(text).split()
    loosened = [TextMode.ANY] if len(words) > 1 and " -" not in f" {text}" else []
    return [TextMode.ALL, *loosened, *([TextMode.ALIKE] if words else [])]


def with_highlight(innovations: InnovationQuerySet, text: str) -> InnovationQuerySet:
    """Annotated with the passages that matched, to be shown through ``marked``:
    ``highlight`` in the summary, ``highlight_body`` in the description.
    """
    without_tags = Func(
        "description",
        Value("<[^>]+>"),
        Value(" "),
        Value("g"),
        function="regexp_replace",
        output_field=TextField(),
    )
    return innovations.annotate(
        highlight=_headline("summary", text),
        highlight_body=_headline(Left(without_tags, 20_000), text),
    )


def _headline(expression: Any, text: str) -> SearchHeadline:
    return SearchHeadline(
        expression,
        AnyWord(text),
        config=CONFIG,
        start_sel=START,
        stop_sel=STOP,
        max_words=38,
        min_words=24,
        max_fragments=1,
    )


def marked(highlight: str) -> SafeString:
    """``highlight`` as safe HTML, the words found inside <mark>; « … » where a sentence is cut."""
    text = html.escape(" ".join(html.unescape(highlight).split()))
    if text[:1].islower():
        text = f"… {text}"
    return mark_safe(text.replace(START, "<mark>").replace(STOP, "</mark>"))
