"""The reasons of changes of state, kept in the accounts until now, each in a row of its own."""

from django.db import migrations
from django.db.models import F


def apart(apps, schema_editor):
    Telling = apps.get_model("essaimage", "Telling")
    known = set(apps.get_model("essaimage", "ReplicationStep").objects.values_list("pk", flat=True))
    for row in Telling.objects.filter(values__has_key="reasons").order_by("pk"):
        reasons = {
            said["step"]: said["text"]
            for said in row.values.pop("reasons")
            if said["step"] in known
        }
        left = [(step, {"reason": text}) for step, text in reasons.items()]
        # The row itself stays, with its history: as the account, or as the first reason.
        if not row.values and left:
            row.step_id, row.values = left.pop(0)
        row.save(update_fields=["step", "values"])
        for step, values in left:
            made = Telling.objects.create(
                replication_id=row.replication_id, side=row.side, step_id=step, values=values,
                state=row.state, answer=row.answer, decided_at=row.decided_at,
                decided_by_id=row.decided_by_id,
            )  # fmt: skip
            Telling.objects.filter(pk=made.pk).update(created_at=row.created_at)


def together(apps, schema_editor):
    Telling = apps.get_model("essaimage", "Telling")
    rows = Telling.objects.exclude(step=None).annotate(in_state=F("step__state")).order_by("pk")
    for row in rows:
        said = {"step": row.step_id, "state": row.in_state, "text": row.values.get("reason", "")}
        account = Telling.objects.filter(
            replication_id=row.replication_id, side=row.side, step=None, state="a-relire"
        ).first()
        if row.state == "a-relire" and account is not None:
            account.values["reasons"] = [*account.values.get("reasons", []), said]
            account.save(update_fields=["values"])
            row.delete()
        else:
            row.step_id, row.values = None, {"reasons": [said]}
            row.save(update_fields=["step", "values"])


class Migration(migrations.Migration):
    dependencies = [("essaimage", "0020_tellings_apart")]

    operations = [migrations.RunPython(apart, together)]
