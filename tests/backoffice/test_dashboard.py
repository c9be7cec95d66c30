"""The dashboard's tiles: one line each, for who may act, one bounded query each."""

from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from partners.backoffice import tiles
from partners.models import Pair, PartnerStep, QualitySnapshot, Verdict
from tests.backoffice.conftest import BACKEND
from tests.backoffice.matrix import SPACES
from tests.factories import InnovationFactory, PartnerFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("tile", tiles.TILES, ids=lambda tile: tile.label[0])
def test_a_tile_leads_to_a_page_that_its_permission_opens(
    tile: tiles.Tile, roles: SimpleNamespace, client: Client
) -> None:
    where = tile.where().partition("#")[0]
    assert resolve(where.partition("?")[0]).namespace in SPACES
    client.force_login(roles.administrator, BACKEND)
    assert client.get(where).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        tile.rows().order_by()[: tiles.MOST + 1].count()
    assert len(captured) == 1
    assert "LIMIT" in captured[0]["sql"]


def test_who_may_not_act_has_no_tile(roles: SimpleNamespace) -> None:
    assert tiles.tasks_for(roles.statistician) == []
    assert tiles.tasks_for(roles.partner_member) == []
    assert len(tiles.tasks_for(roles.moderator)) >= 3


def test_partners_waiting_at_a_step_are_counted(moderator: Client) -> None:
    PartnerFactory(step=PartnerStep.CONTACT)
    page = moderator.get(reverse("backoffice:home")).content.decode()
    assert "partenaire à une étape" in page


def test_a_number_too_large_says_no_more_than_that(
    moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "MOST", 1)
    for _ in range(3):
        InnovationFactory()
    assert "1 et plus" in moderator.get(reverse("backoffice:home")).content.decode()


def test_networks_are_counted_not_their_pairs(roles: SimpleNamespace) -> None:
    records = [SourceRecordFactory() for _ in range(4)]
    for code, (first, second) in zip(
        ("france-services", "france-services", "la-poste"), pairwise(records), strict=True
    ):
        Pair.objects.create(
            first=first, second=second, score=0.5, proposed=Verdict.SITE, network=code
        )

    told = {task.label: task.count for task in tiles.tasks_for(roles.moderator)}

    assert told["réseaux à décider d’un coup"] == 2


def test_completeness_is_drawn_over_time(roles: SimpleNamespace, client: Client) -> None:
    for days, mean in ((2, 40.2), (1, 43.0), (0, 45.4)):
        day = timezone.localdate() - timezone.timedelta(days=days)
        QualitySnapshot.objects.create(
            day=day, records=2, mean=mean, median=mean, distribution=[0] * 10, fills={}, gains={}
        )
    client.force_login(roles.statistician, BACKEND)
    page = client.get(reverse("backoffice:home")).content.decode()
    assert "Complétude moyenne des fiches publiées" in page
    assert "De 40 à 45 points en 3 relevés" in page


def test_publications_are_drawn_week_by_week() -> None:
    for weeks in (0, 0, 3):
        at = timezone.now() - timezone.timedelta(weeks=weeks)
        InnovationFactory(published=True, published_at=at)
    line = tiles.publications()
    assert line is not None
    assert "2" in line.text
