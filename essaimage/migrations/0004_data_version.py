"""What public pages read here counts in the version of the data."""

from django.db import migrations

WATCHED = [
    "essaimage_replication",
    "essaimage_replicationstep",
    "essaimage_replication_partners",
    "essaimage_diffusionstatement",
    "essaimage_nationaltakeup",
]
TRIGGER = """
CREATE TRIGGER carrefour_data_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION carrefour_note_data_change();
"""
NO_TRIGGER = "DROP TRIGGER carrefour_data_change ON {table};"


class Migration(migrations.Migration):
    dependencies = [("essaimage", "0003_diffusion_statement"), ("innovations", "0015_data_version")]

    operations = [
        migrations.RunSQL(TRIGGER.format(table=table), NO_TRIGGER.format(table=table))
        for table in WATCHED
    ]
