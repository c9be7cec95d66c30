"""Obstacles found by authority, words and filters: read by the page, the file and the API."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib.postgres.search import SearchRank
from django.db.models import FloatField, Q, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import QueryDict

from carrefour.keyset import KeysetPage, keyset_page
from carrefour.text import key
from essaimage.models import Obstacle
from essaimage.obstacles import criteria
from essaimage.obstacles.criteria import CHOICES, Criteria
from essaimage.querysets import PUBLISHED, ObstacleQuerySet
from innovations.equivalents import equivalents
from innovations.search_text import headline
from innovations.search_words import Condition, Words, read

PAGE = 20
LATEST = ("-created_at", "-pk")
RELEVANT = ("-rank", "-pk")


@dataclass(frozen=True)
class ObstacleSearch:
    criteria: Criteria

    @classmethod
    def from_query(cls, query: QueryDict) -> "ObstacleSearch":
        return cls(criteria.read(query))

    @cached_property
    def words(self) -> Words:
        return read(self.criteria.text, equivalents)

    @property
    def notices(self) -> list[str]:
        told = list(self.criteria.notices)
        if self.words.ignored:
            left = ", ".join(f"« {word} »" for word in self.words.ignored)
            told.append(f"Mots trop courants, laissés de côté : {left}.")
        return told

    @property
    def rows(self) -> ObstacleQuerySet:
        """All that are public and answer, not sorted."""
        asked = self.criteria
        rows = Obstacle.objects.of_public()
        for name, value in asked.chosen.items():
            rows = rows.filter(**{CHOICES[name][0]: value})
        if asked.authority:
            rows = rows.filter(before(asked.authority))
        if asked.territory:
            rows = rows.filter(within([asked.territory.pk]))
        if asked.innovation:
            rows = rows.of(asked.innovation)
        return saying(rows, self.words)

    def page(self) -> KeysetPage:
        """The most relevant first with words, else the latest; with ``highlight``."""
        rows = self.rows.for_list().with_reading()
        keys = LATEST
        if self.words.groups:
            rows, keys = highlighted(ranked(rows, self.words), self.words), RELEVANT
        return keyset_page(rows, keys, self.criteria.page, PAGE)


def before(authority: str) -> Q:
    """Obstacles whose authority holds these words, in their order."""
    return Q(words__authority_key__contains=key(authority))


def within(territories: list[int]) -> Q:
    """Obstacles met in these territories or inside them, or by a public replication there."""
    inside = Q(territory__ancestor_ids__overlap=territories)
    there = Q(replication__territory__ancestor_ids__overlap=territories)
    return inside | (there & Q(territory=None, replication__publication=PUBLISHED))


def saying(rows: ObstacleQuerySet, words: Words) -> ObstacleQuerySet:
    return rows.filter(words__words=Condition(words.tsquery)) if words.tsquery else rows


def ranked(rows: ObstacleQuerySet, words: Words) -> ObstacleQuerySet:
    """With ``rank``, widened: a cursor reads the very value that it wrote."""
    said = SearchRank("words__words", Condition(words.any_tsquery), cover_density=True)
    return rows.annotate(rank=Cast(said, FloatField()))


def highlighted(rows: ObstacleQuerySet, words: Words) -> ObstacleQuerySet:
    """With ``highlight``: the passage of the description or of the resolution that holds them."""
    told = Concat("description", Value(" "), "resolution", output_field=TextField())
    return rows.annotate(highlight=headline(told, words.any_tsquery))
