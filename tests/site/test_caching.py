"""Public pages as shared caches and browsers see them: same for all, cheap to ask again."""

import re
from threading import Barrier, Thread
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from carrefour.caching import of_version
from innovations import data_version
from innovations.models import DataChange, Term
from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    InterpretationFactory,
    LocationFactory,
    ObstacleFactory,
    OrganisationFactory,
    PartnerFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
    SourceFactory,
    TermFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
# What the bitmaps hold the rows hold too: with or without them the answers are the same.
DERIVED = {
    "innovations_searchbits",
    "innovations_searchchange",
    "innovations_searchindex",
    "innovations_searchkey",
    "innovations_searchnumber",
    "innovations_datachange",
}
STATIC = [
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/accessibilite/",
    "/moissonnage/",
    "/comment-une-fiche-est-composee/",
    "/completude/",
    "/comment-une-reprise-est-publiee/",
    "/donnees-ouvertes/",
    "/plan-du-site/",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap-pages.xml",
    "/sitemap-innovations.xml",
    "/sitemap-essaimage.xml",
    "/sitemap-partenaires.xml",
    "/sitemap-reprises.xml",
]
OF_DATA = [
    "/",
    "/recherche/",
    "/recherche/?q=jardin&tri=recentes",
    "/recherche/?vue=carte",
    "/recherche/?vue=donnees",
    "/recherche/points.json",
    "/recherche/export.csv",
    "/essaimage/resultats.csv",
    "/essaimage/resultats.json",
    "/partenaires/",
    "/essaimage/obstacles/",
    "/essaimage/obstacles/?q=local&etat=leve",
    "/essaimage/obstacles/par-autorite/",
    "/essaimage/obstacles/export.csv",
    "/essaimage/experimentations/",
    "/essaimage/",
    "/essaimage/?tableau=annees",
    "/essaimage/reprises.csv",
    "/essaimage/reprises.json",
]
API = [
    "/api/v1/",
    "/api/v1/innovations/",
    "/api/v1/partners/",
    "/api/v1/replications/",
    "/api/v1/territories/",
    "/api/v1/terms/",
    "/api/v1/obstacles/",
    "/api/v1/experiments/",
    "/api/v1/facts/",
]


@pytest.fixture
def world() -> SimpleNamespace:
    brittany = TerritoryFactory(a_region=True)
    commune = TerritoryFactory(region=brittany)
    theme = TermFactory()
    organisation = OrganisationFactory(territory=commune)
    innovation = InnovationFactory(
        published=True, title="Jardin partagé", organisation=organisation, terms=[theme]
    )
    LocationFactory(innovation=innovation, territory=commune)
    obstacle = ObstacleFactory(innovation=innovation, lifted=True)
    InterpretationFactory(obstacle=obstacle)
    experiment = ExperimentFactory(innovation=innovation)
    replication = ReplicationFactory(innovation=innovation, journal=True)
    PartyFactory(replication=replication)
    PublicActorFactory(replication=replication)
    replication.partners.add(organisation)
    partner = PartnerFactory(step="en-ligne")
    SourceFactory(partner=partner)
    return SimpleNamespace(
        innovation=innovation,
        organisation=organisation,
        partner=partner,
        commune=commune,
        obstacle=obstacle,
        experiment=experiment,
        replication=replication,
    )


def addresses(world: SimpleNamespace) -> list[str]:
    record = world.innovation.get_absolute_url()
    of_objects = [
        record,
        f"{record}lieux.json",
        f"{record}kit/",
        f"{record}kit.pdf",
        f"{record}essaimage/",
        f"{record}essaimage/reprises.csv",
        f"{record}essaimage/reprises.json",
        world.organisation.get_absolute_url(),
        world.partner.get_absolute_url(),
        world.commune.get_absolute_url(),
        world.replication.get_absolute_url(),
        f"/api/v1/innovations/{world.innovation.slug}/",
        world.obstacle.get_absolute_url(),
        world.experiment.get_absolute_url(),
    ]
    return [*STATIC, *OF_DATA, *API, *of_objects]


def read(client: Client, path: str, **headers: str) -> object:
    response = client.get(path, headers=headers)
    if response.streaming:
        list(response.streaming_content)
    return response


def test_no_public_page_sets_a_cookie_nor_varies_by_it(
    client: Client, world: SimpleNamespace
) -> None:
    for path in [*addresses(world), "/nulle-part/", "/innovations/inconnue/"]:
        response = read(client, path)

        assert not response.cookies, path
        assert "Cookie" not in response.get("Vary", ""), path


def test_a_public_page_is_the_same_for_who_is_logged_in(
    client: Client, world: SimpleNamespace, roles: SimpleNamespace
) -> None:
    stranger = Client()
    client.force_login(roles.administrator, backend="django.contrib.auth.backends.ModelBackend")

    for path in ["/", "/recherche/", world.innovation.get_absolute_url(), "/partenaires/"]:
        assert client.get(path).content == stranger.get(path).content, path


def test_shared_caches_may_keep_every_page_a_bounded_time(
    client: Client, world: SimpleNamespace
) -> None:
    for path in addresses(world):
        said = read(client, path)["Cache-Control"]
        seconds = [int(n) for n in re.findall(r"(?:s-maxage|max-age|revalidate)=(\d+)", said)]

        assert "public" in said, path
        assert max(seconds) <= 3600, path


