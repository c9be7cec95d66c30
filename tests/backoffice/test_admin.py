"""Django's admin: every list opens at a fixed cost, in French, and leads from row to row."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from innovations.models import Innovation
from partners.models import Pair, Regrouping, Verdict
from tests.backoffice.conftest import BACKEND
from tests.backoffice.test_queries import queries
from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    InterpretationFactory,
    ObstacleFactory,
    PartnerFactory,
    ReplicationFactory,
    RunFactory,
    SourceFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser(client: Client, roles: SimpleNamespace) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True), BACKEND)
    return client


def fill(number: int) -> None:
    for _ in range(number):
        source = SourceFactory(partner=PartnerFactory())
        one, other = InnovationFactory(published=True), InnovationFactory()
        records = [SourceRecordFactory(source=source, innovation=i) for i in (one, other)]
        RunFactory(source=source, state="terminee")
        TermFactory(parent=TermFactory())
        pair = Pair.objects.create(
            first=records[0], second=records[1], score=0.5, proposed=Verdict.SAME
        )
        Regrouping.objects.create(kind="reunion", origin=other, target=one, records=[1], pair=pair)
        obstacle = ObstacleFactory(innovation=one, territory=TerritoryFactory())
        InterpretationFactory(obstacle=obstacle, territory=TerritoryFactory())
        ExperimentFactory(innovation=one)


def test_every_list_costs_the_same_for_few_and_many_rows(superuser: Client) -> None:
    fill(2)
    lists = {
        model: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
        if model._meta.app_label in {"partners", "innovations", "essaimage", "territories"}
    }
    few = {model: queries(superuser, where) for model, where in lists.items()}
    fill(4)
    many = {model: queries(superuser, where) for model, where in lists.items()}
    assert {m.__name__: (few[m], many[m]) for m in few if many[m] > few[m]} == {}
    assert max(many.values()) <= 12


def test_a_row_leads_to_those_it_hangs_on(superuser: Client) -> None:
    record = SourceRecordFactory(innovation=InnovationFactory())
    page = superuser.get(reverse("admin:partners_sourcerecord_changelist")).content.decode()
    related = {
        "partners_source": record.source_id,
        "innovations_innovation": record.innovation_id,
    }
    for model, pk in related.items():
        assert reverse(f"admin:{model}_change", args=[pk]) in page


@pytest.mark.parametrize(
    "factory", [ObstacleFactory, InterpretationFactory, ExperimentFactory, ReplicationFactory]
)
def test_what_is_moderated_is_looked_up_and_never_written_from_the_admin(
    superuser: Client, factory: Any
) -> None:
    row = factory(publication="a-relire")
    name = f"admin:essaimage_{row._meta.model_name}"
    where = reverse(f"{name}_change", args=[row.pk])
    assert superuser.get(where).status_code == 200
    for path, said in (
        (where, {"publication": "publiee", "state": "leve"}),
        (reverse(f"{name}_add"), {"title": "Autre"}),
        (reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}),
    ):
        assert superuser.post(path, said).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    superuser.post(reverse(f"{name}_changelist"), chosen)
    row.refresh_from_db()
    assert row.publication == "a-relire"


def test_the_admin_shows_an_obstacle_with_its_journal_and_readings(superuser: Client) -> None:
    told = InterpretationFactory(authority="Sous-préfecture voisine")
    InterpretationFactory(
        obstacle=told.obstacle, authority="Jamais confirmée", publication="a-confirmer"
    )
    unheard = ObstacleFactory(publication="a-confirmer")
    replications = [ReplicationFactory(publication=p) for p in ("a-confirmer", "a-relire")]
    where = reverse("admin:essaimage_obstacle_change", args=[told.obstacle_id])
    page = superuser.get(where).content.decode()
    assert "Sous-préfecture voisine" in page
    assert "Jamais confirmée" not in page
    listed = superuser.get(reverse("admin:essaimage_obstacle_changelist")).content.decode()
    assert told.obstacle.title in listed
    assert unheard.title not in listed
    listed = superuser.get(reverse("admin:essaimage_replication_changelist")).content.decode()
    assert [row.code in listed for row in replications] == [False, True]


def test_the_check_runs_on_the_chosen_records(superuser: Client) -> None:
    innovation = InnovationFactory(published=True)
    Innovation.objects.filter(pk=innovation.pk).update(published_at=innovation.published_at)
    where = reverse("admin:innovations_innovation_changelist")
    answer = superuser.post(
        where, {"action": "check_consistency", "_selected_action": [innovation.pk]}, follow=True
    )
    assert "plus aucune source ne donne" in answer.content.decode()


def test_every_list_and_action_speaks_french(superuser: Client) -> None:
    page = superuser.get(reverse("admin:index")).content.decode()
    for english in ("Add", "Change", "Recent actions", "View"):
        assert f">{english}<" not in page
