"""No list costs more queries when it grows."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from carrefour.text import key
from partners.models import Objection, Source, VocabularyEntry
from tests.factories import TermFactory

pytestmark = pytest.mark.django_db


def queries(client: Client, where: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(where).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "name",
    [
        "home",
        "partners",
        "runs",
        "review",
        "source",
        "records",
        "rejected",
        "partner",
        "health",
        "held_back",
        "partner_rejected",
        "release",
        "quality",
        "quality_records",
        "flags",
        "links",
        "partner_flags",
        "partner_links",
    ],
)
def test_a_list_costs_the_same_for_10_and_20_rows(
    name: str,
    source: Source,
    roles: SimpleNamespace,
    moderator: Client,
    fill: Callable[[int], None],
) -> None:
    arguments = {"source": [source.slug], "records": [source.slug], "rejected": [source.slug]}
    arguments["held_back"] = arguments["release"] = [source.slug]
    arguments["partner_flags"] = arguments["partner_links"] = [roles.partner.slug]
    arguments["partner"] = arguments["partner_rejected"] = [roles.partner.slug]
    where = reverse(f"backoffice:{name}", args=arguments.get(name))
    fill(5)
    moderator.get(where)
    few = queries(moderator, where)
    fill(10)
    assert queries(moderator, where) == few
    assert few <= 20


def test_the_vocabulary_costs_the_same_for_10_and_20_words(
    source: Source, moderator: Client
) -> None:
    def add(start: int) -> None:
        for n in range(start, start + 10):
            TermFactory(code=f"terme-{n}")
            VocabularyEntry.objects.create(
                source=source, vocabulary="theme", value=f"Mot {n}", key=key(f"Mot {n}")
            )

    where = reverse("backoffice:vocabulary")
    add(0)
    moderator.get(where)
    few = queries(moderator, where)
    add(10)
    assert queries(moderator, where) == few


def test_the_objections_cost_the_same_for_5_and_15(moderator: Client) -> None:
    where = reverse("backoffice:objections")
    for _ in range(5):
        Objection.objects.create(scope="donnee", state="confirmee")
    moderator.get(where)
    few = queries(moderator, where)
    for _ in range(10):
        Objection.objects.create(scope="donnee", state="confirmee")
    assert queries(moderator, where) == few
