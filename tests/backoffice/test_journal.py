"""Who changed what: each object's history, values put back, and the journal of acts."""

from types import SimpleNamespace
from typing import Any

import pghistory.models
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from innovations import taxonomy_changes
from innovations.models import FieldEdit
from partners import editing
from partners.backoffice.acts import NAMES, named
from partners.backoffice.tracked import TRACKED
from partners.consolidation import deciding, linking, switching
from partners.models import (
    LinkagePass,
    LinkageRule,
    Pair,
    Partner,
    Recomposition,
    Source,
    Verdict,
)
from partners.publishing import publish_records
from tests.backoffice.conftest import BACKEND
from tests.backoffice.matrix import MATRIX
from tests.backoffice.test_queries import queries
from tests.factories import (
    InnovationFactory,
    PartnerFactory,
    ReplicationFactory,
    SourceFactory,
    SourceRecordFactory,
    TermFactory,
)

pytestmark = pytest.mark.django_db


def former(row: object, field: str, value: object) -> int:
    return row.events.filter(**{field: value}).order_by("pgh_id").last().pgh_id


def restore(client: Client, kind: str, row: object, field: str, event: int) -> None:
    where = reverse("backoffice:history_restore", args=[kind, row.pk])
    client.post(where, {"evenement": event, "champ": field})


def test_every_tracked_object_has_its_history(moderator: Client) -> None:
    for tracked in TRACKED.values():
        assert tracked.events._meta.get_field("pgh_context")


def test_a_history_says_who_from_what_to_what(moderator: Client, roles: SimpleNamespace) -> None:
    term = TermFactory(code="a", label="Avant")
    taxonomy_changes.reword(term, label="Après", author=roles.administrator)
    page = moderator.get(reverse("backoffice:history", args=["terme", term.pk])).content.decode()
    assert "par Administrateur" in page
    assert "<del>Avant</del>" in page
    assert "<ins>Après</ins>" in page
    assert "Rétablir « Avant »" in page


def test_a_former_value_is_put_back_with_the_checks_of_its_field(moderator: Client) -> None:
    partner = PartnerFactory(name="Avant")
    Partner.objects.filter(pk=partner.pk).update(name="Après")
    event = former(partner, "name", "Avant")
    other = PartnerFactory(name="Avant")
    restore(moderator, "partenaire", partner, "name", event)
    partner.refresh_from_db()
    assert partner.name == "Après"
    other.delete()
    restore(moderator, "partenaire", partner, "name", event)
    partner.refresh_from_db()
    assert partner.name == "Avant"


def test_what_staff_does_not_own_is_not_put_back(moderator: Client) -> None:
    partner = PartnerFactory()
    restore(moderator, "partenaire", partner, "step", partner.events.last().pgh_id)
    restore(moderator, "partenaire", partner, "name", 999_999)
    assert partner.events.count() == 1


def test_a_staff_edit_put_back_is_composed_again(moderator: Client, roles: SimpleNamespace) -> None:
    values = {"title": "Atelier", "summary": "Réparer."}
    (innovation,) = publish_records([SourceRecordFactory(values=values)])
    for text in ("Premier", "Second"):
        editing.write(innovation, {"summary": text}, author=roles.moderator)
    edit = FieldEdit.objects.get()
    restore(moderator, "modification", edit, "value", former(edit, "value", "Premier"))
    innovation.refresh_from_db()
    assert innovation.summary == "Premier"


def test_each_kind_is_put_back_or_says_why_not(moderator: Client) -> None:
    for name, tracked in TRACKED.items():
        assert bool(tracked.owned) == bool(tracked.restore), name
        assert tracked.owned or tracked.note, name
        columns = {field.name for field in tracked.events._meta.concrete_fields}
        assert set(tracked.owned) <= columns, name


def test_what_is_not_put_back_says_where_to_go(moderator: Client) -> None:
    record = SourceRecordFactory()
    page = moderator.get(reverse("backoffice:history", args=["fiche", record.pk])).content.decode()
    assert "Ce que lit le public se corrige sur la fiche publique" in page.replace("\n", " ")


def test_a_former_public_value_becomes_the_teams(moderator: Client, roles: SimpleNamespace) -> None:
    record = SourceRecordFactory(values={"title": "Atelier", "summary": "Avant."})
    (innovation,) = publish_records([record])
    record.values = {"title": "Atelier", "summary": "Après."}
    record.save()
    publish_records([record])
    event = former(innovation, "summary", "Avant.")
    restore(moderator, "innovation", innovation, "summary", event)
    innovation.refresh_from_db()
    edit = FieldEdit.objects.get()
    assert innovation.summary == edit.value == "Avant."
    assert edit.author == roles.moderator
    restore(moderator, "innovation", innovation, "status", event)
    innovation.refresh_from_db()
    assert innovation.status == "publiee"


def test_an_organisation_put_back_is_found_by_its_name(moderator: Client) -> None:
    innovation = InnovationFactory(published=True)
    owner = innovation.organisation
    owner.name = "Ancolie"
    owner.save()
    owner.name = "Belladone"
    owner.save()
    restore(moderator, "organisation", owner, "name", former(owner, "name", "Ancolie"))
    owner.refresh_from_db()
    assert (owner.name, owner.name_key) == ("Ancolie", "ancolie")
    found = moderator.get(reverse("innovations:search"), {"q": "Ancolie"}).content.decode()
    assert innovation.title in found


