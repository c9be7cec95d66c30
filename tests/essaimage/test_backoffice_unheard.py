"""What nobody confirmed yet is no one's word: staff read it nowhere."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from tests.backoffice.conftest import BACKEND
from tests.factories import (
    InnovationFactory,
    InterpretationFactory,
    ObstacleFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
)

pytestmark = pytest.mark.django_db
SAID = "Motjamaisconfirmé"


def gestion(name: str, *args: object) -> str:
    return reverse(f"gestion_essaimage:{name}", args=args)


def pages(publication: str) -> list[str]:
    """Where staff would read what is told by rows of this publication."""
    innovation = InnovationFactory(published=True)
    row = ReplicationFactory(
        innovation=innovation, publication=publication, summary=SAID, repreneur_name=SAID,
        origin="repreneur", journal=True,
    )  # fmt: skip
    parent = ReplicationFactory(innovation=innovation, journal=True)
    ReplicationFactory(
        innovation=innovation, parent=parent, publication=publication, repreneur_name=SAID
    )
    party = PartyFactory(replication=row, organisation=SAID)
    actor = PublicActorFactory(replication=row, name=SAID)
    obstacle = ObstacleFactory(replication=parent, title=SAID, publication=publication)
    reading = InterpretationFactory(authority=SAID, publication=publication)
    told = {
        "replication": row, "cote-reprise": party, "acteur-public": actor,
        "etape-reprise": row.steps.get(), "obstacle": obstacle, "interpretation": reading,
    }  # fmt: skip
    of_one = ("replication", "replication_edit", "replication_move", "review_one", "actor_add")
    return [
        gestion("replications"),
        *(gestion(name, row.code) for name in of_one),
        gestion("replication", parent.code),
        gestion("review_one", parent.code),
        gestion("obstacle", reading.obstacle_id),
        *(reverse("backoffice:history", args=[kind, one.pk]) for kind, one in told.items()),
    ]


def reading(client: Client, addresses: list[str]) -> list[bool]:
    return [SAID in client.get(address).content.decode() for address in addresses]


def test_what_nobody_confirmed_is_read_nowhere_by_staff(
    roles: SimpleNamespace, client: Client
) -> None:
    client.force_login(roles.administrator, BACKEND)
    assert not any(reading(client, pages("a-confirmer")))
    # The same pages, once it waits to be read: all but those that show nothing of it.
    assert sum(reading(client, pages("a-relire"))) >= 10


def test_a_step_never_changed_has_a_history_without_lines(
    roles: SimpleNamespace, client: Client
) -> None:
    client.force_login(roles.administrator, BACKEND)
    step = ReplicationFactory(journal=True).steps.get()
    where = reverse("backoffice:history", args=["etape-reprise", step.pk])
    assert client.get(where).status_code == 200


def test_what_nobody_confirmed_has_no_page(roles: SimpleNamespace, client: Client) -> None:
    client.force_login(roles.administrator, BACKEND)
    row = ReplicationFactory(publication="a-confirmer", journal=True)
    step = row.steps.get()
    for address in (
        gestion("replication", row.code),
        gestion("replication_edit", row.code),
        gestion("replication_move", row.code),
        gestion("replication_annul", row.code, step.pk),
        gestion("side", row.code, "repreneur"),
        reverse("backoffice:history", args=["replication", row.pk]),
        reverse("backoffice:history", args=["etape-reprise", step.pk]),
    ):
        assert client.get(address).status_code == 404, address
