"""The words that a search of obstacles reads, written by the database whoever writes the texts."""

from django.db import migrations

SQL = """
-- As carrefour.text.key writes it: what two names are compared by.
CREATE FUNCTION essaimage_compared(said text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT trim(regexp_replace(lower(unaccent(said)), '[^0-9a-z]+', ' ', 'g'))
$$;
-- As innovations.search_words reads what is asked: « 852/2004 » is two words.
CREATE FUNCTION essaimage_lexemes(said text) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT to_tsvector('carrefour', carrefour_words(replace(said, '/', ' ')))
$$;
CREATE FUNCTION essaimage_write_obstacle_words(asked bigint) RETURNS void LANGUAGE sql AS $$
    -- Two interpretations written at once wait for each other: each then reads both.
    SELECT 1 FROM essaimage_obstacle o WHERE o.id = asked FOR NO KEY UPDATE;
    INSERT INTO essaimage_obstaclewords (obstacle_id, authority_key, legal_key, words)
    SELECT o.id, essaimage_compared(o.authority), essaimage_compared(o.legal_basis),
        setweight(essaimage_lexemes(o.title), 'A')
        || setweight(essaimage_lexemes(o.authority || ' ; ' || o.legal_basis), 'B')
        || setweight(essaimage_lexemes(o.description || ' ; ' || o.resolution), 'C')
        || setweight(essaimage_lexemes(coalesce(
            (SELECT string_agg(concat_ws(' ; ', i.authority, i.text, i.source), ' ; ')
             FROM essaimage_interpretation i
             WHERE i.obstacle_id = o.id AND i.publication = 'publiee'), '')), 'D')
    FROM essaimage_obstacle o WHERE o.id = asked
    ON CONFLICT (obstacle_id) DO UPDATE SET authority_key = EXCLUDED.authority_key,
        legal_key = EXCLUDED.legal_key, words = EXCLUDED.words
$$;
CREATE FUNCTION essaimage_obstacle_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM essaimage_write_obstacle_words(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION essaimage_obstacle_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM essaimage_obstaclewords WHERE obstacle_id = OLD.id;
    RETURN NULL;
END $$;
CREATE FUNCTION essaimage_interpretation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM essaimage_write_obstacle_words(OLD.obstacle_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM essaimage_write_obstacle_words(NEW.obstacle_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER essaimage_obstacle_words AFTER INSERT OR UPDATE ON essaimage_obstacle
    FOR EACH ROW EXECUTE FUNCTION essaimage_obstacle_changed();
CREATE TRIGGER essaimage_obstacle_words_gone AFTER DELETE ON essaimage_obstacle
    FOR EACH ROW EXECUTE FUNCTION essaimage_obstacle_gone();
CREATE TRIGGER essaimage_interpretation_words AFTER INSERT OR UPDATE OR DELETE
    ON essaimage_interpretation
    FOR EACH ROW EXECUTE FUNCTION essaimage_interpretation_changed();
CREATE TRIGGER carrefour_data_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON essaimage_obstaclewords
    FOR EACH STATEMENT EXECUTE FUNCTION carrefour_note_data_change();
SELECT essaimage_write_obstacle_words(id) FROM essaimage_obstacle;
"""
UNDO = """
DROP TRIGGER carrefour_data_change ON essaimage_obstaclewords;
DROP TRIGGER essaimage_interpretation_words ON essaimage_interpretation;
DROP TRIGGER essaimage_obstacle_words_gone ON essaimage_obstacle;
DROP TRIGGER essaimage_obstacle_words ON essaimage_obstacle;
DROP FUNCTION essaimage_interpretation_changed();
DROP FUNCTION essaimage_obstacle_gone();
DROP FUNCTION essaimage_obstacle_changed();
DROP FUNCTION essaimage_write_obstacle_words(bigint);
DROP FUNCTION essaimage_lexemes(text);
DROP FUNCTION essaimage_compared(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("essaimage", "0010_obstacle_pages"),
        ("innovations", "0015_data_version"),
    ]

    operations = [migrations.RunSQL(SQL, UNDO)]
