"""The words of obstacles are written again: short words and acronyms are words of their own."""

from django.db import migrations

AGAIN = "SELECT essaimage_write_obstacle_words(id) FROM essaimage_obstacle;"


class Migration(migrations.Migration):
    dependencies = [
        ("essaimage", "0016_decisions"),
        ("innovations", "0019_short_words"),
    ]

    operations = [migrations.RunSQL(AGAIN, migrations.RunSQL.noop)]
