from django.db import migrations


def prove(apps, schema_editor):
    """Each partner at the step that its data prove; the journal says where that comes from."""
    Partner = apps.get_model("partners", "Partner")
    Source = apps.get_model("partners", "Source")
    Move = apps.get_model("partners", "PartnerMove")
    Run = apps.get_model("partners", "Run")
    for partner in Partner.objects.all():
        sources = Source.objects.filter(partner=partner)
        is_live = sources.filter(is_active=True).exists()
        was_live = Run.objects.filter(source__partner=partner).exists()
        if not partner.is_active and (was_live or sources.exists()):
            step = "en-pause"
        elif is_live or was_live:
            step = "en-ligne"
        elif partner.charter_signed_on:
            step = "source" if sources.exists() else "charte"
        else:
            step = "contact"
        Partner.objects.filter(pk=partner.pk).update(step=step)
        Move.objects.create(
            partner=partner,
            after=step,
            happened_on=partner.charter_signed_on or partner.created_at.date(),
            note="Étape reprise des données qui existaient avant ce journal.",
        )


class Migration(migrations.Migration):

    dependencies = [
        ("partners", "0011_partner_life"),
    ]

    operations = [
        migrations.RunPython(prove, migrations.RunPython.noop),
    ]
