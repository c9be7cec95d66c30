"""What was published a source at a time joins the other gestures on many rows, both ways."""

from typing import Any

from django.db import migrations

KIND = "publication"
PUBLIC = {"status": "publiee", "was_public": True}


def to_gestures(apps: Any, schema_editor: Any) -> None:
    action_model = apps.get_model("innovations", "BulkAction")
    for release in apps.get_model("partners", "Release").objects.select_related("source"):
        action = action_model.objects.create(
            kind=KIND,
            label=f"Publication de la source {release.source.name}"[:200],
            subject=release.source.slug,
            author_id=release.made_by_id,
            undone_at=release.undone_at,
            undone_by_id=release.undone_by_id,
        )
        # The date of its creation is written by itself.
        action_model.objects.filter(pk=action.pk).update(made_at=release.made_at)
        _write_changes(apps, action, release)


def _write_changes(apps: Any, action: Any, release: Any) -> None:
    changes, first = apps.get_model("innovations", "BulkChange"), set(release.first_ids)
    known = apps.get_model("innovations", "Innovation").objects.filter(
        pk__in=release.innovation_ids
    )
    changes.objects.bulk_create(
        [
            changes(
                action=action,
                row=pk,
                label=title,
                innovation_id=pk,
                before={"status": "a-relire", "was_public": pk not in first},
                after=PUBLIC,
                is_undone=release.undone_at is not None,
            )
            for pk, title in known.order_by("title_key", "pk").values_list("pk", "title")
        ],
        batch_size=2000,
    )


def to_releases(apps: Any, schema_editor: Any) -> None:
    """Those of a source that is no more had no place among them."""
    actions = apps.get_model("innovations", "BulkAction").objects.filter(kind=KIND)
    sources = dict(apps.get_model("partners", "Source").objects.values_list("slug", "pk"))
    release_model = apps.get_model("partners", "Release")
    for action in actions.filter(subject__in=sources).prefetch_related("changes"):
        changes = list(action.changes.all())
        release = release_model.objects.create(
            source_id=sources[action.subject],
            innovation_ids=[c.row for c in changes],
            first_ids=[c.row for c in changes if not c.before["was_public"]],
            made_by_id=action.author_id,
            undone_at=action.undone_at,
            undone_by_id=action.undone_by_id,
        )
        release_model.objects.filter(pk=release.pk).update(made_at=action.made_at)
    actions.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("innovations", "0010_undoable"),
        ("partners", "0016_quality_snapshots"),
    ]

    operations = [migrations.RunPython(to_gestures, to_releases)]
