"""What public pages read here counts in the version of the data: the tables of 0005 too."""

from django.db import migrations

WATCHED = [
    "essaimage_party",
    "essaimage_publicactor",
    "essaimage_obstacle",
    "essaimage_obstaclestep",
    "essaimage_interpretation",
    "essaimage_experiment",
    "essaimage_experiment_alliance",
    "essaimage_experiment_obstacles",
    "essaimage_experiment_territories",
    "essaimage_facts",
]
TRIGGER = """
CREATE TRIGGER carrefour_data_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION carrefour_note_data_change();
"""
NO_TRIGGER = "DROP TRIGGER carrefour_data_change ON {table};"


class Migration(migrations.Migration):
    dependencies = [("essaimage", "0005_replication_life"), ("innovations", "0015_data_version")]

    operations = [
        migrations.RunSQL(TRIGGER.format(table=table), NO_TRIGGER.format(table=table))
        for table in WATCHED
    ]
