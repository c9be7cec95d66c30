"""What public pages read here counts in the version of the data."""

from django.db import migrations

# A harvest writes its own state on its source; pages show none of it.
WATCHED = {
    "partners_partner": "UPDATE",
    "partners_source": "UPDATE OF name, slug, url, licence, is_active, partner_id, connector",
}
TRIGGER = """
CREATE TRIGGER carrefour_data_change AFTER INSERT OR {update} OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION carrefour_note_data_change();
"""
NO_TRIGGER = "DROP TRIGGER carrefour_data_change ON {table};"


class Migration(migrations.Migration):
    dependencies = [("partners", "0019_networks"), ("innovations", "0015_data_version")]

    operations = [
        migrations.RunSQL(
            TRIGGER.format(table=table, update=update), NO_TRIGGER.format(table=table)
        )
        for table, update in WATCHED.items()
    ]
