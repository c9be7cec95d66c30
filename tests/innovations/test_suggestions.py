"""What is proposed while typing: found by any word, never stale, marked, shared by kind."""

import datetime

import pytest
from django.db import connection
from django.test import Client

from innovations import publishing
from innovations.models import SearchEntry, Status
from innovations.search_suggestions import MOST, parts, suggest, suggest_places, words_of
from tests.factories import (
    InnovationFactory,
    OrganisationFactory,
    SourceRecordFactory,
    TermFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def labels(typed: str, kind: str) -> list[str]:
    return [each.label for each in suggest(typed).found.get(kind, ())]


@pytest.mark.parametrize(
    "typed",
    ["jar", "Jardin des v", "voisin", "l’école", "ecole", "jardin école", "le jardin", "jardin d"],
)
def test_a_title_is_found_by_any_of_its_words(typed: str) -> None:
    InnovationFactory(published=True, title="Le Jardin des voisins de l’École")

    assert labels(typed, "innovation") == ["Le Jardin des voisins de l’École"]


@pytest.mark.parametrize("typed", ["", "ja", "ardin", "jardin compost", "des", "%%%", "«»"])
def test_nothing_is_proposed_for_what_no_title_begins_with(typed: str) -> None:
    InnovationFactory(published=True, title="Jardin des voisins")

    assert suggest(typed).total == 0


def test_entries_follow_the_record_at_once() -> None:
    innovation = InnovationFactory(published=True, title="Jardin des voisins")
    innovation.title, innovation.title_key = "Verger partagé", "verger partage"
    innovation.save()
    publishing.set_status([innovation.pk], Status.UNPUBLISHED)
    assert labels("jardin", "innovation") == labels("verger", "innovation") == []

    publishing.set_status([innovation.pk], Status.PUBLISHED)
    assert labels("jardin", "innovation") == []
    assert labels("verger", "innovation") == ["Verger partagé"]

    pk = innovation.pk
    innovation.delete()
    assert not SearchEntry.objects.filter(kind="innovation", target_id=pk).exists()


def test_an_organisation_is_proposed_while_it_carries_a_record_shown_in_full() -> None:
    owner = OrganisationFactory(name="Les Compagnons du bocage")
    OrganisationFactory(name="Compagnons sans fiche")
    reference = OrganisationFactory(name="Compagnons cités")
    InnovationFactory(published=True, organisation=owner)
    InnovationFactory(published=True, organisation=reference, is_reference=True)

    assert labels("compagnons", "organisation") == ["Les Compagnons du bocage"]
    assert suggest("bocage").found["organisation"][0].detail == "1 innovation"

    owner.name = "Les Artisans du bocage"
    owner.save()
    assert labels("compagnons", "organisation") == []
    assert labels("artisans", "organisation") == ["Les Artisans du bocage"]


def test_places_by_name_by_saint_and_by_code() -> None:
    departement = TerritoryFactory(a_departement=True)
    TerritoryFactory(
        code="22278",
        name="Saint-Brieuc",
        departement=departement,
        population=44_000,
        postal_codes=["22000"],
    )

    for typed in ("saint-br", "brieuc", "st brieuc", "22000"):
        (found,) = suggest(typed).found["territoire"]
        assert found.label == "Saint-Brieuc (22)"
        assert found.parameter == ("territoire", "commune-22278")
        assert found.detail == "Côtes-d’Armor"


def test_terms_by_label_or_synonym() -> None:
    mobility = TermFactory(code="mobilite", label="Mobilité")
    mobility.synonyms.create(label="Covoiturage", key="covoiturage")
    TermFactory(code="ancien", label="Mobilité ancienne", is_active=False)

    (found,) = suggest("covoit").found["terme"]
    assert (found.label, found.parameter) == ("Mobilité", ("theme", "mobilite"))
    assert labels("mobil", "terme") == ["Mobilité"]


def test_the_worthiest_come_first_and_each_kind_has_its_share() -> None:
    for number in range(12):
        InnovationFactory(
            published=True,
            title=f"Mobilité {number}",
            published_at=datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC),
        )
    InnovationFactory(published=True, title="Mobilité choisie")
    TermFactory(code="mobilite", label="Mobilité")
    found = suggest("mobilite")

    assert found.total == MOST
    assert len(found.found["terme"]) == 1
    assert found.found["innovation"][0].label == "Mobilité choisie"


