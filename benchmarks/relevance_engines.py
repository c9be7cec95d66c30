"""Engines that answer a query with the innovations of their first page, best first."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.relevance_corpus import Document

Engine = Callable[[str], list[int]]
DEPTH = 10


def application(text: str) -> list[int]:
    """The search as a visitor gets it: the words alone, its own order, its first page."""
    from django.http import QueryDict

    from innovations.search import InnovationSearch

    query = QueryDict(mutable=True)
    query["q"] = text
    return [innovation.pk for innovation in InnovationSearch.from_query(query).results()]


PLAIN = """
CREATE TABLE relevance_plain AS
SELECT id, to_tsvector('french', concat_ws(' ', title, summary, description)) AS vector
FROM innovations_innovation WHERE status = 'publiee'
"""
RANKED = """
SELECT id FROM relevance_plain, websearch_to_tsquery('french', %s) AS query
WHERE vector @@ query ORDER BY ts_rank(vector, query) DESC, id LIMIT %s
"""


def plain(depth: int = DEPTH) -> Engine:
    """PostgreSQL as it comes: « french », websearch_to_tsquery and ts_rank over the story."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(PLAIN)

    def answer(text: str) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(RANKED, [text, depth])
            return [pk for (pk,) in cursor.fetchall()]

    return answer


def tantivy(documents: Sequence[Document], depth: int = DEPTH) -> Engine:
    """BM25 over the story, the porteur, the themes and the places; any word is enough."""
    from tantivy import Document as Entry
    from tantivy import Filter, Index, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

    fields = ("title", "summary", "description", "organisation", "themes", "places")
    schema = SchemaBuilder().add_integer_field("pk", stored=True)
    for name in fields:
        schema = schema.add_text_field(name, tokenizer_name="francais")
    index = Index(schema.build())
    analyzer = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase())
    analyzer = analyzer.filter(Filter.stopword("french")).filter(Filter.stemmer("french"))
    index.register_tokenizer("francais", analyzer.filter(Filter.ascii_fold()).build())
    # One thread: the same segments, hence the same scores, each time.
    writer = index.writer(num_threads=1)
    for document in documents:
        entry: Any = Entry(pk=document.pk)
        for name in fields:
            entry.add_text(name, getattr(document, name))
        writer.add_document(entry)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def answer(text: str) -> list[int]:
        query, _ = index.parse_query_lenient(text, list(fields))
        return [searcher.doc(at)["pk"][0] for _, at in searcher.search(query, depth).hits]

    return answer


def rapidfuzz(documents: Sequence[Document], depth: int = DEPTH) -> Engine:
    """Letters alone, no language: how near the words are to a part of the title, then to the rest.

    For pools only: it finds misspelt words that stemmers do not.
    """
    import numpy as np
    from rapidfuzz import fuzz
    from rapidfuzz.process import cdist

    from carrefour.text import key

    titles = [key(d.title) for d in documents]
    stories = [
        key(f"{d.title} {d.organisation} {d.themes} {d.summary} {d.description}")[:1000]
        for d in documents
    ]

    def answer(text: str) -> list[int]:
        asked = [key(text)]
        score = cdist(asked, titles, scorer=fuzz.token_set_ratio)[0]
        score = score + cdist(asked, stories, scorer=fuzz.partial_token_set_ratio)[0] / 2
        score = score + cdist(asked, stories, scorer=fuzz.partial_ratio)[0]
        best = np.argsort(-score, kind="stable")[:depth]
        return [documents[k].pk for k in best.tolist()]

    return answer
