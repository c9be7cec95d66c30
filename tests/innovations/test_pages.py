"""The search, record and organisation pages as the server gives them."""

import json
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from innovations.licences import Licence
from innovations.models import Evidence, Innovation, Status
from tests.factories import (
    InnovationFactory,
    LocationFactory,
    OrganisationFactory,
    ReplicationFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def rich(number: int) -> Innovation:
    """A published innovation with all that a page may show."""
    innovation = InnovationFactory(
        published=True,
        title=f"Jardin {number}",
        terms=[TermFactory(code=f"theme-{number}"), TermFactory(vocabulary="public", code="tous")],
        territory=TerritoryFactory(departement=TerritoryFactory(a_departement=True)),
        cited=SourceRecordFactory(),
        maturity="deployee",
    )
    ReplicationFactory(innovation=innovation)
    return innovation


def queries(get: Callable[[], object]) -> int:
    # What a process makes once for each version of the data is not counted.
    get()
    with CaptureQueriesContext(connection) as captured:
        get()
    return len(captured)


@pytest.mark.parametrize(
    "path",
    [
        "/recherche/",
        "/recherche/?q=jardin",
        "/recherche/?vue=carte",
        "/recherche/?vue=donnees",
        "/recherche/points.json",
    ],
)
def test_the_number_of_queries_does_not_grow_with_the_records(client: Client, path: str) -> None:
    for number in range(10):
        rich(number)
    client.get(path)
    before = queries(lambda: client.get(path))
    for number in range(10, 20):
        rich(number)

    assert queries(lambda: client.get(path)) == before
    assert before <= 17


def test_a_record_page_asks_the_same_whatever_it_holds(client: Client) -> None:
    small, large = rich(1), rich(2)
    for _ in range(10):
        LocationFactory(innovation=large)
        ReplicationFactory(innovation=large)
    client.get(small.get_absolute_url())

    asked = queries(lambda: client.get(small.get_absolute_url()))
    assert asked == queries(lambda: client.get(large.get_absolute_url()))
    assert asked <= 23


def test_a_record_tells_all_that_is_known(client: Client) -> None:
    record = SourceRecordFactory()
    innovation = InnovationFactory(
        published=True,
        title="Ressourcerie <du> bourg",
        terms=[TermFactory(code="reemploi", label="Réemploi")],
        territory=TerritoryFactory(code="22278", name="Saint-Brieuc"),
        cited=record,
        origins={"title": record.pk, "summary": record.pk},
        reproduction={"need": "Trop d’objets sont jetés."},
        maturity="deployee",
    )
    Evidence.objects.create(
        innovation=innovation,
        field="title",
        document="Étude",
        section="Liste",
        page="14",
        quote="une ressourcerie",
    )

    response = client.get(innovation.get_absolute_url())
    page = response.content.decode()

    for expected in (
        "Ressourcerie &lt;du&gt; bourg",
        "?theme=reemploi",
        "/territoires/commune/22278/",
        "Trop d’objets sont jetés.",
        "Ce que les sources ne disent pas (11",
        "Licence Ouverte 2.0 (Etalab)",
        f"Voir la fiche chez {record.source.partner.name}",
        "Affiché d’après cette source : titre, résumé.",
        "une ressourcerie",
        f"/opposition/?fiche={innovation.slug}",
        "Depuis 2014",
    ):
        assert expected in page, expected
    assert str(innovation.organisation) in page


def test_a_link_to_the_partner_only_says_so(client: Client) -> None:
    record = SourceRecordFactory()
    innovation = InnovationFactory(published=True, cited=record)
    innovation.citations.update(is_record_page=False)

    page = client.get(innovation.get_absolute_url()).content.decode()

    assert f"Voir le site de {record.source.partner.name}" in page


def test_structured_data_is_valid_and_safe(client: Client) -> None:
    innovation = InnovationFactory(published=True, title="</script><script>alert(1)</script>")

    page = client.get(innovation.get_absolute_url()).content.decode()

    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert json.loads(data)["name"] == "</script><script>alert(1)</script>"
    assert "<script>alert" not in page


def test_a_reference_shows_title_extract_link_and_territories_only(client: Client) -> None:
    innovation = InnovationFactory(
        published=True,
        summary="Un long résumé. " * 40,
        description="<p>Texte réservé</p>",
        is_reference=True,
        cited=SourceRecordFactory(licence=Licence.ALL_RIGHTS),
        reproduction={"need": "Besoin réservé"},
        maturity="deployee",
        territory=TerritoryFactory(name="Saint-Brieuc", longitude=-2.76, latitude=48.51),
    )
    LocationFactory(
        innovation=innovation, territory=None, label="Un lieu-dit", longitude=0, latitude=45
    )

    page = client.get(innovation.get_absolute_url()).content.decode()

    assert "Texte réservé" not in page
    assert "Besoin réservé" not in page
    assert "Un long résumé. " * 10 in page
    assert "Un long résumé. " * 20 not in page
    assert "Une référence vers le site du partenaire" in page
    assert ">Saint-Brieuc</a>" in page
    assert "Un lieu-dit" not in page
    assert "Déployée" not in page
    places = client.get(f"{innovation.get_absolute_url()}lieux.json").json()
    assert [row[:2] for row in places["rows"]] == [[-2.76, 48.51]]
    assert ">Aucune innovation</h1>" in client.get("/recherche/?maturite=deployee").content.decode()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.PUBLISHED, 200),
        (Status.IN_REVIEW, 410),
        (Status.TO_COMPLETE, 410),
        (Status.UNPUBLISHED, 410),
        (Status.SENT_BACK, 410),
        (Status.WITHDRAWN, 410),
    ],
)
def test_who_sees_a_record_depends_on_its_state(client: Client, status: Status, code: int) -> None:
    innovation = InnovationFactory(published=True, title="Jardin secret")
    Innovation.objects.filter(pk=innovation.pk).update(status=status)

    response = client.get(innovation.get_absolute_url())

    assert response.status_code == code
    assert (b"Jardin secret" in response.content) is (code == 200)


