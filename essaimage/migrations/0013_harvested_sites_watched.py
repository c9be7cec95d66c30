"""The page of a project's spread reads which of its places are replications: they count in the
version of the data."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER carrefour_data_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON essaimage_harvestedsite
    FOR EACH STATEMENT EXECUTE FUNCTION carrefour_note_data_change();
"""
NO_TRIGGER = "DROP TRIGGER carrefour_data_change ON essaimage_harvestedsite;"


class Migration(migrations.Migration):
    dependencies = [("essaimage", "0012_facts_told")]

    operations = [migrations.RunSQL(TRIGGER, NO_TRIGGER)]
