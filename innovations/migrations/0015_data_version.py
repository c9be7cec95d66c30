"""The version of what public pages show: noted by triggers, whatever writes it."""

import django.db.models.functions.datetime
from django.db import migrations, models

# A weight at random: a database put back from a copy does not come to the same sums again.
FUNCTION = """
CREATE FUNCTION carrefour_note_data_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO innovations_datachange (weight, at)
    VALUES (1 + floor(random() * 1000000000)::bigint, clock_timestamp());
    RETURN NULL;
END $$;
"""
NO_FUNCTION = "DROP FUNCTION carrefour_note_data_change();"
WATCHED = [
    "innovations_citation",
    "innovations_completeness",
    "innovations_documentation",
    "innovations_economicmodel",
    "innovations_evidence",
    "innovations_fieldedit",
    "innovations_innovation",
    "innovations_innovation_terms",
    "innovations_link",
    "innovations_linkuse",
    "innovations_location",
    "innovations_means",
    "innovations_organisation",
    "innovations_picture",
    "innovations_reproduction",
    "innovations_searchplace",
    "innovations_searchrow",
    "innovations_term",
    "innovations_termsynonym",
    "territories_territory",
    "territories_territoryalias",
    "territories_territoryoutline",
]
TRIGGER = """
CREATE TRIGGER carrefour_data_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION carrefour_note_data_change();
"""
NO_TRIGGER = "DROP TRIGGER carrefour_data_change ON {table};"


class Migration(migrations.Migration):
    dependencies = [
        ("innovations", "0014_suggestions"),
        ("territories", "0002_typographic_apostrophes"),
    ]

    operations = [
        migrations.CreateModel(
            name="DataChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weight", models.BigIntegerField()),
                (
                    "at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "verbose_name": "changement de données publiques",
                "verbose_name_plural": "changements de données publiques",
            },
        ),
        migrations.RunSQL(FUNCTION, NO_FUNCTION),
        *(
            migrations.RunSQL(TRIGGER.format(table=table), NO_TRIGGER.format(table=table))
            for table in WATCHED
        ),
    ]