def test_an_organisation_shows_its_published_innovations_only(client: Client) -> None:
    organisation = OrganisationFactory(name="Association du bourg")
    InnovationFactory(published=True, title="Publiée", organisation=organisation)
    InnovationFactory(title="Brouillon", organisation=organisation)

    page = client.get(organisation.get_absolute_url()).content.decode()

    assert "Publiée" in page
    assert "Brouillon" not in page


def test_an_organisation_of_unpublished_records_has_no_page(client: Client) -> None:
    organisation = OrganisationFactory()
    InnovationFactory(organisation=organisation)

    assert client.get(organisation.get_absolute_url()).status_code == 404


def test_an_organisation_page_asks_the_same_whatever_it_carries(client: Client) -> None:
    organisation = OrganisationFactory()
    for _ in range(10):
        InnovationFactory(published=True, organisation=organisation)
    client.get(organisation.get_absolute_url())
    before = queries(lambda: client.get(organisation.get_absolute_url()))
    for _ in range(10):
        InnovationFactory(published=True, organisation=organisation)

    assert queries(lambda: client.get(organisation.get_absolute_url())) == before


def test_a_place_written_by_hand_becomes_a_territory_in_the_address(client: Client) -> None:
    TerritoryFactory(a_region=True)

    response = client.get("/recherche/?q=jardin&lieu=Bretagne&territoire=")

    assert response.status_code == 302
    assert response["Location"] == "/recherche/?q=jardin&territoire=region-53"


def test_an_ambiguous_place_proposes_those_it_may_be(client: Client) -> None:
    seine = TerritoryFactory(kind="departement", code="93", name="Seine-Saint-Denis")
    TerritoryFactory(code="93066", name="Saint-Denis", departement=seine)
    TerritoryFactory(code="97411", name="Saint-Denis")

    page = client.get("/recherche/?lieu=Saint-Denis").content.decode()

    assert "territoire=commune-97411" in page
    assert ">Saint-Denis (Seine-Saint-Denis, 93)</a>" in page
    assert ">Quel «\u00a0Saint-Denis\u00a0»\u00a0?</h1>" in page


@pytest.mark.parametrize("written", ["Xyzzyx", "Espagne"])
def test_an_unknown_place_is_told_before_the_results_of_the_whole_country(
    client: Client, written: str
) -> None:
    InnovationFactory(published=True, title="Jardin")

    page = client.get(f"/recherche/?lieu={written}").content.decode()

    assert f">Lieu non reconnu\u00a0: «\u00a0{written}\u00a0»</h1>" in page
    assert f"Nous n’avons reconnu aucun lieu français dans « {written} »." in page
    assert "Dans toute la France : 1 innovation</h2>" in page
    assert "hors de France" not in page


def test_found_words_are_marked_and_nothing_else_is_markup(client: Client) -> None:
    InnovationFactory(published=True, summary="Un <b>jardin</b> & des &lt;outils&gt;")

    page = client.get("/recherche/?q=jardin").content.decode()

    assert "<mark>jardin</mark>" in page
    assert "<b>" not in page


@pytest.mark.parametrize("path", ["/recherche/", "/recherche/?vue=carte"])
def test_an_anonymous_visitor_gets_no_cookie_and_shared_caching(client: Client, path: str) -> None:
    response = client.get(path)

    assert not response.cookies
    assert response["Cache-Control"] == (
        "public, max-age=0, s-maxage=60, stale-while-revalidate=60"
    )


def test_a_place_known_by_its_point_alone_is_still_listed(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    LocationFactory(innovation=innovation, territory=None, label="", longitude=2.35, latitude=48.85)

    page = client.get(innovation.get_absolute_url()).content.decode()

    assert "Point 48.850, 2.350 (latitude, longitude)" in page


def test_a_place_without_territory_is_named_once_and_without_the_reason_of_the_look_up(
    client: Client,
) -> None:
    innovation = InnovationFactory(published=True)
    LocationFactory(
        innovation=innovation,
        territory=None,
        label="Zzztopville",
        longitude=None,
        latitude=None,
        confidence=0,
        note="aucun territoire reconnu dans « Zzztopville »",
    )

    page = client.get(innovation.get_absolute_url()).content.decode()

    assert "Zzztopville (non situé sur la carte)" in page
    assert "écrit « Zzztopville »" not in page
    assert "aucun territoire reconnu" not in page


def test_a_card_names_first_the_place_that_was_searched(client: Client) -> None:
    region = TerritoryFactory(a_region=True)
    innovation = InnovationFactory(published=True, territory=TerritoryFactory(name="Lyon"))
    brieuc = TerritoryFactory(name="Saint-Brieuc", region=region)
    LocationFactory(innovation=innovation, territory=brieuc, position=1)

    page = client.get("/recherche/?territoire=region-53").content.decode()

    assert "Saint-Brieuc et 1 autre lieu" in page
