import django.db.models.deletion
from django.db import migrations, models

# What staff took away until now was told by the state of the picture alone.
TAKEN_AWAY = """
INSERT INTO innovations_removedpicture (innovation_id, address_digest, removed_at)
SELECT innovation_id, encode(sha256(convert_to(
    regexp_replace(source_url, '^https?://[^/]+', '', 'i'), 'UTF8')), 'hex'), now()
FROM innovations_picture WHERE state = 'retiree'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('innovations', '0004_merged'),
    ]

    operations = [
        migrations.CreateModel(
            name='RemovedPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address_digest', models.CharField(editable=False, max_length=64, verbose_name='empreinte de l’adresse')),
                ('removed_at', models.DateTimeField(auto_now_add=True, verbose_name='retirée le')),
                ('innovation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='removed_pictures', to='innovations.innovation', verbose_name='innovation')),
            ],
            options={
                'verbose_name': 'image retirée',
                'verbose_name_plural': 'images retirées',
                'constraints': [models.UniqueConstraint(fields=('innovation', 'address_digest'), name='innovations_removedpicture_once')],
            },
        ),
        migrations.RunSQL(TAKEN_AWAY, migrations.RunSQL.noop),
    ]
