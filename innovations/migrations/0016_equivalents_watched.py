"""Pages that a search makes change with the equivalent expressions and the known words too."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER carrefour_data_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION carrefour_note_data_change();
"""
NO_TRIGGER = "DROP TRIGGER carrefour_data_change ON {table};"
WATCHED = ["innovations_equivalent", "innovations_knownword"]


class Migration(migrations.Migration):
    dependencies = [("innovations", "0015_data_version")]

    operations = [
        migrations.RunSQL(TRIGGER.format(table=table), NO_TRIGGER.format(table=table))
        for table in WATCHED
    ]
