from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0006_release'),
    ]

    operations = [
        migrations.AddField(
            model_name='deposit',
            name='cleared_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='contenu effacé le'),
        ),
        migrations.AddField(
            model_name='run',
            name='journal_cleared_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='journal effacé le'),
        ),
    ]
