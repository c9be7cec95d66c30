"""The passages of a record that a search found, marked."""

import html
import re
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import Func, TextField, Value
from django.db.models.functions import Left
from django.utils.safestring import SafeString, mark_safe

from innovations.querysets import InnovationQuerySet
from innovations.search_words import Condition

CONFIG = "carrefour"
# Private-use characters: no text holds them, so that escaping comes after highlighting.
START, STOP = "\ue000", "\ue001"
# A text this short is shown whole.
LEAST_WORDS = 24
# A short word, marked in rows (see migration 0019) but not in the texts that are shown.
SHORT = re.compile(r"'(\w{2,})qq'")
ENDS = (".", "!", "?", "…", ":", ";")


def with_highlight(innovations: InnovationQuerySet, tsquery: str) -> InnovationQuerySet:
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
        highlight=headline("summary", tsquery),
        highlight_body=headline(Left(without_tags, 20_000), tsquery),
    )


def headline(expression: Any, tsquery: str) -> SearchHeadline:
    """The passage of a text that holds the words, to be shown through ``marked``."""
    return SearchHeadline(
        expression,
        _as_texts_say(tsquery),
        config=CONFIG,
        start_sel=START,
        stop_sel=STOP,
        max_words=38,
        min_words=LEAST_WORDS,
        max_fragments=1,
    )


def _as_texts_say(tsquery: str) -> Any:
    """The condition with its short words as the configuration alone reads them."""
    said = Condition(tsquery)
    if short := sorted(set(SHORT.findall(tsquery))):
        return said | SearchQuery(" | ".join(short), search_type="raw", config=CONFIG)
    return said


def marked(highlight: str) -> SafeString:
    """``highlight`` as safe HTML, the words found inside <mark>; « … » where a sentence is cut."""
    words = html.unescape(highlight).split()
    text = html.escape(" ".join(words))
    if text.lstrip(START)[:1].islower():
        text = f"… {text}"
    if len(words) >= LEAST_WORDS and not text.endswith(ENDS):
        text = f"{text.removesuffix(',')}…"
    return mark_safe(text.replace(START, "<mark>").replace(STOP, "</mark>"))