def test_priorities_put_back_compose_again_and_a_frequency_plans(moderator: Client) -> None:
    source = SourceFactory(frequency="manuelle", priority=3)
    Source.objects.filter(pk=source.pk).update(frequency="hebdomadaire", priority=5)
    restore(moderator, "source", source, "priority", former(source, "priority", 3))
    assert Recomposition.objects.filter(source=source).exists()
    Source.objects.filter(pk=source.pk).update(frequency="manuelle", next_run_at=None)
    event = former(source, "frequency", "hebdomadaire")
    restore(moderator, "source", source, "frequency", event)
    source.refresh_from_db()
    assert (source.priority, source.frequency) == (3, "hebdomadaire")
    assert source.next_run_at is not None


def test_a_rule_put_back_applies_again(moderator: Client) -> None:
    linking.load_rules()
    rule = LinkageRule.objects.first()
    switching.switch_off(rule)
    restore(moderator, "regle", rule, "is_active", former(rule, "is_active", True))
    rule.refresh_from_db()
    assert rule.is_active
    assert LinkagePass.objects.filter(is_full=True).exists()


def test_a_replication_is_put_back_by_who_follows_them(
    client: Client, moderator: Client, roles: SimpleNamespace
) -> None:
    replication = ReplicationFactory(summary="Avant")
    type(replication).objects.filter(pk=replication.pk).update(summary="Après")
    event = former(replication, "summary", "Avant")
    where = reverse("backoffice:history_restore", args=["replication", replication.pk])
    asked = {"evenement": event, "champ": "summary"}
    assert moderator.post(where, asked).status_code == 403
    client.force_login(roles.essaimage_officer, BACKEND)
    client.post(where, asked)
    replication.refresh_from_db()
    assert replication.summary == "Avant"


def test_the_journal_tells_acts_by_person_kind_and_period(
    moderator: Client, roles: SimpleNamespace
) -> None:
    term = TermFactory(code="a", label="Avant")
    taxonomy_changes.reword(term, label="Après", author=roles.administrator)
    with pghistory.context(motif="Sans personne"):
        TermFactory(code="b")
    where = reverse("backoffice:journal")
    page = moderator.get(where).content.decode()
    assert "Administrateur" in page
    assert "Terme « Après »" in page
    assert "Sans personne" not in page
    for asked in (
        {"personne": roles.moderator.pk},
        {"genre": "partenaire"},
        {"avant": "2020-01-01T00:00:00+00:00"},
    ):
        assert "Rien ne répond" in moderator.get(where, asked).content.decode()
    assert "Terme « Après »" in moderator.get(where, {"periode": "jour"}).content.decode()


def test_the_journal_is_read_page_by_page_at_the_same_cost(
    moderator: Client, roles: SimpleNamespace
) -> None:
    def act(numbers: range) -> None:
        for n in numbers:
            with pghistory.context(user=roles.administrator.pk):
                TermFactory(code=f"t{n}")
        # All of a test is one transaction, which has one time.
        for n, context in enumerate(pghistory.models.Context.objects.all()):
            context.created_at = timezone.now() - timezone.timedelta(seconds=n)
            pghistory.models.Context.objects.filter(pk=context.pk).update(
                created_at=context.created_at
            )

    where = reverse("backoffice:journal")
    act(range(5))
    moderator.get(where)
    few = queries(moderator, where)
    act(range(5, 60))
    assert queries(moderator, where) == few <= 12
    first = moderator.get(where)
    assert len(first.context["acts"]) == 40
    following = moderator.get(where, {"avant": first.context["following"]})
    assert len(following.context["acts"]) == 20


def test_a_history_is_for_who_may_see_the_object(roles: SimpleNamespace, client: Client) -> None:
    record = SourceRecordFactory()
    client.force_login(roles.statistician, BACKEND)
    assert client.get(reverse("backoffice:history", args=["fiche", record.pk])).status_code == 403
    assert client.get(reverse("backoffice:history", args=["inconnu", 1])).status_code == 404
    term = TermFactory()
    restored = reverse("backoffice:history_restore", args=["terme", term.pk])
    assert client.post(restored).status_code == 403


def test_every_named_act_is_an_address_that_takes_posts() -> None:
    posting = {name for name, line in MATRIX.items() if line.acts is not None}
    assert set(NAMES) <= posting


def test_an_address_of_another_site_or_gone_names_nothing() -> None:
    assert named("/gestion/rapprochements/3/decider/") == "Rapprochement décidé"
    assert named("/gestion/autrefois/") == named("/") == named("") == ""


def test_a_history_names_people_and_says_dates_as_one_reads_them(
    moderator: Client, roles: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    first, other = SourceRecordFactory(), SourceRecordFactory()
    publish_records([first, other])
    pair = Pair.objects.create(first=first, second=other, score=0.8, proposed=Verdict.SAME)
    deciding.decide(pair, Verdict.DISTINCT, author=roles.administrator)
    where = reverse("backoffice:history", args=["rapprochement", pair.pk])
    with django_assert_max_num_queries(12):
        page = moderator.get(where).content.decode()
    assert str(roles.administrator) in page
    assert f"« {first} » et « {other} »" in page
    assert "+00:00" not in page
    assert date_format(timezone.localtime(), "j F Y") in page
