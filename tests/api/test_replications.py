"""Replications through the API: what is public of them, found, paged, and counted on records."""

from types import SimpleNamespace

import pytest
from django.test import Client

from tests.api.conftest import Read, publish
from tests.factories import (
    InnovationFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
)


def codes(read: Read, **parameters: str) -> list[str]:
    return [each["code"] for each in read("list_replications", **parameters)["results"]]


def test_a_replication_tells_what_is_public_of_it(read: Read, brittany: SimpleNamespace) -> None:
    innovation = publish(slug="atelier")
    hidden = ReplicationFactory(innovation=innovation, waiting=True)
    one = ReplicationFactory(
        code="ailleurs",
        innovation=innovation,
        parent=hidden,
        territory=brittany.commune,
        state="perennisee",
        forms=["reseaux"],
        repreneur_name="Association du bourg",
        journal={"en-cours": "2019-05"},
    )
    PublicActorFactory(replication=one, roles=[], actions=["utilisateur-utiliser"])

    found = read("read_replication", code="ailleurs")

    assert found["innovation"]["slug"] == "atelier"
    # What it was taken from is not public: nothing is said of it.
    assert found["parent"] is None
    assert found["has_begun"] is True
    assert found["began_on"] == "2019-05"
    assert found["stopped_on"] is None
    assert [step["state"] for step in found["steps"]] == [
        "envisagee", "en-preparation", "en-cours", "perennisee",
    ]  # fmt: skip
    assert found["steps"][2] == {"state": "en-cours", "date": "2019-05", "reason": None}
    assert found["public_actors"][0]["roles"] == ["utilisateur"]
    assert found["territory"]["departement"] == "22"
    assert found["approach"] is None


def test_nobodys_address_is_given(client: Client, db: None) -> None:
    party = PartyFactory(email="quelquun@example.org")
    for path in ("", f"{party.replication.code}/"):
        answer = client.get(f"/api/v1/replications/{path}").content.decode()
        assert "example.org" not in answer


def test_only_what_is_public_is_there(read: Read) -> None:
    ReplicationFactory(code="publique")
    ReplicationFactory(code="a-relire", waiting=True)
    ReplicationFactory(code="ecartee", set_aside=True)
    ReplicationFactory(code="brouillon", innovation=InnovationFactory())

    assert codes(read) == ["publique"]
    for code in ("a-relire", "ecartee", "brouillon", "inconnue"):
        read("read_replication", 404, code=code)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"state": "en-cours"}, ["reseau"]),
        ({"begun": "true"}, ["reseau", "arretee"]),
        ({"begun": "false"}, ["projet"]),
        ({"form": "reseaux"}, ["reseau"]),
        ({"approach": "reprise"}, ["projet"]),
        ({"extent": "internationale"}, []),
        ({"territory": "region-53"}, ["reseau"]),
        ({"innovation": "atelier"}, ["reseau", "projet"]),
        ({"innovation": "reunie"}, ["reseau", "projet"]),
        ({"innovation": "inconnue"}, []),
        ({"ordering": "-id", "page_size": "1"}, ["arretee"]),
    ],
    ids=str,
)
def test_replications_are_found(
    read: Read, brittany: SimpleNamespace, parameters: dict[str, str], expected: list[str]
) -> None:
    innovation = publish(slug="atelier")
    merged = InnovationFactory(slug="reunie", merged_into=innovation, status="reunie")
    ReplicationFactory(
        code="reseau", innovation=innovation, state="en-cours", forms=["reseaux"],
        territory=brittany.commune, journal=True,
    )  # fmt: skip
    ReplicationFactory(code="projet", innovation=merged, approach="reprise", journal=True)
    ReplicationFactory(code="arretee", state="abandonnee", journal={"en-cours": "2018"})

    assert codes(read, **parameters) == expected


@pytest.mark.parametrize(
    "parameters", [{"state": "finie"}, {"begun": "peut-etre"}, {"territory": "x"}, {"etat": "x"}]
)
def test_what_does_not_exist_is_refused(read: Read, parameters: dict[str, str]) -> None:
    read("list_replications", 400, **parameters)


def test_an_innovation_counts_its_replications_and_those_merged_into_it(read: Read) -> None:
    innovation = publish(slug="atelier")
    merged = InnovationFactory(merged_into=innovation, status="reunie")
    ReplicationFactory(innovation=innovation, state="en-cours", journal=True)
    ReplicationFactory(innovation=merged, state="abandonnee", journal={"en-cours": "2018"})
    ReplicationFactory(innovation=merged, state="abandonnee", journal=True)
    ReplicationFactory(innovation=innovation, journal=True)
    ReplicationFactory(innovation=innovation, waiting=True)

    found = read("read_innovation", slug="atelier")["spread"]

    assert found == {
        "url": "http://testserver/innovations/atelier/essaimage/",
        "begun": 2, "running": 1, "planned": 1, "given_up": 1,
    }  # fmt: skip


def test_the_number_of_queries_does_not_grow(
    client: Client, brittany: SimpleNamespace, django_assert_num_queries: object
) -> None:
    innovation = publish()
    for total in (10, 20):
        for _ in range(10):
            one = ReplicationFactory(
                innovation=innovation, territory=brittany.commune, state="en-cours", journal=True
            )
            PublicActorFactory(replication=one)
        with django_assert_num_queries(5):  # type: ignore[operator]
            found = client.get("/api/v1/replications/?page_size=100").json()["results"]
        assert len(found) == total


def test_the_search_of_the_api_knows_what_spreads(read: Read) -> None:
    publish(slug="immobile")
    spread = publish(slug="repris")
    ReplicationFactory(innovation=spread, state="en-cours", forms=["proximite"], journal=True)

    def slugs(**parameters: str) -> list[str]:
        return [one["slug"] for one in read("list_innovations", **parameters)["results"]]

    assert slugs(replicated="true") == ["repris"]
    assert slugs(replicated="false") == ["immobile"]
    assert slugs(diffusion_form="proximite") == ["repris"]
