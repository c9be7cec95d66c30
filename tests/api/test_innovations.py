"""What the API says of an innovation, and what it keeps to itself."""

import datetime
import json
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.http import http_date

from innovations.composition import EXTRACT_LENGTH
from innovations.licences import Licence
from innovations.models import Citation, Innovation, LegalForm, Status
from partners.models import Objection
from partners.suppression import PAGE, suppress_records
from tests.api.conftest import Read, publish
from tests.factories import (
    CitationFactory,
    InnovationFactory,
    LocationFactory,
    OrganisationFactory,
    ReplicationFactory,
    SourceRecordFactory,
    UserFactory,
)


def test_one_record_says_all_that_is_known(
    read: Read, brittany: SimpleNamespace, themes: SimpleNamespace, sources: SimpleNamespace
) -> None:
    owner = OrganisationFactory(name="Les Réparateurs", legal_form=LegalForm.COOPERATIVE)
    innovation = publish(
        slug="atelier", title="Atelier de réparation", organisation=owner,
        terms=[themes.sub, themes.public], territory=brittany.commune, source=sources.first,
    )  # fmt: skip

    found = read("read_innovation", slug="atelier")

    assert found["url"] == "http://testserver/innovations/atelier/"
    assert found["organisation"]["legal_form"] == "cooperative"
    assert found["themes"] == [
        {"code": "circuits-courts", "label": "Circuits courts", "parent": "alimentation"}
    ]
    assert [term["code"] for term in found["publics"]] == ["jeunes"]
    assert found["locations"][0]["territory"] == {
        "id": "commune-22278", "kind": "commune", "code": "22278", "name": "Saint-Brieuc",
        "departement": "22", "region": "53",
    }  # fmt: skip
    assert found["reproduction"]["need"].startswith("Réparer")
    assert found["reproduction"]["core"] is None
    assert found["evidence"][0]["quote"] == "Une phrase."
    assert found["updated_at"] == innovation.updated_at.astimezone().isoformat()


def test_every_field_says_where_it_comes_from(read: Read, sources: SimpleNamespace) -> None:
    innovation = publish(slug="atelier", source=sources.first)
    innovation.origins = {**innovation.origins, "nature": "staff"}
    innovation.save()

    found = read("read_innovation", slug="atelier")

    origins = {each["field"]: each for each in found["origins"]}
    assert origins["title"] == {
        "field": "title", "written_by": "partenaire", "partner": "nord", "source": "fiches-nord",
        "licence": "etalab-2.0", "url": found["sources"][0]["url"],
    }  # fmt: skip
    assert origins["nature"]["written_by"] == "equipe"
    assert origins["nature"]["partner"] is None
    source = found["sources"][0]
    assert source["partner"] == {"slug": "nord", "name": "Plateforme du Nord"}
    assert source["licence"]["is_open"] is True
    assert source["licence"]["url"].startswith("https://")


@pytest.mark.parametrize("licence", [Licence.UNKNOWN, Licence.ALL_RIGHTS, Licence.CC_BY_NC])
def test_a_reference_gives_its_title_an_extract_its_link_and_the_indexing_of_the_directory(
    read: Read, brittany: SimpleNamespace, themes: SimpleNamespace, licence: Licence
) -> None:
    publish(
        licence, slug="reference", title="Un projet", summary="mot " * 200, terms=[themes.domain],
        territory=brittany.commune, website="https://projet.example.org/",
    )  # fmt: skip

    found = read("read_innovation", slug="reference")

    assert found["is_reference"] is True
    assert found["title"] == "Un projet"
    assert len(found["summary"]) <= EXTRACT_LENGTH
    assert found["sources"][0]["url"]
    told = {name for name, value in found.items() if value not in (None, [])}
    assert told == {
        "completeness", "spread", "slug", "url", "title", "summary", "is_reference", "themes",
        "locations", "sources", "origins", "published_at", "updated_at",
    }  # fmt: skip
    place = found["locations"][0]
    assert place["territory"]["name"] == "Saint-Brieuc"
    assert place["label"] is place["longitude"] is place["latitude"] is None
    assert {each["field"] for each in found["origins"]} == {"title", "summary"}


def test_a_reference_without_summary_takes_its_extract_from_the_description(read: Read) -> None:
    publish(
        Licence.UNKNOWN, slug="reference", summary="",
        description="<p>On <strong>répare</strong> &amp; on apprend.</p>" + "<p>Suite.</p>" * 200,
    )  # fmt: skip
    summary = read("read_innovation", slug="reference")["summary"]
    assert summary.startswith("On répare & on apprend.")
    assert len(summary) <= EXTRACT_LENGTH


