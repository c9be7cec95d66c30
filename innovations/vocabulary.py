"""The words that the directory knows, and the nearest of them to a word that it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone
from rapidfuzz.distance import OSA

from innovations.models import KnownWords, SearchRow

# Changes of rows after which the vocabulary is made again: so many, or one row in so many.
CHANGES, SHARE = 20, 50
# However few they are, changes wait no longer.
LATEST = timedelta(days=1)
LOCK = 7_214_020

SEEN = "SELECT last_value FROM innovations_searchchange_seen"
# Each word as it is most often written, its accents being those of the most frequent writing.
FILL = """
INSERT INTO innovations_knownword (key, word, lexeme, uses)
SELECT key, word, lexeme, uses FROM (
    SELECT unaccent(w.word) AS key, mode() WITHIN GROUP (ORDER BY w.word) AS word,
        count(*) AS uses,
        (tsvector_to_array(to_tsvector('carrefour', carrefour_words(
            mode() WITHIN GROUP (ORDER BY w.word)))))[1] AS lexeme
    FROM (
        SELECT lower(title) AS text FROM innovations_innovation WHERE status = 'publiee'
        UNION ALL SELECT lower(label) FROM innovations_term WHERE is_active
        UNION ALL SELECT lower(s.label) FROM innovations_termsynonym s
            JOIN innovations_term t ON t.id = s.term_id AND t.is_active
        UNION ALL SELECT lower(o.name) FROM innovations_organisation o WHERE EXISTS (
            SELECT FROM innovations_innovation i
            WHERE i.organisation_id = o.id AND i.status = 'publiee')
        UNION ALL SELECT lower(t.name) FROM territories_territory t WHERE t.id IN (
            SELECT l.territory_id FROM innovations_location l
            JOIN innovations_innovation i ON i.id = l.innovation_id AND i.status = 'publiee')
        UNION ALL SELECT lower(unnest(expressions)) FROM innovations_equivalent WHERE is_active
    ) AS said
    CROSS JOIN LATERAL regexp_split_to_table(
        carrefour_split(said.text), '[^a-zà-öø-ÿœ]+') AS w(word)
    WHERE length(w.word) BETWEEN 3 AND 40
    GROUP BY 1) AS found
WHERE lexeme IS NOT NULL AND length(key) <= 60 AND length(lexeme) <= 60
"""
# Which of these words no record holds, and those like them; the trigram index finds them.
LIKE = """
SELECT asked.n, k.word, k.key, k.uses
FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS asked(word, lexeme, n)
CROSS JOIN LATERAL (
    SELECT word, key, uses FROM innovations_knownword
    WHERE key %% unaccent(asked.word) AND lexeme <> asked.lexeme
    ORDER BY similarity(key, unaccent(asked.word)) DESC, uses DESC, key LIMIT 30) AS k
WHERE NOT EXISTS (SELECT FROM innovations_knownword WHERE lexeme = asked.lexeme)
"""
UNHELD = """
SELECT asked.n FROM unnest(%s::text[]) WITH ORDINALITY AS asked(said, n)
WHERE NOT EXISTS (
    SELECT FROM innovations_searchrow s WHERE s.vector @@ asked.said::tsquery)
"""


def refresh() -> None:
    """Make the vocabulary again from the published records; readers see the former one until
    the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(SEEN)
        (seen,) = cursor.fetchone()
        cursor.execute("DELETE FROM innovations_knownword")
        cursor.execute(FILL)
        KnownWords.objects.update_or_create(id=1, defaults={"seen": seen})


def refresh_if_needed() -> bool:
    """The same when enough changed since; says whether it did."""
    state = KnownWords.objects.filter(id=1).first()
    with connection.cursor() as cursor:
        cursor.execute(SEEN)
        (seen,) = cursor.fetchone()
    if state is not None:
        changes = seen - state.seen
        enough = max(CHANGES, SearchRow.objects.count() // SHARE)
        is_old = changes and state.made_at < timezone.now() - LATEST
        if changes < enough and not is_old:
            return False
    refresh()
    return True


@transaction.atomic
def forget() -> None:
    """Empty the vocabulary: something was removed at someone's request, of which it may hold words.
    It is made again at the next update; until then no word is put right."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("DELETE FROM innovations_knownword")
    KnownWords.objects.all().delete()


@dataclass(frozen=True)
class Slip:
    """A word that the directory does not know, and the nearest that it does; ``is_held``: some
    record holds it all the same, in its text."""

    written: str
    nearest: str
    is_held: bool


def slips(asked: Sequence[tuple[str, str]]) -> list[Slip]:
    """Those of the words, given as (word, lexeme), that may be typing errors; two queries."""
    likely = [(word, lexeme) for word, lexeme in asked if len(word) > 3 and word.isalpha()]
    if not likely:
        return []
    words, lexemes = [word.lower() for word, _ in likely], [lexeme for _, lexeme in likely]
    near: dict[int, list[tuple[str, str, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LIKE, [words, lexemes])
        for n, *candidate in cursor:
            near.setdefault(n, []).append(tuple(candidate))
        best = {n: word for n, found in near.items() if (word := _nearest(words[n - 1], found))}
        if not best:
            return []
        quoted = ["'" + lexemes[n - 1].replace("'", "''") + "'" for n in best]
        cursor.execute(UNHELD, [quoted])
        unheld = {list(best)[place - 1] for (place,) in cursor}
    return [Slip(likely[n - 1][0], word, n not in unheld) for n, word in best.items()]


def _nearest(word: str, candidates: Sequence[tuple[str, str, int]]) -> str:
    """The candidate within a slip of the pen, the most used first; "" without one."""
    most = 1 if len(word) < 6 else 2 if len(word) < 11 else 3
    scored = [
        (min(OSA.distance(word, known), OSA.distance(word, key)), -uses, known)
        for known, key, uses in candidates
    ]
    near = [each for each in scored if each[0] <= most]
    return min(near)[2] if near else ""
