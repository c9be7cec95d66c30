"""Names written with dots are words: « Simplon.co », « S.C.O.P. »; addresses still are none."""

from django.db import migrations

# The dots of an acronym go, other dots between letters make two words; « 3.5 » stays a number, and
# the parts of an address (after « @ », « / » or « : », or before « @ » or « / ») are left.
WORDS = r"""
CREATE OR REPLACE FUNCTION carrefour_words(written text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT translate(
    regexp_replace(
        regexp_replace(
            written, '(?<![[:alnum:]])([[:alpha:]])\.(?=[[:alpha:]](?![[:alnum:]]))', '\1', 'g'),
        '(?<![@/:][[:alnum:].-]*)(?:(?<=[[:alpha:]])\.(?=[[:alnum:]])|(?<=[[:digit:]])\.(?=[[:alpha:]]))'
        '(?=[[:alnum:].-]*(?![[:alnum:].@/-]))',
        ' ', 'g'),
    '-‐‑–—’ʼ·•', '         ') $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION carrefour_words(written text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT translate(written, '-‐‑–—’ʼ·•', '         ') $$;
"""


class Migration(migrations.Migration):
    dependencies = [("innovations", "0017_search_log")]

    operations = [migrations.RunSQL(WORDS, BEFORE)]
