"""French text search that ignores accents: configuration « carrefour »."""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

CREATE = """
CREATE TEXT SEARCH CONFIGURATION carrefour (COPY = french);
ALTER TEXT SEARCH CONFIGURATION carrefour
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, hword, hword_part, word
    WITH unaccent, french_stem;
"""
DROP = "DROP TEXT SEARCH CONFIGURATION carrefour;"


class Migration(migrations.Migration):
    dependencies = [("innovations", "0001_initial")]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunSQL(CREATE, DROP),
    ]
