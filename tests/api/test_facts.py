"""The evidence in three facts through the API."""

from typing import Any

from django.test import Client

from tests.api.conftest import Read
from tests.factories import FactsFactory, InnovationFactory, ReplicationFactory


def test_each_tells_what_it_saw_and_nothing_is_guessed(read: Read) -> None:
    innovation = InnovationFactory(published=True, slug="ressourcerie")
    replication = ReplicationFactory(innovation=innovation, code="ressourcerie-lyon")
    FactsFactory(innovation=innovation, effect="attendu", strength="forte", reasons=["tiers"])
    FactsFactory(
        replication=replication, effect="", strength="", reasons=[], cost="", learnt="Un bail long."
    )
    FactsFactory(publication="a-relire")
    origin, again = read("list_facts")["results"]
    assert origin["replication"] is None
    assert origin["strength"] == {"code": "forte", "label": "Forte", "reasons": ["tiers"]}
    assert again["replication"] == "ressourcerie-lyon"
    assert again["effect"] == {"code": None, "label": None, "text": None}
    assert again["learnt"] == "Un bail long."
    assert again["innovation"]["slug"] == "ressourcerie"
    assert "@" not in str(again)


def test_the_filters_choose(read: Read) -> None:
    kept = InnovationFactory(published=True, slug="kept")
    merged = InnovationFactory(merged_into=kept, slug="merged")
    of_merged = FactsFactory(
        innovation=merged, effect="aucun", strength="faible", reasons=["suivi"]
    )
    of_other = FactsFactory(replication=ReplicationFactory(code="reprise-a"))

    def found(**asked: Any) -> list[int]:
        return [each["id"] for each in read("list_facts", **asked)["results"]]

    assert found(innovation="kept") == found(innovation="merged") == [of_merged.pk]
    assert found(innovation="inconnue") == []
    assert found(replication="reprise-a") == found(at_origin="false") == [of_other.pk]
    assert found(effect="aucun") == found(strength="faible") == [of_merged.pk]
    assert found(ordering="-id") == [of_other.pk, of_merged.pk]
    read("list_facts", status=400, effect="merveilleux")


def test_the_number_of_queries_does_not_grow(
    client: Client, db: None, django_assert_num_queries: Any
) -> None:
    for total in (2, 6):
        while FactsFactory._meta.model.objects.count() < total:
            FactsFactory(replication=ReplicationFactory())
        with django_assert_num_queries(2):
            assert len(client.get("/api/v1/facts/").json()["results"]) == total
