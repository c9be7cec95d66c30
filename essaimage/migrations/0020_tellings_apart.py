
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# What the page of a replication reads of it: whether a reason waits.
TRIGGER = """
CREATE TRIGGER carrefour_data_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON essaimage_telling FOR EACH STATEMENT EXECUTE FUNCTION carrefour_note_data_change();
"""
NO_TRIGGER = "DROP TRIGGER carrefour_data_change ON essaimage_telling;"


class Migration(migrations.Migration):

    dependencies = [
        ('essaimage', '0019_emptied_texts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='telling',
            name='essaimage_telling_states',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='telling',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='telling',
            name='update_update',
        ),
        migrations.RemoveConstraint(
            model_name='telling',
            name='essaimage_telling_one_waits',
        ),
        migrations.AddField(
            model_name='telling',
            name='replaced',
            field=models.JSONField(blank=True, default=dict, verbose_name='ce que cela remplace'),
        ),
        migrations.AddField(
            model_name='telling',
            name='step',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tellings', to='essaimage.replicationstep', verbose_name='étape dont c’est le motif'),
        ),
        migrations.AddField(
            model_name='telling',
            name='told_at',
            field=models.DateTimeField(blank=True, help_text='Le courriel à qui l’a écrit, quand son adresse est connue.', null=True, verbose_name='mise à l’écart annoncée le'),
        ),
        migrations.AddField(
            model_name='tellingevent',
            name='replaced',
            field=models.JSONField(blank=True, default=dict, verbose_name='ce que cela remplace'),
        ),
        migrations.AddField(
            model_name='tellingevent',
            name='step',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='essaimage.replicationstep', verbose_name='étape dont c’est le motif'),
        ),
        migrations.AddField(
            model_name='tellingevent',
            name='told_at',
            field=models.DateTimeField(blank=True, help_text='Le courriel à qui l’a écrit, quand son adresse est connue.', null=True, verbose_name='mise à l’écart annoncée le'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='telling',
            trigger=pgtrigger.compiler.Trigger(name='essaimage_telling_states', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{a-relire:retenu,a-relire:ecarte,retenu:a-relire,ecarte:a-relire}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='62fc77f62f5584edce84823314a7d3f2d606acee', operation='UPDATE', pgid='pgtrigger_essaimage_telling_states_72d4d', table='essaimage_telling', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='telling',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "essaimage_tellingevent" ("answer", "created_at", "decided_at", "decided_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "replaced", "replication_id", "side", "state", "step_id", "told_at", "values") VALUES (NEW."answer", NEW."created_at", NEW."decided_at", NEW."decided_by_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."replaced", NEW."replication_id", NEW."side", NEW."state", NEW."step_id", NEW."told_at", NEW."values"); RETURN NULL;', hash='206a4dafb5b32c59fee7a6eb7d834dfe88b851db', operation='INSERT', pgid='pgtrigger_insert_insert_24051', table='essaimage_telling', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='telling',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "essaimage_tellingevent" ("answer", "created_at", "decided_at", "decided_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "replaced", "replication_id", "side", "state", "step_id", "told_at", "values") VALUES (NEW."answer", NEW."created_at", NEW."decided_at", NEW."decided_by_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."replaced", NEW."replication_id", NEW."side", NEW."state", NEW."step_id", NEW."told_at", NEW."values"); RETURN NULL;', hash='e7a87627c39d67f638384d97a97bd7865af5903c', operation='UPDATE', pgid='pgtrigger_update_update_ab3ff', table='essaimage_telling', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='telling',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'a-relire'), ('step', None)), fields=('replication', 'side'), name='essaimage_telling_one_waits', violation_error_message='Un texte de ce côté attend déjà d’être relu.'),
        ),
        migrations.AddConstraint(
            model_name='telling',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'a-relire'), ('step__isnull', False)), fields=('step', 'side'), name='essaimage_telling_one_reason', violation_error_message='Un motif de cette étape attend déjà d’être relu.'),
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
