"""French words as visitors write them, changed rows noted for the bitmaps, places found by distance."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# Stop words are met before accents go: « été » and « à » are in the list with theirs.
STOP = """
CREATE TEXT SEARCH DICTIONARY carrefour_stop (
    TEMPLATE = pg_catalog.simple, STOPWORDS = french, ACCEPT = false);
ALTER TEXT SEARCH CONFIGURATION carrefour
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, hword, hword_part, word
    WITH carrefour_stop, unaccent, french_stem;
ALTER TEXT SEARCH CONFIGURATION carrefour
    DROP MAPPING FOR email, url, url_path, host, file, sfloat, float, version;
"""
NO_STOP = """
ALTER TEXT SEARCH CONFIGURATION carrefour
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, hword, hword_part, word
    WITH unaccent, french_stem;
ALTER TEXT SEARCH CONFIGURATION carrefour
    ADD MAPPING FOR email, url, url_path, host, file, sfloat, float, version WITH simple;
DROP TEXT SEARCH DICTIONARY carrefour_stop;
"""
# « tiers-lieu » is two words, as « tiers lieu »; « habitant·es » too; « l’école » has its article.
WORDS = """
CREATE FUNCTION carrefour_words(written text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT translate(written, '-‐‑–—’ʼ·•', '         ') $$;
"""
NO_WORDS = "DROP FUNCTION carrefour_words(text);"
# Every way of writing a row goes through here: a harvest, an edit, an erasure, a cascade.
NOTE = """
CREATE SEQUENCE innovations_searchchange_seen;
CREATE FUNCTION innovations_note_search_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO innovations_searchchange (innovation_id, seen)
    SELECT DISTINCT ON (innovation_id) innovation_id, nextval('innovations_searchchange_seen')
    FROM changed ORDER BY innovation_id
    ON CONFLICT (innovation_id) DO UPDATE SET seen = EXCLUDED.seen;
    RETURN NULL;
END $$;
CREATE TRIGGER innovations_searchrow_inserted AFTER INSERT ON innovations_searchrow
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION innovations_note_search_change();
CREATE TRIGGER innovations_searchrow_updated AFTER UPDATE ON innovations_searchrow
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION innovations_note_search_change();
CREATE TRIGGER innovations_searchrow_deleted AFTER DELETE ON innovations_searchrow
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION innovations_note_search_change();
INSERT INTO innovations_searchchange
    SELECT innovation_id, nextval('innovations_searchchange_seen') FROM innovations_searchrow;
"""
NO_NOTE = """
DROP TRIGGER innovations_searchrow_inserted ON innovations_searchrow;
DROP TRIGGER innovations_searchrow_updated ON innovations_searchrow;
DROP TRIGGER innovations_searchrow_deleted ON innovations_searchrow;
DROP FUNCTION innovations_note_search_change();
DROP SEQUENCE innovations_searchchange_seen;
"""
# Vectors and bitmaps are read in part and often: never compressed, bitmaps never moved away.
STORAGE = """
ALTER TABLE innovations_searchrow ALTER COLUMN vector SET STORAGE EXTERNAL;
ALTER TABLE innovations_searchbits ALTER COLUMN bits SET STORAGE PLAIN;
"""
NO_STORAGE = "ALTER TABLE innovations_searchrow ALTER COLUMN vector SET STORAGE EXTENDED;"
POINT = """
CREATE INDEX CONCURRENTLY innovations_searchplace_point
    ON innovations_searchplace USING gist (point(longitude, latitude));
"""
NO_POINT = "DROP INDEX CONCURRENTLY innovations_searchplace_point;"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("innovations", "0011_search_index")]

    operations = [
        migrations.RunSQL(STOP, NO_STOP),
        migrations.RunSQL(WORDS, NO_WORDS),
        migrations.RunSQL(NOTE, NO_NOTE),
        migrations.RunSQL(STORAGE, NO_STORAGE),
        migrations.RunSQL([POINT], [NO_POINT]),
        AddIndexConcurrently(
            model_name="searchrow",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["tags"], name="innovations_search_tags"
            ),
        ),
        AddIndexConcurrently(
            model_name="searchrow",
            index=models.Index(fields=["-merit", "-innovation"], name="innovations_search_merit"),
        ),
    ]