def test_beyond_the_few_thousand_that_are_read_the_heaviest_are_still_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO innovations_searchentry (target_id, kind, rank, text, weight) "
            "SELECT -n, 'innovation', 0, 'mobilite ' || n, 0 FROM generate_series(1, 3000) AS n"
        )
    best = InnovationFactory(published=True, title="Mobilité zéro")

    assert labels("mob", "innovation") == [best.title]
    assert labels("mobilite zero", "innovation") == [best.title]


def test_what_matches_is_marked_in_the_label_itself() -> None:
    assert parts("Cœur d’École", words_of("coeu eco")) == [
        ("Cœu", True),
        ("r d’", False),
        ("Éco", True),
        ("le", False),
    ]
    assert parts("Jardin", ["compost"]) == [("Jardin", False)]


def test_the_answer_is_json_that_caches_keep(
    client: Client, django_assert_num_queries: object
) -> None:
    InnovationFactory(
        published=True,
        slug="jardin-des-voisins",
        title="Jardin des voisins",
        territory=TerritoryFactory(name="Jardres"),
        cited=SourceRecordFactory(),
        organisation=OrganisationFactory(name="Jardiniers réunis"),
    )
    with django_assert_num_queries(9):  # type: ignore[operator]
        response = client.get("/recherche/suggestions/?q=jard")
    answer = response.json()

    assert [group["kind"] for group in answer["groups"]] == [
        "innovation",
        "territoire",
        "organisation",
    ]
    assert answer["status"] == "3 suggestions"
    assert answer["groups"][0]["options"][0] == {
        "label": "Jardin des voisins",
        "parts": [
            {"text": "Jard", "is_match": True},
            {"text": "in des voisins", "is_match": False},
        ],
        "detail": "Jardres",
        "url": "/innovations/jardin-des-voisins/",
        "parameter": "",
        "value": "",
    }
    assert response["Cache-Control"] == "public, max-age=0, s-maxage=60, stale-while-revalidate=60"
    again = client.get(
        "/recherche/suggestions/?q=jard", headers={"If-None-Match": response["ETag"]}
    )
    assert again.status_code == 304


def test_a_place_field_is_proposed_places_only(client: Client) -> None:
    InnovationFactory(published=True, title="Jardin", territory=TerritoryFactory(name="Jardres"))
    answer = client.get("/recherche/suggestions/?q=jar&champ=lieu").json()

    assert [group["kind"] for group in answer["groups"]] == ["territoire"]


@pytest.mark.parametrize("query", ["q=jardin&champ=autre", "q=" + "a" * 81])
def test_what_cannot_be_read_is_refused_in_french(client: Client, query: str) -> None:
    response = client.get(f"/recherche/suggestions/?{query}")

    assert response.status_code == 400
    assert response.json()["message"].endswith(".")


def test_who_asks_without_end_is_told_to_wait(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("innovations.suggestion_views.PER_HOUR", 1)

    assert client.get("/recherche/suggestions/?q=jar").status_code == 200
    response = client.get("/recherche/suggestions/?q=jard")
    assert response.status_code == 429
    assert response["Retry-After"] == "3600"


@pytest.mark.parametrize(
    "q", ["\x00", "' OR 1=1", "%", "_____", "a" * 80, "🙂🙂🙂🙂", "12345", "2a"]
)
def test_nothing_typed_is_an_error(client: Client, q: str) -> None:
    for field in ("", "lieu"):
        assert client.get("/recherche/suggestions/", {"q": q, "champ": field}).status_code == 200


def test_homonyms_come_before_longer_names_of_larger_places() -> None:
    for code, name, population in (
        ("97411", "Saint-Denis", 150_000),
        ("11339", "Saint-Denis", 500),
        ("45274", "Saint-Denis-en-Val", 7_600),
        ("93039", "L’Île-Saint-Denis", 8_800),
    ):
        TerritoryFactory(name=name, code=code, population=population)

    found = [each.parameter[1] for each in suggest_places("st-denis").found["territoire"]]

    assert found == ["commune-97411", "commune-11339", "commune-93039", "commune-45274"]
