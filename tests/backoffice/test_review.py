"""Moderation one record at a time, in bulk, undone; what the partner is told; what comes back."""

import datetime
import re
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from innovations import bulk
from innovations.models import BulkAction, Innovation, Status
from partners import moderation
from partners.models import Decision, Moderation, Motive, SourceRecord
from partners.publishing import publish_records, republish
from tests.factories import InnovationFactory, SourceFactory, SourceRecordFactory
from tests.rows import counting_rows

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def to_review(title: str = "Atelier", **changed: object) -> SourceRecord:
    """A record of a source whose records are reviewed before they are published."""
    source = changed.pop("source", None) or SourceFactory(publishes_directly=False)
    values = {"title": title, "summary": "Réparer ensemble."}
    record = SourceRecordFactory(source=source, values=values, **changed)
    publish_records([record])
    record.refresh_from_db()
    return record


def settle(client: Client, innovation: Innovation, action: str, **data: object) -> object:
    where = reverse("backoffice:review_settle", args=[innovation.pk])
    return client.post(where, {"action": action, "vu": moderation.mark(innovation), **data})


def test_what_the_source_gave_stands_beside_what_the_public_will_see(moderator: Client) -> None:
    record = to_review(problems=[{"message": "Lieu incertain."}])
    to_review()
    page = text(moderator.get(reverse("backoffice:review_one", args=[record.innovation_id])))
    assert f"{record.source.partner.name} donne" in page
    assert "Le public verra" in page
    assert "Lieu incertain." in page
    assert "Une autre fiche porte le même titre" in page


def test_published_it_gives_way_to_the_next(moderator: Client) -> None:
    older, newer = to_review("Premier"), to_review("Second")
    answer = settle(moderator, newer.innovation, "publier")
    done = BulkAction.objects.get()
    where = reverse("backoffice:review_one", args=[older.innovation_id])
    assert answer.url == f"{where}?fait={done.pk}"
    page = text(moderator.get(answer.url))
    assert "Annuler cette décision" in page
    moderator.post(reverse("backoffice:bulk_undo", args=[done.pk]))
    newer.innovation.refresh_from_db()
    assert newer.innovation.status == Status.IN_REVIEW
    assert not Moderation.objects.standing().exists()


def test_sending_back_asks_for_a_motive(moderator: Client) -> None:
    record = to_review()
    answer = settle(moderator, record.innovation, "renvoyer", text="Les coordonnées.")
    assert "le partenaire doit savoir pourquoi" in text(answer)
    assert "Les coordonnées." in text(answer)
    record.innovation.refresh_from_db()
    assert record.innovation.status == Status.IN_REVIEW


def test_the_partner_reads_what_was_sent_back_and_why(
    moderator: Client, roles: SimpleNamespace, client: Client
) -> None:
    record = to_review(source=SourceFactory(partner=roles.partner, publishes_directly=False))
    settle(
        moderator, record.innovation, "renvoyer", motive="personnelles", text="Retirez le numéro."
    )
    client.force_login(roles.partner_member, BACKEND)
    page = text(client.get(reverse("backoffice:sent_back", args=[roles.partner.slug])))
    assert "Retirez le numéro." in page
    assert "Données personnelles" in page
    assert roles.moderator.display_name not in page.partition("<main")[2]


def test_what_was_sent_back_waits_until_its_partner_changes_it(moderator: Client) -> None:
    record = to_review()
    settle(moderator, record.innovation, "renvoyer", motive="forme")
    republish([record.innovation_id])
    record.innovation.refresh_from_db()
    assert record.innovation.status == Status.SENT_BACK

    later = timezone.now() + datetime.timedelta(minutes=1)
    SourceRecord.objects.filter(pk=record.pk).update(changed_at=later)
    republish([record.innovation_id])

    record.innovation.refresh_from_db()
    assert record.innovation.status == Status.IN_REVIEW
    assert list(moderation.resubmitted()) == [record.innovation]


def test_two_people_at_once_the_second_is_told(moderator: Client) -> None:
    record = to_review()
    seen = Innovation.objects.get(pk=record.innovation_id)
    moderation.decide([seen.pk], Decision.UNPUBLISH, author=None, motive=Motive.LEGALITY)
    answer = settle(moderator, seen, "publier")
    assert answer.status_code == 409
    assert "n’est pas appliquée" in text(answer)
    seen.refresh_from_db()
    assert seen.status == Status.UNPUBLISHED


