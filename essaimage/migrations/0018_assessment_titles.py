from django.db import migrations, models

from carrefour.text import key

LONGEST = 200


def tell_which_bear_a_title(apps, schema_editor):
    """Those begun before: named after their record, by its title of today or a former one."""
    events = apps.get_model("innovations", "InnovationEvent").objects
    begun = apps.get_model("essaimage", "Assessment").objects.exclude(innovation=None)
    for assessment in begun.select_related("innovation").iterator(chunk_size=500):
        former = events.filter(pgh_obj_id=assessment.innovation_id).order_by()
        titles = {assessment.innovation.title, *former.values_list("title", flat=True)}
        names = {key(title[:LONGEST]) for title in titles} - {""}
        if any(name in key(assessment.project) for name in names):
            assessment.is_named_after = True
            assessment.save(update_fields=["is_named_after"])


class Migration(migrations.Migration):

    dependencies = [
        ('essaimage', '0017_short_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='assessment',
            name='is_named_after',
            field=models.BooleanField(default=False, help_text='Tel qu’il était au début : la fiche a pu en changer.', verbose_name='porte le titre de la fiche'),
        ),
        migrations.RunPython(tell_which_bear_a_title, migrations.RunPython.noop, elidable=True),
    ]
