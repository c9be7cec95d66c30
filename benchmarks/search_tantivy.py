"""tantivy over the records of the current database: what the search is compared with."""

from typing import Any
from urllib.parse import parse_qs

FACETS = ("terms", "partner", "nature", "maturity", "zone")
ROWS = """
SELECT s.innovation_id, i.title, i.summary, i.description, s.term_ids, s.partner_slugs, s.nature,
    s.maturity, ARRAY(SELECT t.kind || '-' || t.code FROM territories_territory t
        WHERE t.id = ANY(s.territory_ids) AND t.kind IN ('region', 'departement', 'collectivite'))
FROM innovations_searchrow s JOIN innovations_innovation i ON i.id = s.innovation_id
"""


class Tantivy:
    """Its own index, in memory, its words stemmed and its facets in columns."""

    def __init__(self) -> None:
        from tantivy import Filter, Index, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

        schema = SchemaBuilder().add_integer_field("pk", stored=True, fast=True)
        schema = schema.add_text_field("title", tokenizer_name="francais")
        schema = schema.add_text_field("body", tokenizer_name="francais")
        for name in FACETS:
            schema = schema.add_text_field(name, tokenizer_name="raw", fast=True)
        self.index = Index(schema.build())
        analyzer = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase())
        analyzer = analyzer.filter(Filter.stopword("french")).filter(Filter.stemmer("french"))
        self.index.register_tokenizer("francais", analyzer.filter(Filter.ascii_fold()).build())
        self._write()
        self.index.reload()
        self.searcher = self.index.searcher()

    def _write(self) -> None:
        import re

        from django.db import connection, transaction
        from tantivy import Document

        writer = self.index.writer(heap_size=256_000_000)
        tags = re.compile("<[^>]+>")
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(ROWS)
            for pk, title, summary, body, terms, partners, nature, maturity, zones in cursor:
                entry: Any = Document(pk=pk)
                entry.add_text("title", title)
                entry.add_text("body", f"{summary} {tags.sub(' ', body)}")
                columns = (map(str, terms), partners, [nature], [maturity], zones)
                for name, values in zip(FACETS, columns, strict=True):
                    for value in values:
                        if value:
                            entry.add_text(name, value)
                writer.add_document(entry)
        writer.commit()
        writer.wait_merging_threads()

    def page(self, query: str) -> None:
        """The twenty first and the counts of every facet; all the words are needed."""
        asked = parse_qs(query)
        parts = [f"+(title:{word}^3 body:{word})" for word in asked.get("q", [""])[0].split()]
        for name in ("zone", "nature"):
            parts += [f'+{name}:"{value}"' for value in asked.get(name, [])]
        parsed = self.index.parse_query(" ".join(parts) or "*", ["title", "body"])
        _ = self.searcher.search(parsed, 20, count=True).hits
        self.searcher.aggregate(
            parsed, {name: {"terms": {"field": name, "size": 200}} for name in FACETS}
        )