def test_many_are_sent_back_at_once_and_all_come_back(moderator: Client) -> None:
    records = [to_review(f"Atelier {n}") for n in range(3)]
    ids = [r.innovation_id for r in records]
    data = {"action": "renvoyer", "fiche": ids}
    page = text(moderator.post(reverse("backoffice:review_decide"), data))
    assert "Renvoyer au partenaire ces 3 fiches ?" in page
    sure = {**data, "confirme": "oui", "motive": "doublon", "vu": marks(page)}
    answer = moderator.post(reverse("backoffice:review_decide"), sure)
    assert Innovation.objects.filter(status=Status.SENT_BACK).count() == 3
    assert "Annuler cette décision" in text(moderator.get(answer.url))

    action = BulkAction.objects.get()
    moderation.decide(ids[:1], Decision.PUBLISH, author=None)
    undone = bulk.undo(action, author=None)

    assert (undone.restored, undone.left) == (2, ["Atelier 0"])
    assert Innovation.objects.filter(status=Status.IN_REVIEW).count() == 2
    with pytest.raises(bulk.AlreadyUndone):
        bulk.undo(action, author=None)


def marks(page: str) -> list[str]:
    return re.findall(r'name="vu" value="([^"]+)"', page)


def test_of_many_those_that_changed_since_they_were_read_are_left(moderator: Client) -> None:
    first, other = to_review("Atelier"), to_review("Jardin")
    where = reverse("backoffice:review_decide")
    read = marks(text(moderator.get(reverse("backoffice:review"))))
    Innovation.objects.get(pk=first.innovation_id).save()  # composed again by a harvest
    data = {"action": "publier", "fiche": [first.innovation_id, other.innovation_id], "vu": read}
    confirm = text(moderator.post(where, data))
    data |= {"confirme": "oui", "vu": marks(confirm)}
    page = text(moderator.post(where, data, follow=True))
    assert "1 fiche laissée" in page
    assert list(Innovation.objects.filter(status=Status.PUBLISHED)) == [other.innovation]
    assert "Rien n’est décidé" in text(moderator.post(where, data, follow=True))


def test_what_was_withdrawn_meanwhile_is_not_published(moderator: Client) -> None:
    record = to_review()
    moderation.decide([record.innovation_id], Decision.UNPUBLISH, author=None)
    SourceRecord.objects.filter(pk=record.pk).update(state="retiree")
    moderation.decide([record.innovation_id], Decision.PUBLISH, author=None)
    record.innovation.refresh_from_db()
    assert record.innovation.status == Status.WITHDRAWN


def test_the_journal_tells_who_did_what(moderator: Client, roles: SimpleNamespace) -> None:
    record = to_review("Jardin")
    settle(moderator, record.innovation, "depublier", motive="legalite", text="Droit à l’image.")
    action = BulkAction.objects.get()
    listing = text(moderator.get(reverse("backoffice:bulk_actions")))
    assert "Dépubliée : 1 ligne" in listing
    assert roles.moderator.display_name in listing
    page = text(moderator.get(reverse("backoffice:bulk_action", args=[action.pk])))
    assert "Jardin" in page
    assert "Droit à l’image." in page


@pytest.mark.parametrize("name", ["review_one", "review", "bulk_actions", "innovation"])
def test_a_page_costs_the_same_for_10_and_300_records(name: str, moderator: Client) -> None:
    source = SourceFactory(publishes_directly=False)

    def add(number: int) -> None:
        rank = SourceRecord.objects.count()
        records = [
            SourceRecordFactory.build(
                source=source,
                external_id=f"p{rank + n}",
                values={"title": "Atelier", "summary": "x"},
            )
            for n in range(number)
        ]
        SourceRecord.objects.bulk_create(records)
        publish_records(records)
        for record in records[:5]:
            moderation.decide(
                [record.innovation_id], Decision.SEND_BACK, author=None, motive="forme"
            )

    add(10)
    one = Innovation.objects.filter(status=Status.IN_REVIEW).order_by("pk").first()
    takes = [one.pk] if name in {"review_one", "innovation"} else []
    where = reverse(f"backoffice:{name}", args=takes)
    moderator.get(where)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries, counting_rows() as rows:
            assert moderator.get(where).status_code == 200
        costs.append((len(queries), rows.count))
        add(290)
    (few, _), (many, fetched) = costs
    assert many <= few <= 12
    assert fetched < 150


def test_a_record_written_by_the_team_alone_can_be_reviewed(moderator: Client) -> None:
    alone = InnovationFactory(status=Status.IN_REVIEW)
    page = text(moderator.get(reverse("backoffice:review_one", args=[alone.pk])))
    assert alone.summary in page


def test_what_its_partner_changed_since_it_was_read_is_not_published_unread(
    moderator: Client,
) -> None:
    record = to_review()
    seen = record.innovation
    values = {**record.values, "summary": "Achetez ici."}
    SourceRecord.objects.filter(pk=record.pk).update(values=values)
    republish([record.innovation_id])
    answer = settle(moderator, seen, "publier")
    assert answer.status_code == 409
    assert "Achetez ici." in text(answer)
    seen.refresh_from_db()
    assert seen.status == Status.IN_REVIEW
    settle(moderator, seen, "publier")
    seen.refresh_from_db()
    assert seen.status == Status.PUBLISHED
