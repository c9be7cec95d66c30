"""Partners, their sources and licences."""

from types import SimpleNamespace

import pytest
from django.test import Client

from innovations.licences import Licence
from innovations.models import Status
from innovations.publishing import set_status
from tests.api.conftest import Read, publish
from tests.factories import PartnerFactory, SourceFactory


def test_a_partner_tells_its_sources_and_how_many_innovations_cite_it(
    read: Read, sources: SimpleNamespace
) -> None:
    publish(source=sources.first)
    publish(source=sources.first)
    hidden = publish(source=sources.first)
    set_status([hidden.pk], Status.UNPUBLISHED)
    SourceFactory(partner=sources.first.partner, is_active=False)

    found = read("read_partner", slug="nord")

    assert found["innovations"] == 2
    assert found["url"] == "http://testserver/partenaires/nord/"
    assert found["charter_signed_on"] is None
    assert found["sources"] == [
        {
            "slug": "fiches-nord",
            "name": sources.first.name,
            "record_type": "innovation",
            "licence": {
                "code": "etalab-2.0",
                "label": Licence.ETALAB.label,
                "url": Licence.ETALAB.url,
                "is_open": True,
            },
        }
    ]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["est", "nord"]),
        ({"ordering": "id"}, ["nord", "est"]),
        ({"name": "ecole"}, ["est"]),
        ({"name": "PLATEFORME"}, ["nord"]),
        ({"type": "associatif"}, ["est", "nord"]),
        ({"type": "media"}, []),
        ({"page_size": "1"}, ["est"]),
    ],
    ids=str,
)
def test_partners_are_found(
    read: Read, sources: SimpleNamespace, parameters: dict[str, str], expected: list[str]
) -> None:
    PartnerFactory(is_active=False)
    found = read("list_partners", **parameters)["results"]
    assert [each["slug"] for each in found] == expected


def test_a_partner_unknown_or_paused_is_not_there(read: Read) -> None:
    PartnerFactory(slug="en-pause", is_active=False)
    for slug in ("en-pause", "inconnu"):
        read("read_partner", 404, slug=slug)


def test_the_number_of_queries_does_not_grow(
    client: Client, db: None, django_assert_num_queries: object
) -> None:
    for total in (10, 20):
        for source in SourceFactory.create_batch(10):
            publish(source=source)
        with django_assert_num_queries(3):  # type: ignore[operator]
            found = client.get("/api/v1/partners/?page_size=100").json()["results"]
        assert len(found) == total
        assert {each["innovations"] for each in found} == {1}
