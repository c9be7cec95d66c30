from django.db import migrations

# The journal reads people's acts, newest first; most contexts are those of harvests.
ADD = """
CREATE INDEX IF NOT EXISTS partners_journal_recent ON pghistory_context (created_at DESC, id)
WHERE metadata ? 'user'
"""


class Migration(migrations.Migration):

    dependencies = [
        ("partners", "0012_partner_steps"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.RunSQL(ADD, "DROP INDEX IF EXISTS partners_journal_recent"),
    ]