def test_an_open_record_keeps_back_the_texts_of_a_closed_source(read: Read) -> None:
    innovation = publish(slug="atelier", summary="mot " * 200)
    closed = SourceRecordFactory(licence=Licence.ALL_RIGHTS)
    CitationFactory(innovation=innovation, record=closed)
    innovation.origins |= dict.fromkeys(["summary", "description", "reproduction.need"], closed.pk)
    innovation.save()

    found = read("read_innovation", slug="atelier")

    assert found["is_reference"] is False
    assert found["title"] == innovation.title
    assert found["description"] is None
    assert found["reproduction"]["need"] is None
    assert len(found["summary"]) <= EXTRACT_LENGTH


def test_nothing_personal_or_internal_is_ever_given(
    client: Client, read: Read, sources: SimpleNamespace
) -> None:
    sources.first.partner.contact_email = "personne@example.org"
    sources.first.partner.save()
    sources.first.url = "https://nord.example.org/export?cle=secret"
    sources.first.options = {"jeton": "secret"}
    sources.first.save()
    UserFactory(email="compte@example.org")
    publish(slug="atelier", source=sources.first)
    everything = json.dumps([
        read("list_innovations"), read("read_innovation", slug="atelier"),
        read("list_partners"), read("read_partner", slug="nord"),
    ])  # fmt: skip
    assert "@" not in everything
    assert "secret" not in everything


@pytest.mark.parametrize(
    "status", [Status.IN_REVIEW, Status.TO_COMPLETE, Status.UNPUBLISHED], ids=str
)
def test_what_is_not_published_does_not_exist(read: Read, status: Status) -> None:
    InnovationFactory(slug="brouillon", status=status)
    assert read("list_innovations")["results"] == []
    assert read("read_innovation", 404, slug="brouillon")["errors"][0]["code"] == "not_found"


def test_what_was_withdrawn_or_objected_to_is_gone(read: Read) -> None:
    InnovationFactory(slug="retiree", status=Status.WITHDRAWN, published_at=timezone.now())
    suppress_records(Objection.objects.create(scope="fiche"), [(PAGE, "opposee")])
    for slug in ("retiree", "opposee"):
        assert read("read_innovation", 410, slug=slug)["errors"][0]["code"] == "gone"


def test_the_list_gives_the_same_records_as_their_addresses(
    read: Read, brittany: SimpleNamespace
) -> None:
    publish(slug="un", territory=brittany.commune)
    publish(Licence.UNKNOWN, slug="deux")
    listed = read("list_innovations")["results"]
    assert listed == [read("read_innovation", slug=slug) for slug in ("un", "deux")]


def test_the_number_of_queries_does_not_grow(
    client: Client,
    brittany: SimpleNamespace,
    themes: SimpleNamespace,
    django_assert_num_queries: object,
) -> None:
    def fill(number: int) -> None:
        for _ in range(number):
            innovation = publish(
                territory=brittany.commune, terms=[themes.sub, themes.public, themes.method]
            )
            LocationFactory(innovation=innovation, territory=brittany.departement)
            CitationFactory(innovation=innovation)
            ReplicationFactory(innovation=innovation, state="en-cours", journal=True)
            merged = InnovationFactory(merged_into=innovation, status="reunie")
            ReplicationFactory(innovation=merged, journal=True)

    address = "/api/v1/innovations/?page_size=100&q=atelier&ordering=relevance&territory=region-53"
    for total in (10, 20):
        fill(10)
        with django_assert_num_queries(15):  # type: ignore[operator]
            found = client.get(address).json()["results"]
        assert len(found) == total
    with django_assert_num_queries(11):  # type: ignore[operator]
        client.get(f"/api/v1/innovations/{found[0]['slug']}/")


def test_a_record_unchanged_is_not_sent_again(client: Client, db: None) -> None:
    innovation = publish(slug="atelier")
    address = "/api/v1/innovations/atelier/"
    first = client.get(address)
    assert first["Last-Modified"] == http_date(innovation.updated_at.timestamp())
    for header in (
        {"if-none-match": first["ETag"]},
        {"if-modified-since": first["Last-Modified"]},
    ):
        answer = client.get(address, headers=header)
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (304, "*")

    Innovation.objects.filter(pk=innovation.pk).update(
        title="Nouveau titre", updated_at=timezone.now() + datetime.timedelta(seconds=5)
    )
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200
    stale = {"if-modified-since": first["Last-Modified"]}
    assert client.get(address, headers=stale).status_code == 200


def test_a_list_unchanged_is_not_sent_again(client: Client, db: None) -> None:
    innovation = publish()
    tag = client.get("/api/v1/innovations/")["ETag"]
    again = client.get("/api/v1/innovations/", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    Citation.objects.filter(innovation=innovation).update(partner_name="Autre nom")
    assert client.get("/api/v1/innovations/", headers={"if-none-match": tag}).status_code == 200
