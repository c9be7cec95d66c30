"""The list itself: what it hides, what it keeps, and what it does when its key is lost."""

import pytest
from django.test import override_settings

from partners import suppression
from partners.models import Objection, SuppressedDatum, SuppressedRecord
from partners.suppression import PAGE, SuppressionKeyLost, Suppressions, page_is_gone

pytestmark = pytest.mark.django_db
RECORD = ("fiches", "12", "https://exemple.invalid/projets/12", "Jardin des Lilas", "Asso Lilas")


@pytest.fixture
def objection() -> Objection:
    return Objection.objects.create(scope="fiche")


def suppress(objection: Objection) -> None:
    names = suppression.record_names(*RECORD)
    suppression.suppress_records(objection, [*names, (PAGE, "jardin-des-lilas")])


@pytest.mark.parametrize(
    "offered",
    [
        ("fiches", "12", "", "Autre titre", "Autre"),
        ("autre-source", "z", "http://www.exemple.invalid/projets/12/", "Autre", ""),
        ("autre-source", "z", "", "LE JARDIN DES LILAS"[3:], "ASSO LILAS"),
    ],
)
def test_a_removed_record_is_recognised_by_any_of_its_names(
    objection: Objection, offered: tuple[str, str, str, str, str]
) -> None:
    suppress(objection)
    assert Suppressions.load().hides(*offered)


@pytest.mark.parametrize(
    "offered",
    [
        ("autre-source", "12", "", "Autre", "Asso Lilas"),
        ("fiches", "13", "https://exemple.invalid/projets/13", "Jardin des Lilas", "Asso Roses"),
        ("fiches", "", "", "", ""),
    ],
)
def test_others_pass(objection: Objection, offered: tuple[str, str, str, str, str]) -> None:
    suppress(objection)
    assert not Suppressions.load().hides(*offered)


def test_nothing_is_kept_in_clear(objection: Objection) -> None:
    suppress(objection)
    suppression.suppress_data(objection, ["Camille Exemple", "06 12 34 56 78"])
    rows = [*SuppressedRecord.objects.values_list("digest", flat=True)]
    rows += [*SuppressedDatum.objects.values_list("digest", flat=True)]
    assert all(len(d) == 64 and int(d, 16) for d in rows)


def test_an_empty_list_costs_two_queries_and_touches_nothing(
    django_assert_num_queries: object,
) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        loaded = Suppressions.load()
    row = {"nom": "Camille Exemple"}
    assert not loaded.hides(*RECORD)
    assert loaded.redact(row) == (row, 0)
    assert loaded.identifier("camille-exemple") == "camille-exemple"


def test_asking_costs_no_query(objection: Objection, django_assert_num_queries: object) -> None:
    suppress(objection)
    suppression.suppress_data(objection, ["Camille Exemple"])
    loaded = Suppressions.load()
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert loaded.hides(*RECORD)
        assert loaded.redact({"nom": "par Camille Exemple"})[1] == 1


def test_an_identifier_that_holds_the_datum_becomes_a_stable_neutral_one(
    objection: Objection,
) -> None:
    suppression.suppress_data(objection, ["Camille Exemple"])
    loaded = Suppressions.load()
    neutral = loaded.identifier("projet-camille-exemple")
    assert neutral.startswith("retire-")
    assert neutral == loaded.identifier("projet-camille-exemple")
    assert neutral != loaded.identifier("projet-2-camille-exemple")


def test_a_datum_asked_twice_is_listed_once(objection: Objection) -> None:
    assert suppression.suppress_data(objection, ["Camille Exemple", "à"]) == 1
    count = SuppressedDatum.objects.count()
    suppression.suppress_data(objection, ["EXEMPLE Camille"])
    assert SuppressedDatum.objects.count() == count


def test_a_page_that_is_gone(objection: Objection) -> None:
    suppress(objection)
    assert page_is_gone("jardin-des-lilas")
    assert not page_is_gone("jardin-des-roses")


def test_the_list_survives_the_rotation_of_the_secret_key(objection: Objection) -> None:
    with override_settings(SECRET_KEY="ancienne"):
        suppress(objection)
    with override_settings(SECRET_KEY="nouvelle", SECRET_KEY_FALLBACKS=["ancienne"]):
        assert Suppressions.load().hides(*RECORD)
        assert page_is_gone("jardin-des-lilas")
    with override_settings(SECRET_KEY="nouvelle", SUPPRESSION_KEY="ancienne"):
        assert Suppressions.load().hides(*RECORD)


def test_a_lost_key_stops_everything_rather_than_republishing(objection: Objection) -> None:
    with override_settings(SECRET_KEY="ancienne"):
        suppress(objection)
    with override_settings(SECRET_KEY="nouvelle"), pytest.raises(SuppressionKeyLost):
        Suppressions.load()