def test_who_has_the_page_is_told_so_for_one_query(client: Client, world: SimpleNamespace) -> None:
    for path in addresses(world):
        tag = read(client, path)["ETag"]
        with CaptureQueriesContext(connection) as queries:
            again = read(client, path, if_none_match=tag)

        assert again.status_code == 304, path
        assert len(queries) <= 1, path
        assert not again.content
        assert again["ETag"] == tag
        assert "public" in again["Cache-Control"], path


def test_another_search_has_another_tag(client: Client, world: SimpleNamespace) -> None:
    tags = {read(client, path)["ETag"] for path in addresses(world)}

    assert len(tags) == len(addresses(world))


def test_a_publication_makes_the_page_anew(client: Client) -> None:
    tag = client.get("/recherche/")["ETag"]
    InnovationFactory(published=True, title="Épicerie solidaire")

    again = read(client, "/recherche/", if_none_match=tag)

    assert again.status_code == 200
    assert "Épicerie solidaire" in again.content.decode()


def test_a_record_removed_is_gone_for_who_had_it(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    tag = client.get(innovation.get_absolute_url())["ETag"]
    innovation.status = "retiree"
    innovation.save()

    again = read(client, innovation.get_absolute_url(), if_none_match=tag)

    assert again.status_code == 410


def test_a_renamed_term_counts_too(client: Client, world: SimpleNamespace) -> None:
    tag = client.get("/recherche/")["ETag"]
    Term.objects.update(label="Autre nom")

    assert read(client, "/recherche/", if_none_match=tag).status_code == 200


def test_a_date_alone_is_enough_to_be_told(client: Client, world: SimpleNamespace) -> None:
    first = client.get("/recherche/")
    again = read(client, "/recherche/", if_modified_since=first["Last-Modified"])
    before = "Mon, 01 Jan 2024 00:00:00 GMT"

    assert again.status_code == 304
    assert read(client, "/recherche/", if_modified_since=before).status_code == 200


def test_what_is_no_page_is_never_told_to_be_had_already(
    client: Client, world: SimpleNamespace
) -> None:
    later = "Sat, 01 Jan 2095 00:00:00 GMT"
    for path in ["/innovations/inconnue/", "/api/v1/innovations/inconnue/"]:
        assert read(client, path, if_none_match="*").status_code == 404, path
        assert read(client, path, if_modified_since=later).status_code == 404, path

    assert read(client, "/recherche/", if_none_match="*").status_code == 304


def test_everything_that_public_pages_read_counts_in_the_version(
    client: Client, world: SimpleNamespace
) -> None:
    """A new table read by a page needs its trigger (see innovations/migrations)."""
    with CaptureQueriesContext(connection) as queries:
        for path in addresses(world):
            if "export" not in path:  # A cursor that is watched cannot copy.
                read(client, path)
    read_tables = {
        name
        for query in queries
        for name in re.findall(r'(?:FROM|JOIN) "?([a-z]+_[a-z_]+)"?', query["sql"])
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'carrefour_data_change'"
        )
        watched = {name for (name,) in cursor.fetchall()}

    assert {name for name in read_tables - watched - DERIVED if not name.startswith("pg_")} == set()


def test_summing_up_keeps_the_version(world: SimpleNamespace) -> None:
    before = data_version.current()
    assert DataChange.objects.count() > 1

    data_version.sum_up()

    assert DataChange.objects.count() == 1
    assert data_version.current().number == before.number
    assert data_version.current().at >= before.at


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_ends_last_is_seen() -> None:
    """Numbered first, committed last: what a greatest identifier would miss."""
    meanwhile, done = Barrier(2, timeout=20), Barrier(2, timeout=20)

    def long_one() -> None:
        try:
            with transaction.atomic():
                Term.objects.update(position=1)
                meanwhile.wait()
                done.wait()
        finally:
            connection.close()

    thread = Thread(target=long_one)
    thread.start()
    meanwhile.wait()
    PartnerFactory()
    seen = data_version.current().number
    done.wait()
    thread.join()

    assert data_version.current().number > seen


def test_what_is_made_of_a_version_is_made_once_and_again_after_a_change(
    world: SimpleNamespace,
) -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [of_version("essai", make), of_version("essai", make)] == [1, 1]
    Term.objects.filter(pk=Term.objects.all()[:1].get().pk).update(label="Autre")
    assert of_version("essai", make) == 2


def test_what_a_transaction_gave_up_was_made_for_nobody_else(world: SimpleNamespace) -> None:
    """A version read inside a transaction that is rolled back never comes again."""
    of_version("essai", lambda: "avant")
    with transaction.atomic():
        Term.objects.update(label="Jamais écrit")
        assert of_version("essai", lambda: "dedans") == "dedans"
        transaction.set_rollback(True)
    assert of_version("essai", lambda: "après") == "après"
    Term.objects.update(label="Écrit")
    assert of_version("essai", lambda: "enfin") == "enfin"


def test_a_search_shows_a_renamed_term_at_once(client: Client) -> None:
    term = TermFactory(code="compost", label="Compost")
    InnovationFactory(published=True, title="Jardin", terms=[term])
    assert "Compost" in client.get("/recherche/").content.decode()
    term.label = "Compostage"
    term.save()
    assert "Compostage" in client.get("/recherche/").content.decode()
