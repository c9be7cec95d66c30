"""What was last told becomes a dictionary; nothing was told yet."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("partners", "0003_harvest_engine")]
    operations: ClassVar = [
        migrations.RemoveField(model_name="alert", name="told"),
        migrations.AddField(
            model_name="alert",
            name="told",
            field=models.JSONField(
                blank=True,
                default=dict,
                editable=False,
                help_text="Motif → nombre dit ; vide quand tout allait bien.",
                verbose_name="dit par le dernier message",
            ),
        ),
    ]
