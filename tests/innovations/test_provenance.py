"""Who says what on the public page and in the API, within the licences; former addresses."""

import json
import re

import pytest
from django.test import Client

from carrefour.site.sitemaps import InnovationsSitemap
from innovations.licences import Licence
from innovations.models import Innovation
from partners import editing
from partners.consolidation.regrouping import merge
from partners.models import SourceRecord, Verdict
from partners.publishing import publish_records
from tests.factories import ReplicationFactory, SourceRecordFactory, UserFactory

pytestmark = pytest.mark.django_db
LONG = "Un récit réservé à ses lecteurs. " * 30


def told(title: str, **changed: object) -> SourceRecord:
    values = {"title": title, "summary": f"{title} : réparer ensemble."}
    record = SourceRecordFactory(values={**values, **changed.pop("values", {})}, **changed)
    publish_records([record])
    record.refresh_from_db()
    return record


def page_of(innovation: Innovation) -> str:
    return Client().get(innovation.get_absolute_url()).content.decode()


@pytest.fixture
def atelier(db: None) -> SourceRecord:
    return told("Atelier de réparation")


def test_the_page_says_where_each_field_comes_from_and_what_others_say(
    atelier: SourceRecord,
) -> None:
    cafe = told("Café <b>bricole</b>", values={"description": "<p>Un <script>x</script>lieu.</p>"})
    merge(cafe.innovation, atelier.innovation)
    innovation = Innovation.objects.get(pk=atelier.innovation_id)
    editing.write(innovation, {"started_year": 2014}, author=UserFactory())

    page = page_of(innovation)

    assert page.count("D’où vient cette information ?") >= 2
    assert "Écrit par l’équipe du Carrefour." in page
    other = atelier if innovation.title == cafe.values["title"] else cafe
    assert re.search(rf"Autre version chez\s+<a[^>]*>{other.source.partner.name}</a>", page)
    assert "<b>bricole" not in page
    assert "<script>x" not in page


def test_a_closed_text_is_never_shown_whole(atelier: SourceRecord) -> None:
    closed = told("Autre nom", values={"summary": LONG}, licence=Licence.ALL_RIGHTS)
    merge(closed.innovation, atelier.innovation)
    innovation = Innovation.objects.get(pk=atelier.innovation_id)
    page = page_of(innovation)
    assert LONG.strip() not in page
    assert "Autre nom" in page

    # Even when the licence changed after the record was composed.
    innovation.alternatives = {"summary": [{"record": closed.pk, "value": LONG}]}
    innovation.save()
    page = page_of(innovation)
    assert LONG.strip() not in page
    assert "Extrait : la suite se lit chez le partenaire." in page
    data = Client().get(f"/api/v1/innovations/{innovation.slug}/").json()
    assert data["alternatives"] == []


def test_the_api_gives_open_alternatives_and_former_addresses(atelier: SourceRecord) -> None:
    cafe = told("Café bricole")
    closed = told("Nom fermé", licence=Licence.ALL_RIGHTS)
    merge(cafe.innovation, atelier.innovation)
    merge(closed.innovation, atelier.innovation)
    innovation = Innovation.objects.get(pk=atelier.innovation_id)

    data = Client().get(f"/api/v1/innovations/{innovation.slug}/").json()

    titles = [a for a in data["alternatives"] if a["field"] == "title"]
    other = atelier if innovation.title == "Café bricole" else cafe
    assert [(a["value"], a["partner"], a["licence"]) for a in titles] == [
        (other.values["title"], other.source.partner.slug, "etalab-2.0")
    ]
    assert data["former_slugs"] == sorted([cafe.innovation.slug, closed.innovation.slug])


def test_merged_records_are_in_no_list_no_sitemap_no_export(
    atelier: SourceRecord, client: Client
) -> None:
    cafe = told("Café bricole")
    merge(cafe.innovation, atelier.innovation)
    slug = cafe.innovation.slug
    assert slug not in [i.slug for i in InnovationsSitemap().items()]
    csv = b"".join(client.get("/recherche/export.csv").streaming_content).decode()
    assert slug not in csv.replace(atelier.innovation.slug, "")
    listed = client.get("/api/v1/innovations/").json()["results"]
    assert [i["slug"] for i in listed] == [atelier.innovation.slug]


def test_the_structured_data_stays_as_it_was(atelier: SourceRecord) -> None:
    cafe = told("Café bricole")
    merge(cafe.innovation, atelier.innovation)
    page = page_of(Innovation.objects.get(pk=atelier.innovation_id))
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', page).group(1))
    assert set(data) <= {
        "@context", "@type", "@id", "url", "name", "description", "inLanguage", "datePublished",
        "dateModified", "keywords", "creator", "spatialCoverage", "isBasedOn", "license",
    }  # fmt: skip


def test_what_was_attached_to_a_merged_record_shows_on_the_one_that_stays(
    atelier: SourceRecord,
) -> None:
    cafe = told("Café bricole")
    replication = ReplicationFactory(
        innovation=cafe.innovation, summary="Repris par la commune voisine."
    )
    merge(cafe.innovation, atelier.innovation)
    assert "Repris par la commune voisine." in page_of(atelier.innovation)
    territory = Client().get(replication.territory.get_absolute_url()).content.decode()
    assert replication.get_absolute_url() in territory
    replicated = Client().get(replication.get_absolute_url()).content.decode()
    assert atelier.innovation.get_absolute_url() in replicated


def test_each_place_of_a_merged_record_says_its_own_source(atelier: SourceRecord) -> None:
    site = told("Atelier de Lormes")
    SourceRecord.objects.filter(pk=site.pk).update(
        sites=[{"label": "Lormes", "longitude": 3.8, "latitude": 47.2, "confidence": 1.0}]
    )
    merge(site.innovation, atelier.innovation, verdict=Verdict.SITE)
    page = page_of(atelier.innovation)
    place = page[page.index('class="carrefour-places"') :]
    assert site.source.partner.name in place[: place.index("</ul>")]


def test_the_rule_is_told_on_a_page_of_its_own(client: Client) -> None:
    page = client.get("/comment-une-fiche-est-composee/").content.decode()
    assert "une source sous licence ouverte avant une autre" in page
