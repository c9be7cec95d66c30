"""Short words and acronyms are not stemmed: « CAF » is no « café », « REP » no « repas »."""

from django.db import migrations

# What the stemmer leaves of a longer word is often another word: « mèr(e) » and « mer », « vari(er) »
# and « Var ». Words of three letters that end with a consonant have no ending to lose but their
# plural; the words named are those, of the field and of its acronyms, that it cuts or mistakes too.
# They are marked as nothing else is in French; stop words are left to their list. Both what is
# written in records and what is asked go through here.
SHORT = r"""
CREATE FUNCTION carrefour_words(written text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT regexp_replace(
    carrefour_split(written),
    '(?<![[:alnum:]@/:.])(?!(?:aux|des|les|ces|mes|tes|ses|mon|ton|son|nos|vos|par|pas|sur|est|'
    'ait|eus|eut|eût|fus|fut|fût|ont)(?![[:alnum:]]))'
    '([[:alpha:]]{2}[bcçdfghj-np-tv-xz]|ami|avise|bafa|cada|cae|cias|cide|cuma|detr|eaje|epide|erea|'
    'etaps|feder|huda|just|lea|loi|main|marpa|mie|paca|pacea|parc|pass|pia|plie|puma|savs|'
    'scop|segpa|sein|siae|vae|vie|zae)(s?)(?![[:alnum:]@/]|[.][[:alnum:]])',
    '\1qq\2', 'gi') $$;
"""
NO_SHORT = "DROP FUNCTION carrefour_words(text);"


class Migration(migrations.Migration):
    dependencies = [("innovations", "0018_words_with_dots")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION carrefour_words(text) RENAME TO carrefour_split",
            "ALTER FUNCTION carrefour_split(text) RENAME TO carrefour_words",
        ),
        migrations.RunSQL(SHORT, NO_SHORT),
    ]
