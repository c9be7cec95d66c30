"""The pages that show what spreads: what they count, say and refuse to guess; their data."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carrefour import spreadsheets
from essaimage import spread_export
from essaimage.loading import load
from essaimage.models import DiffusionStatement, HarvestedSite, NationalTakeUp, Replication
from essaimage.spread_page import TABLES
from innovations.models import Innovation, Location, Status
from territories.models import Territory
from tests.factories import (
    InnovationFactory,
    LocationFactory,
    OrganisationFactory,
    PartyFactory,
    PublicActorFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
NATIONAL = "/essaimage/"


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    page = re.sub(r"<(script|style)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ").split())


def rows_of(client: Client, path: str) -> list[list[str]]:
    response = client.get(path)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(content), delimiter=";"))


@pytest.fixture
def brittany() -> Territory:
    region = TerritoryFactory(a_region=True)
    return TerritoryFactory(a_departement=True, region=region)


@pytest.fixture
def workshop(brittany: Territory) -> Innovation:
    """Taken up twice from the origin, once from one of those; one stopped, one is not public."""
    innovation = InnovationFactory(
        published=True, slug="atelier", title="Atelier", started_year=2012
    )
    LocationFactory(innovation=innovation, territory=TerritoryFactory(code="69123", name="Lyon"))
    first = ReplicationFactory(
        code="premiere", innovation=innovation, territory=brittany, state="perennisee",
        forms=["reseaux"], approach="essaimage", extent="extraregionale",
        repreneur_name="Régie du quartier", journal={"en-cours": "2015"},
    )  # fmt: skip
    hidden = ReplicationFactory(
        code="cachee", innovation=innovation, parent=first, waiting=True, state="en-cours",
        repreneur_name="Structure non relue", journal=True,
    )  # fmt: skip
    ReplicationFactory(
        code="petite-fille", innovation=innovation, parent=hidden, state="abandonnee",
        territory=brittany, lessons="Le local d’abord.",
        journal={"en-cours": "2017", "abandonnee": "2019"},
    )  # fmt: skip
    ReplicationFactory(code="projet", innovation=innovation, territory=brittany, journal=True)
    ReplicationFactory(
        code="sans-date", innovation=innovation, territory=None, network="Réseau des ateliers",
        state="en-cours", journal=True,
    )  # fmt: skip
    PublicActorFactory(replication=first, name="Commune", roles=["facilitateur"], actions=[])
    return innovation


def test_the_national_page_counts_what_has_begun_and_the_rest_apart(
    client: Client, workshop: Innovation
) -> None:
    page = text(client, NATIONAL)

    assert "1 innovation reprise ailleurs au moins une fois" in page
    assert "3 reprises commencées, dont 1 arrêtée depuis" in page
    assert "2 en activité aujourd’hui, dont 1 pérennisée, dans 1 département" in page
    assert "1 à part : 1 envisagée, 0 en préparation" in page
    assert "1 reprise sans date connue ne figure pas sur la courbe." in page
    assert "Structure non relue" not in page
    assert "Le local d’abord." in page


def test_the_curve_and_the_map_follow_the_years(client: Client, workshop: Innovation) -> None:
    [heading, *years] = rows_of(client, f"{NATIONAL}?tableau=annees")
    assert heading[0] == "Année"
    by_year = {row[0]: row[1:] for row in years}
    assert by_year["2015"] == ["1", "1", "0", "1"]
    assert by_year["2018"] == ["2", "0", "0", "1"]
    assert by_year["2019"] == ["1", "0", "1", "1"]

    places = rows_of(client, f"{NATIONAL}?tableau=departements")[1:]
    assert ["Côtes-d’Armor", "22", "2018", "2"] in places
    assert "Fin 2018 : 2 sites de reprise en activité, dans 1 département" in text(
        client, f"{NATIONAL}?annee=2018"
    )


def test_without_a_script_each_year_is_a_picture_that_leads_to_it(
    client: Client, workshop: Innovation
) -> None:
    page = client.get(NATIONAL).content.decode()

    assert 'href="/essaimage/?annee=2016#carte"' in page
    assert 'aria-label="Fin 2018\xa0: 2 sites de reprise en activité"' in page


def test_the_crossings_say_what_is_not_known(client: Client, workshop: Innovation) -> None:
    rows = rows_of(client, f"{NATIONAL}?tableau=approches-roles")[1:]
    known = {(row[1], row[3]): row[4:] for row in rows}

    assert known["essaimage", "facilitateur"] == ["1", "0", "1", "0"]
    assert known["", ""] == ["1", "0", "2", "1"]
    assert known["reprise", "utilisateur"] == ["0", "0", "0", "0"]
    assert rows[-1][:4] == ["Non renseigné", "", "Non renseigné", ""]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("query", ["", "&territoire=region-53", "&forme=proximite"])
def test_each_table_is_a_file_whatever_is_filtered(
    client: Client, workshop: Innovation, table: str, query: str
) -> None:
    rows = rows_of(client, f"{NATIONAL}?tableau={table}{query}")

    assert all(len(row) == len(rows[0]) for row in rows)


@pytest.mark.parametrize(
    ("query", "begun"),
    [
        ("forme=reseaux", 1),
        ("approche=essaimage", 1),
        ("etat=abandonnee", 1),
        ("territoire=departement-22", 2),
        ("territoire=region-53", 2),
        ("territoire=region-53&etat=perennisee", 1),
        ("forme=generalisation", 0),
    ],
)
def test_filters_apply_to_figures_and_files_alike(
    client: Client, workshop: Innovation, query: str, begun: int
) -> None:
    assert client.get(f"{NATIONAL}?{query}").context["page"].figures.spread == begun
    rows = rows_of(client, f"/essaimage/reprises.csv?{query}")
    rank = rows[0].index("commencee")
    assert sum(row[rank] == "oui" for row in rows[1:]) == begun


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("forme=hasard", "Le filtre « Forme de diffusion : hasard » n’existe pas"),
        ("territoire=commune-69123", "« Lyon » n’est ni une région ni un département"),
        ("territoire=region-99", "Le territoire « region-99 » n’existe pas"),
        ("annee=3000", "« 3000 » n’est pas une année"),
        ("annee=²", "« ² » n’est pas une année"),
        ("tableau=secret", "Le tableau « secret » n’existe pas"),
        ("etat=en-cours&etat=envisagee", "est donné plusieurs fois"),
        ("inconnu=1", "Le paramètre « inconnu » n’existe pas"),
    ],
)
def test_what_cannot_be_used_is_told(
    client: Client, workshop: Innovation, query: str, told: str
) -> None:
    assert told in text(client, f"{NATIONAL}?{query}")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from(["forme", "etat", "approche", "territoire", "annee", "tableau", "x\x00"]),
        st.one_of(st.text(max_size=80), st.sampled_from(["-1", "1e9", "9" * 30, "annees", "\x00"])),
        max_size=4,
    )
)
def test_no_query_string_breaks_a_page(client: Client, query: dict[str, str]) -> None:
    InnovationFactory._meta.model.objects.filter(slug="nue").exists() or InnovationFactory(
        slug="nue", published=True
    )
    for path in (NATIONAL, "/essaimage/reprises.json", "/innovations/nue/essaimage/"):
        assert client.get(path, query).status_code == 200


def test_with_nothing_begun_the_pages_say_so(client: Client) -> None:
    one = ReplicationFactory(journal=True, innovation__slug="projet")

    national, own = text(client, NATIONAL), text(client, "/innovations/projet/essaimage/")

    assert "0 innovation reprise ailleurs" in national
    assert "Les projets qui se préparent" in national
    assert "Aucune reprise n’a encore commencé ; 1 est en projet." in own
    assert one.name.replace("à", "À", 1) in own


def test_only_what_has_begun_somewhere_new_is_ranked(client: Client) -> None:
    ReplicationFactory(
        state="en-cours", journal={"en-cours": "2024-01"}, innovation__title="Commencée ailleurs"
    )
    for _ in range(3):
        ReplicationFactory(journal=True, innovation__title="Seulement envisagée")
    page = text(client, NATIONAL)

    before, _, rest = page.partition("Les projets qui se préparent")
    ranked = before.partition("Les plus reprises")[2]
    assert "Commencée ailleurs" in ranked
    assert "Seulement envisagée" not in ranked
    assert rest.partition("Comment Deux questions")[0].count("Seulement envisagée") == 3


def test_what_the_study_states_is_quoted_with_its_section(client: Client) -> None:
    data = json.loads(
        (spread_export.settings.BASE_DIR / "essaimage/data/etude-2017.json").read_text()
    )
    for part in ("replications", "national_take_ups", "statements"):
        for slug in {entry["innovation"] for entry in data[part]}:
            if not Innovation.objects.filter(slug=slug).exists():
                InnovationFactory(slug=slug, title=slug, published=True)
    for slug in {p for entry in data["replications"] for p in entry.get("partners", [])}:
        OrganisationFactory(slug=slug)
    load()

    page = text(client, NATIONAL)

    for entry in [*data["statements"], *data["national_take_ups"]]:
        [reference] = entry["evidence"]
        assert entry["innovation"] in page
        assert " ".join(reference["quote"].replace("'", "&#x27;").split()) in page
        assert reference["section"] in page
    # Nothing of what it states has begun.
    assert "0 reprise commencée" in page
    hidden = DiffusionStatement.objects.first()
    assert hidden is not None
    Innovation.objects.filter(pk=hidden.innovation_id).update(status=Status.UNPUBLISHED)
    assert hidden.innovation.title not in text(client, NATIONAL)


def test_the_page_of_a_project_shows_who_took_it_from_whom(
    client: Client, workshop: Innovation
) -> None:
    response = client.get("/innovations/atelier/essaimage/")
    page = response.context["page"]

    roots = {branch.replication.code: branch for branch in page.tree}
    assert set(roots) == {"premiere", "projet", "sans-date"}
    [child] = roots["premiere"].children
    # It was taken from one that is not public: it hangs on the nearest one that is.
    assert (child.replication.code, child.skips) == ("petite-fille", True)
    shown = text(client, "/innovations/atelier/essaimage/")
    assert "Structure non relue" not in shown
    assert "Reprise d’un site qui n’est pas publié." in shown
    assert "Régie du quartier · depuis 2015" in shown
    assert "Arrêtée" in shown
    assert "Commune (facilitateur)" in shown


def test_the_curve_of_a_project_begins_with_the_original(
    client: Client, workshop: Innovation
) -> None:
    rows = rows_of(client, "/innovations/atelier/essaimage/?tableau=annees")
    by_year = {row[0]: row[1] for row in rows[1:]}

    assert (rows[1][0], by_year["2012"], by_year["2015"], by_year["2018"]) == (
        "2012",
        "1",
        "2",
        "3",
    )
    Innovation.objects.update(started_year=None)
    assert "courbe ne compte que ses reprises" in text(client, "/innovations/atelier/essaimage/")
    Innovation.objects.update(started_year=2012, maturity="arretee")
    rows = rows_of(client, "/innovations/atelier/essaimage/?tableau=annees")
    assert rows[1][:2] == ["2015", "1"]


def test_places_of_the_record_are_told_apart_from_declared_replications(
    client: Client, workshop: Innovation
) -> None:
    site = Location.objects.get(innovation=workshop)
    page = text(client, "/innovations/atelier/essaimage/")
    assert "Ce ne sont pas des reprises déclarées" in page
    assert "Lyon" in page

    HarvestedSite.objects.create(
        innovation=workshop,
        territory=site.territory,
        choice="reprise",
        replication=Replication.objects.get(code="sans-date"),
    )

    assert "Ce ne sont pas des reprises déclarées" not in text(
        client, "/innovations/atelier/essaimage/"
    )


def test_a_project_page_follows_its_record(client: Client, workshop: Innovation) -> None:
    kept = InnovationFactory(published=True, slug="autre")
    Innovation.objects.filter(pk=workshop.pk).update(merged_into=kept, status=Status.MERGED)
    moved = client.get("/innovations/atelier/essaimage/")
    assert (moved.status_code, moved["Location"]) == (301, "/innovations/autre/essaimage/")
    assert "Régie du quartier" in text(client, "/innovations/autre/essaimage/")

    Innovation.objects.filter(pk=kept.pk).update(status=Status.WITHDRAWN)
    assert client.get("/innovations/autre/essaimage/").status_code == 410
    assert client.get("/innovations/inconnue/essaimage/").status_code == 404
    assert client.get("/innovations/autre/essaimage/reprises.csv").status_code == 404
    InnovationFactory(slug="brouillon")
    assert client.get("/innovations/brouillon/essaimage/").status_code == 404


def test_the_record_shows_only_what_is_public_and_leads_to_the_whole(
    client: Client, workshop: Innovation
) -> None:
    page = text(client, "/innovations/atelier/")

    assert "3 reprises commencées ailleurs" in page
    assert "2 en activité aujourd’hui ; 1 en projet." in page
    assert "Structure non relue" not in page
    assert (
        'href="/innovations/atelier/essaimage/"'
        in client.get("/innovations/atelier/").content.decode()
    )


def test_a_territory_tells_what_came_in_and_what_went_out(
    client: Client, workshop: Innovation, brittany: Territory
) -> None:
    came = text(client, "/territoires/departement/22/")
    went = text(client, "/territoires/commune/69123/")

    assert "Projets repris ou à reprendre" in came
    assert "repris ailleurs" not in came
    assert "Nés à Lyon, repris ailleurs" in went
    # What is only envisaged went nowhere yet; what aims at no place is not known to be elsewhere.
    out = client.get("/territoires/commune/69123/").context["taken_elsewhere"]
    assert {one.code for one in out} == {"premiere", "petite-fille"}


def test_the_home_page_says_what_it_counts(client: Client, workshop: Innovation) -> None:
    page = text(client, "/")

    assert "3 reprises commencées ailleurs ; 1 en projet, comptée à part" in page


def test_the_files_hold_what_is_public_and_no_formula(client: Client, workshop: Innovation) -> None:
    PartyFactory(replication=Replication.objects.get(code="premiere"), email="a@example.org")
    Replication.objects.filter(code="premiere").update(repreneur_name="=HYPERLINK(1)", summary="+1")
    actor = PublicActorFactory(
        replication=Replication.objects.get(code="premiere"), name="@Agglomération", roles=[]
    )

    rows = rows_of(client, "/innovations/atelier/essaimage/reprises.csv")
    one = dict(zip(rows[0], next(row for row in rows if row[0] == "premiere"), strict=True))

    assert [row[0] for row in rows[1:]] == ["premiere", "petite-fille", "projet", "sans-date"]
    assert (one["repreneur"], one["ce_qui_est_repris"]) == ("'=HYPERLINK(1)", "'+1")
    assert one["acteurs_publics"] == f"'{actor.name}|Commune"
    assert (one["debut"], one["fin"], one["commencee"]) == ("2015", "", "oui")
    # What it was taken from is not public: the file does not name it.
    assert next(row for row in rows if row[0] == "petite-fille")[rows[0].index("reprise_de")] == ""
    assert "example.org" not in str(rows)


def test_the_json_is_one_object_with_the_licence(
    client: Client, workshop: Innovation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread_export, "BATCH", 2)
    response = client.get("/essaimage/reprises.json")
    found = json.loads(b"".join(response.streaming_content))  # type: ignore[attr-defined]

    assert found["licence"] == "etalab-2.0"
    assert [one["identifiant"] for one in found["reprises"]] == [
        "premiere", "petite-fille", "projet", "sans-date",
    ]  # fmt: skip
    assert found["reprises"][0]["formes"] == ["reseaux"]
    assert found["reprises"][1]["fin"] == "2019"


def test_a_line_says_what_the_record_says(workshop: Innovation) -> None:
    """Lines are made from values: the rules of the rows must be theirs."""
    stopped = Replication.objects.get(code="petite-fille")
    PublicActorFactory(replication=stopped, name="Commune", roles=["utilisateur"])
    for state, journal in (
        ("abandonnee", {"abandonnee": "2020-05"}),
        ("perennisee", {"en-cours": "", "perennisee": "2022"}),
    ):
        ReplicationFactory(
            innovation=workshop, parent=stopped, state=state, journal=journal,
            repreneur=OrganisationFactory(),
        )  # fmt: skip
    merged = InnovationFactory(merged_into=workshop, status=Status.MERGED)
    ReplicationFactory(innovation=merged)

    lines = spread_export.batches(Replication.objects.of_public())
    found = [dict(zip(spread_export.COLUMNS, spread_export.values(x), strict=True)) for x in lines]
    shown = Replication.objects.of_public().order_by("pk")

    assert [line["identifiant"] for line in found] == [one.code for one in shown]
    for line, one in zip(found, shown, strict=True):
        project, actors = one.shown_innovation, list(one.public_actors.order_by("name"))
        site = spread_export.settings.BASE_URL
        assert line["page"] == f"{site}{one.get_absolute_url()}"
        assert line["fiche"] == f"{site}{project.get_absolute_url()}"
        assert (line["innovation"], line["titre_innovation"]) == (project.slug, project.title)
        assert line["repreneur"] == one.repreneur_shown
        told = (line["commencee"], line["debut"], line["fin"])
        assert told == (one.has_begun, one.began_on, one.stopped_on)
        above = one.parent if one.parent and one.parent.is_public else None
        assert line["reprise_de"] == (above.code if above else "")
        roles = [role.value for actor in actors for role in actor.all_roles]
        assert line["roles_publics"] == list(dict.fromkeys(roles))


def test_the_file_goes_in_pieces_read_by_batches(
    workshop: Innovation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(26):
        ReplicationFactory(innovation=workshop, summary="Un atelier. " * 40)
    whole = "".join(spread_export.csv(Replication.objects.of_public()))
    monkeypatch.setattr(spread_export, "BATCH", 10)
    monkeypatch.setattr(spreadsheets, "PIECE_BYTES", 4096)

    with CaptureQueriesContext(connection) as captured:
        pieces = spread_export.csv(Replication.objects.of_public())
        first = next(pieces)
        # One batch of thirty rows was read: the rest waits for who reads.
        assert len(captured) == 3
        others = list(pieces)

    assert first + "".join(others) == whole
    assert len(captured) == 3 * 3 + 1
    assert all(4096 <= len(piece) < 8192 for piece in [first, *others[:-1]])


def queries(get: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = get()
        if response.streaming:
            list(response.streaming_content)
    return len(captured)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (NATIONAL, 17),
        (f"{NATIONAL}?territoire=region-53&forme=reseaux", 17),
        (f"{NATIONAL}?tableau=annees", 5),
        ("/innovations/atelier/essaimage/", 15),
        ("/essaimage/reprises.csv", 7),
        ("/essaimage/reprises.json", 7),
        ("/territoires/region/53/", 20),
        ("/innovations/atelier/", 30),
        ("/sitemap-essaimage.xml", 4),
    ],
)
def test_the_number_of_queries_does_not_grow(
    client: Client, workshop: Innovation, brittany: Territory, path: str, most: int
) -> None:
    def fill(number: int) -> None:
        for rank in range(number):
            other = InnovationFactory(published=True, territory=brittany)
            for innovation in (workshop, other):
                one = ReplicationFactory(
                    innovation=innovation, territory=brittany, forms=["reseaux"],
                    state="abandonnee" if rank % 2 else "en-cours",
                    journal={"en-cours": "2016"},
                )  # fmt: skip
                PublicActorFactory(replication=one)
            NationalTakeUp.objects.create(innovation=other, mode="loi", is_done=True)
            DiffusionStatement.objects.create(innovation=other, status="diffusee", as_of="2017")

    fill(8)
    client.get(path)
    before = queries(lambda: client.get(path))
    fill(8)

    assert queries(lambda: client.get(path)) <= before
    assert before <= most
