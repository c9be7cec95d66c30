"""Obstacles as the public reads them: found, told whole, shown to all replications of a project."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from essaimage.models import Obstacle, ObstacleWords
from essaimage.obstacles.page import around
from innovations.models import Innovation, Status
from partners.erasure import erase, target_of
from tests.factories import (
    ExperimentFactory,
    InnovationFactory,
    InterpretationFactory,
    ObstacleFactory,
    ReplicationFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/essaimage/obstacles/"


def text(response: Any) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode("utf-8-sig")
    return str(response.content.decode())


def found(client: Client, query: str) -> list[str]:
    page = client.get(f"{LIST}?{query}").context["page"]
    return [obstacle.title for obstacle in page.rows]


def queries(client: Client, path: str) -> int:
    # What is kept while the data stay the same is read anew after they changed.
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


@pytest.fixture
def kitchen() -> Obstacle:
    made: Obstacle = ObstacleFactory(
        title="La cuisine partagée n’est pas agréée",
        description="Les repas préparés par des bénévoles ne peuvent être vendus.",
        authority="Direction départementale de la protection des populations",
        legal_basis="Règlement (CE) n° 852/2004",
        lifted=True,
        resolution="Une dérogation pour petites quantités a été obtenue.",
    )
    InterpretationFactory(
        obstacle=made, authority="Préfecture voisine", text="L’étiquetage suffit aux épiceries."
    )
    return made


@pytest.mark.parametrize(
    "asked",
    [
        "q=cuisine", "q=cuisines+agréées", "q=CUISINE+AGREEE", "q=bénévole", "q=benevoles+repas",
        "q=852/2004", "q=dérogations", "q=épicerie", "q=epiceries", "q=étiquetages",
        "q=protection+populations", "q=cuisine+épicerie", 'q="petites quantités"',
        "autorite=protection+des+populations", "autorite=DEPARTEMENTALE", "q=cuisine&etat=leve",
        "interprete=service-deconcentre&origine=norme&stade=demarrage",
    ],
)  # fmt: skip
def test_words_find_it_whatever_their_accents_and_endings(
    client: Client, kitchen: Obstacle, asked: str
) -> None:
    ObstacleFactory(title="Stationnement interdit devant le local", authority="Mairie",
                    interpreter="collectivite")  # fmt: skip
    assert found(client, asked) == [kitchen.title]


@pytest.mark.parametrize(
    "asked",
    ["q=piscine", "q=cuisine+-bénévoles", "autorite=mairie", "etat=maintenu", "q=voisine+ciel"],
)
def test_what_is_not_said_is_not_found(client: Client, kitchen: Obstacle, asked: str) -> None:
    assert found(client, asked) == []


def test_the_passage_found_is_marked_and_escaped(client: Client) -> None:
    ObstacleFactory(description="Un <b>hangar</b> ne peut recevoir du public.")
    page = text(client.get(f"{LIST}?q=hangars"))
    assert "<mark>hangar</mark>" in page
    assert "<b>" not in page


def test_the_words_follow_what_is_written(client: Client, kitchen: Obstacle) -> None:
    kitchen.interpretations.update(text="Le chauffage suffit.")
    assert found(client, "q=étiquetage") == []
    assert found(client, "q=chauffages") == [kitchen.title]
    kitchen.interpretations.update(publication="ecartee")
    assert found(client, "q=chauffage") == []
    Obstacle.objects.filter(pk=kitchen.pk).update(title="Le four n’est pas agréé")
    assert found(client, "q=fours") == ["Le four n’est pas agréé"]


def test_its_words_go_with_it(kitchen: Obstacle) -> None:
    kitchen.delete()
    assert not ObstacleWords.objects.exists()


def test_what_cannot_be_used_is_told(client: Client, kitchen: Obstacle) -> None:
    asked = "etat=inconnu&territoire=zzzz&innovation=nulle-part&sens=haut&autorite=%21%21&q=le"
    page = text(client.get(f"{LIST}?{asked}"))
    for said in (
        "« État » ne connaît pas la valeur « inconnu »", "Le lieu « zzzz » n’est pas reconnu",
        "La fiche « nulle-part » n’est pas dans l’annuaire", "Le paramètre « sens » n’existe pas",
        "L’autorité cherchée ne contient aucun mot", "Mots trop courants",
    ):  # fmt: skip
        assert said in page
    assert kitchen.title in page


@pytest.mark.parametrize(
    "asked",
    ["q=%00", "q=" + "a" * 5000, "page=%00", "page=zzz", "page=W2ZhbHNlLFsieCIsMV1d", "etat=%FF",
     "q=a&q=b&etat=leve&etat=signale", "territoire=-", "territoire=commune-%00", "q=%22%22+-+%27",
     "autorite=%25_%5C", "innovation=%00"],
)  # fmt: skip
def test_no_address_breaks_the_pages(client: Client, kitchen: Obstacle, asked: str) -> None:
    for path in (LIST, f"{LIST}par-autorite/", f"{LIST}export.csv"):
        response = client.get(f"{path}?{asked}")
        assert response.status_code == 200
        text(response)


def test_a_territory_holds_what_is_met_inside_it(client: Client) -> None:
    region = TerritoryFactory(a_region=True)
    inside = TerritoryFactory(region=region)
    own = ObstacleFactory(territory=inside)
    of_replication = ObstacleFactory(replication=ReplicationFactory(territory=inside))
    ObstacleFactory(territory=TerritoryFactory())
    asked = found(client, f"territoire=region-{region.code}")
    assert set(asked) == {own.title, of_replication.title}


def test_an_acronym_is_no_common_word(client: Client) -> None:
    caf = ObstacleFactory(title="La CAF refuse")
    ObstacleFactory(title="Le café est fermé")

    assert found(client, "q=caf") == [caf.title]


@pytest.mark.parametrize("asked", ["", "q=local"])
def test_pages_follow_one_another_without_gap(client: Client, asked: str) -> None:
    innovation = InnovationFactory(published=True)
    made = {ObstacleFactory(innovation=innovation).title for _ in range(45)}
    seen: list[str] = []
    token = ""
    while True:
        page = client.get(f"{LIST}?{asked}&page={token}").context["page"]
        seen += [obstacle.title for obstacle in page.rows]
        token = page.next
        if not token:
            break
    assert len(seen) == 45
    assert set(seen) == made
    back = client.get(f"{LIST}?{asked}&page={page.previous}").context["page"]
    assert [o.title for o in back.rows] == seen[20:40]


@pytest.mark.parametrize(
    "path", [LIST, f"{LIST}?q=local", f"{LIST}par-autorite/", f"{LIST}export.csv"]
)
def test_a_list_asks_as_much_for_ten_as_for_one(client: Client, path: str) -> None:
    InterpretationFactory(obstacle=ObstacleFactory(territory=TerritoryFactory()))
    few = queries(client, path)
    for _ in range(10):
        InterpretationFactory(obstacle=ObstacleFactory(territory=TerritoryFactory()))
    assert queries(client, path) == few


def test_only_what_is_published_of_a_public_record_is_read(client: Client) -> None:
    hidden = [
        ObstacleFactory(waiting=True),
        ObstacleFactory(publication="a-confirmer"),
        ObstacleFactory(publication="ecartee"),
        ObstacleFactory(innovation=InnovationFactory(status=Status.IN_REVIEW)),
    ]
    assert found(client, "") == []
    assert text(client.get(f"{LIST}export.csv")).count("\n") == 1
    for obstacle in hidden:
        assert client.get(obstacle.get_absolute_url()).status_code == 404


def test_one_page_tells_it_whole(client: Client, kitchen: Obstacle) -> None:
    InterpretationFactory(obstacle=kitchen, authority="Mairie d’en face", allows=False)
    InterpretationFactory(obstacle=kitchen, authority="Service muet", publication="a-relire")
    other = ObstacleFactory(
        innovation=kitchen.innovation, lifted=True, territory=TerritoryFactory(name="Lormes")
    )
    alike = ObstacleFactory(authority=kitchen.authority.upper())
    same_text = ObstacleFactory(authority="ANSES", legal_basis="règlement CE n° 852 2004")
    ExperimentFactory(title="Vendre sans agrément").obstacles.add(kitchen)
    page = text(client.get(kitchen.get_absolute_url()))
    for said in (
        "Comment il a été levé", "petites quantités", "Elle permet le projet", "Elle le refuse",
        "Mairie d’en face", other.title, "Déjà levé", "Assouplir ou simplifier", alike.title,
        same_text.title, "Vendre sans agrément", "Non renseigné",
    ):  # fmt: skip
        assert said in page
    assert "Service muet" not in page


def test_each_replication_sees_what_was_lifted_elsewhere(client: Client) -> None:
    innovation = InnovationFactory(published=True, title="Ressourcerie")
    merged = InnovationFactory(status=Status.MERGED, merged_into=innovation)
    first, second = ReplicationFactory(innovation=innovation), ReplicationFactory(innovation=merged)
    lifted = ObstacleFactory(replication=second, lifted=True)
    here = ObstacleFactory(replication=first)
    ObstacleFactory(replication=first, waiting=True)
    alike = ObstacleFactory(authority=here.authority)

    told = around(innovation, first)
    assert (told.here, told.lifted, told.others, told.alike) == ([here], [lifted], [], [alike])
    assert f"reprise={first.code}" in told.signal_url
    page = text(client.get(innovation.get_absolute_url()))
    assert f"Déjà levé {second.territory.located}" in page.replace("&#x27;", "'")
    assert "Signaler un obstacle" in page


def test_a_record_without_obstacles_invites_to_tell(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    page = text(client.get(innovation.get_absolute_url()))
    assert reverse("essaimage:obstacle_signal", args=[innovation.slug]) in page


def test_the_section_costs_two_queries_at_most(django_assert_num_queries: Any) -> None:
    innovation = InnovationFactory(published=True)
    with django_assert_num_queries(1):
        around(innovation)
    for _ in range(8):
        ObstacleFactory(replication=ReplicationFactory(innovation=innovation))
        ObstacleFactory()
    with django_assert_num_queries(2):
        told = around(innovation)
        assert [o.where for o in [*told.others, *told.alike]]
    assert told.more == 2


def test_authorities_are_counted_by_state_whatever_their_spelling(client: Client) -> None:
    ObstacleFactory(authority="Préfecture de la Nièvre")
    ObstacleFactory(authority="prefecture de la nievre", lifted=True)
    ObstacleFactory(authority="Mairie", state="maintenu")
    figure = client.get(f"{LIST}par-autorite/").context["figure"]
    assert [(line.total, list(line.counts), line.share) for line in figure.lines] == [
        (2, [1, 0, 1, 0], "100%"),
        (1, [0, 0, 0, 1], "50%"),
    ]
    response = client.get(f"{LIST}par-autorite/?format=csv")
    rows = list(csv.reader(io.StringIO(text(response)), delimiter=";"))
    assert rows[0] == ["Autorité", "Signalé", "En discussion", "Levé", "Maintenu", "Total"]
    assert [row[1:] for row in rows[1:]] == [["1", "0", "1", "0", "2"], ["0", "0", "0", "1", "1"]]
    asked = client.get(figure.lines[0].url)
    assert len(asked.context["page"].rows) == 2


def test_the_file_holds_no_formula(client: Client, kitchen: Obstacle) -> None:
    Obstacle.objects.filter(pk=kitchen.pk).update(title='=HYPERLINK("http://example.org")')
    response = client.get(f"{LIST}export.csv")
    assert response.streaming
    (heading, row) = csv.reader(io.StringIO(text(response)), delimiter=";")
    told = dict(zip(heading, row, strict=True))
    assert told["Obstacle"].startswith("'=")
    assert told["Interprétations qui permettent"].startswith("Préfecture voisine : ")
    assert told["Page"] == f"http://testserver{kitchen.get_absolute_url()}"


def test_pages_that_hold_nothing_say_what_they_are_for(client: Client) -> None:
    page = text(client.get(LIST))
    assert "Aucun obstacle n’est encore publié." in page
    assert "Un obstacle levé une fois l’est pour tous" in page
    assert "Aucun obstacle à compter." in text(client.get(f"{LIST}par-autorite/"))
    assert "Aucune expérimentation n’est encore publiée." in text(
        client.get("/essaimage/experimentations/")
    )


def test_the_right_to_object_takes_all_of_it_away(kitchen: Obstacle) -> None:
    innovation = kitchen.innovation
    replication = ReplicationFactory(innovation=innovation, journal=True)
    ObstacleFactory(replication=replication)
    experiment = ExperimentFactory(innovation=innovation)
    experiment.obstacles.add(kitchen)
    kept = ExperimentFactory(innovation=None)
    kept.obstacles.add(kitchen)

    erase(target_of(innovation))

    assert not Innovation.objects.filter(pk=innovation.pk).exists()
    with connection.cursor() as cursor:
        for table in ("obstacle", "obstaclestep", "interpretation", "obstaclewords",
                      "obstacleevent", "interpretationevent", "experiment_obstacles"):  # fmt: skip
            cursor.execute(f"SELECT count(*) FROM essaimage_{table}")
            assert (table, cursor.fetchone()) == (table, (0,))
        cursor.execute("SELECT id FROM essaimage_experiment")
        assert cursor.fetchall() == [(kept.pk,)]
