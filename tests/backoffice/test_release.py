"""Publishing a source's waiting records together, and taking them back."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from innovations import bulk
from innovations.models import BulkAction, Innovation, SearchRow, Status
from partners import releasing
from partners.models import Source
from partners.publishing import publish_records
from tests.factories import InnovationFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db
# Migrations, without their numbers.
BEFORE, AFTER = "quality_snapshots", "undoable"


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def waiting(source: Source, title: str, **values: Any) -> Innovation:
    innovation: Innovation = InnovationFactory(title=title, status=Status.IN_REVIEW)
    SourceRecordFactory(source=source, innovation=innovation, values={"title": title, **values})
    return innovation


def preview(client: Client, source: Source, **query: str) -> Any:
    return client.get(reverse("backoffice:release", args=[source.slug]), query)


def publish(client: Client, source: Source, seen_at: str) -> Any:
    where = reverse("backoffice:release_publish", args=[source.slug])
    return client.post(where, {"vu": seen_at}, follow=True)


def undo(client: Client, made: BulkAction) -> Any:
    return client.post(reverse("backoffice:bulk_undo", args=[made.pk]), follow=True)


def states(*innovations: Innovation) -> list[str]:
    return [Innovation.objects.get(pk=i.pk).status for i in innovations]


def test_what_will_be_published_is_shown_then_published(moderator: Client, source: Source) -> None:
    ours = [waiting(source, f"Atelier {n}") for n in range(3)]
    other = waiting(SourceFactory(), "Fiche d’une autre source")
    page = preview(moderator, source)
    assert "3 fiches" in text(page)
    assert "Atelier 2" in text(page)
    assert other.title not in text(page)
    assert Innovation.objects.published().count() == 0
    page = publish(moderator, source, page.context["seen_at"])
    assert "3 fiches publiées." in text(page)
    assert states(*ours, other) == ["publiee"] * 3 + ["a-relire"]
    assert SearchRow.objects.filter(pk__in=[i.pk for i in ours]).count() == 3


def test_the_whole_is_sent_back_to_the_queue(moderator: Client, source: Source) -> None:
    ours = [waiting(source, f"Atelier {n}") for n in range(3)]
    alone = InnovationFactory(published=True)
    SourceRecordFactory(source=source, innovation=alone)
    publish(moderator, source, timezone.now().isoformat())
    made = BulkAction.objects.get()
    Innovation.objects.filter(pk=ours[0].pk).update(status=Status.UNPUBLISHED)
    former = reverse("backoffice:release_undo", args=[made.pk])
    asked = text(moderator.get(former, follow=True))
    assert f"Publication de la source {source.name}" in asked
    assert "2 lignes sur 3" in asked
    assert states(ours[1]) == ["publiee"]
    told = text(undo(moderator, made))
    assert "Geste défait : 2 lignes comme avant." in told
    assert f"laissées telles quelles : {ours[0].title}" in told
    assert states(*ours, alone) == ["depubliee", "a-relire", "a-relire", "publiee"]
    assert not SearchRow.objects.filter(pk=ours[1].pk).exists()
    assert Innovation.objects.get(pk=ours[1].pk).published_at is None
    assert "déjà défait" in text(undo(moderator, made))


def test_a_record_that_changed_since_it_was_shown_waits(moderator: Client, source: Source) -> None:
    seen, changed = waiting(source, "Atelier vu"), waiting(source, "Atelier changé")
    page = preview(moderator, source)
    Innovation.objects.filter(pk=changed.pk).update(updated_at=timezone.now())
    late = waiting(source, "Atelier arrivé après")
    page = publish(moderator, source, page.context["seen_at"])
    assert states(seen, changed, late) == ["publiee", "a-relire", "a-relire"]
    assert "2 fiches de cette source attendent encore." in text(page)


def test_a_record_to_be_checked_is_left_in_the_queue(moderator: Client, source: Source) -> None:
    plain, marked = waiting(source, "Atelier sûr"), waiting(source, "Atelier douteux", hold=True)
    page = preview(moderator, source)
    assert "1 fiche à vérifier avant publication reste dans la file" in text(page)
    publish(moderator, source, page.context["seen_at"])
    assert states(plain, marked) == ["publiee", "a-relire"]


@pytest.mark.parametrize("seen_at", ["", "hier", "2026-13-45T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_a_moment_that_is_none_publishes_nothing(
    moderator: Client, source: Source, seen_at: str
) -> None:
    innovation = waiting(source, "Atelier")
    publish(moderator, source, seen_at)
    assert states(innovation) == ["a-relire"]


def test_a_large_source_is_published_part_by_part(
    moderator: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "MOST", 2)
    for number in range(3):
        waiting(source, f"Atelier {number}")
    page = preview(moderator, source)
    assert "au plus 2 fiches" in text(page)
    page = publish(moderator, source, page.context["seen_at"])
    assert "2 fiches publiées." in text(page)
    assert "1 fiche de cette source attend encore." in text(page)


def test_the_next_pages_keep_the_moment_of_the_first(moderator: Client, source: Source) -> None:
    for number in range(51):
        waiting(source, f"Atelier {number}")
    page = preview(moderator, source)
    assert page.context["request"].GET["vu"] == page.context["seen_at"]
    again = preview(moderator, source, page="2", vu=page.context["seen_at"])
    assert again.context["seen_at"] == page.context["seen_at"]
    assert len(again.context["page_obj"]) == 1


def test_what_was_taken_back_is_not_published_by_the_next_composition(
    moderator: Client, source: Source
) -> None:
    Source.objects.filter(pk=source.pk).update(publishes_directly=False)
    values = {"title": "Atelier", "summary": "On répare."}
    record = SourceRecordFactory(source=source, values=values)
    (innovation,) = publish_records([record])
    assert states(innovation) == ["a-relire"]
    publish(moderator, source, timezone.now().isoformat())
    undo(moderator, BulkAction.objects.get())
    record.refresh_from_db()
    publish_records([record])
    assert states(innovation) == ["a-relire"]


def test_the_queue_offers_both_ways(moderator: Client, source: Source) -> None:
    waiting(source, "Atelier")
    queue = reverse("backoffice:review")
    offered = reverse("backoffice:release", args=[source.slug])
    assert offered not in text(moderator.get(queue))
    assert offered in text(moderator.get(queue, {"source": source.slug}))
    publish(moderator, source, timezone.now().isoformat())
    made = BulkAction.objects.get()
    way_back = reverse("backoffice:bulk_action", args=[made.pk])
    assert way_back in text(moderator.get(queue))
    assert way_back in text(moderator.get(reverse("backoffice:bulk_actions")))
    assert way_back not in text(moderator.get(queue, {"source": "une-autre"}))
    undo(moderator, made)
    assert "Publications groupées" not in text(moderator.get(queue))


def test_who_published_is_kept_in_the_history(
    moderator: Client, source: Source, roles: Any
) -> None:
    innovation = waiting(source, "Atelier")
    publish(moderator, source, timezone.now().isoformat())
    page = text(moderator.get(reverse("backoffice:innovation", args=[innovation.pk])))
    assert f"par {roles.moderator}" in page


def test_the_former_address_leads_to_no_other_gesture(moderator: Client) -> None:
    other = BulkAction.objects.create(kind="relecture", label="Publiée")
    where = reverse("backoffice:release_undo", args=[other.pk])
    assert moderator.get(where).status_code == 404


def test_those_published_before_join_the_gestures_and_go_back(source: Source) -> None:
    first, again = InnovationFactory(published=True), InnovationFactory(published=True)
    with connection.cursor() as cursor:
        # A test is one transaction: what waits for its end stops tables from changing.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _migrated(BEFORE).get_model("partners", "Release").objects.create(
        source_id=source.pk, innovation_ids=[first.pk, again.pk, 0], first_ids=[first.pk]
    )
    _migrated(AFTER)
    made = BulkAction.objects.get()
    assert made.subject == source.slug
    assert bulk.undoable(made) == 2

    former = _migrated(BEFORE).get_model("partners", "Release").objects.get()
    assert (set(former.innovation_ids), former.first_ids) == ({first.pk, again.pk}, [first.pk])
    assert former.made_at == made.made_at
    _migrated(AFTER)

    assert bulk.undo(BulkAction.objects.get(), author=None).restored == 2
    assert states(first, again) == ["a-relire"] * 2
    assert Innovation.objects.get(pk=first.pk).published_at is None
    assert Innovation.objects.get(pk=again.pk).published_at is not None


def _migrated(name: str) -> Any:
    """The models as they are after this migration (its name without its number)."""
    executor = MigrationExecutor(connection)
    (target,) = (n for n in executor.loader.graph.nodes if n[0] == "partners" and n[1][5:] == name)
    executor.migrate([target])
    return executor.loader.project_state([target]).apps
