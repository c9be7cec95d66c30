import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from territories.kinds import AliasKind, Kind
from territories.loading import LoadReport, load
from territories.lookup import find
from territories.models import LoadedReference, Territory, TerritoryAlias, TerritoryOutline
from territories.reference import files
from territories.reference.files import AliasRow
from tests.territories.conftest import row, write_reference

FRANCE = row("pays", "FR", "France", liaison=3)
REGION = row("region", "27", "Bourgogne-Franche-Comté")
NIEVRE = row("departement", "58", "Nièvre", liaison=3, region="27")
EPCI = row("epci", "200067890", "Communauté de communes", form="CC", region="27", departement="58")
LORMES = row("commune", "58145", "Lormes", region="27", departement="58", epci="200067890")
VILLAGE = row("commune", "58001", "Achun", region="27", departement="58", epci="200067890")
SMALL = [FRANCE, REGION, NIEVRE, EPCI, LORMES, VILLAGE]
SQUARE = "commune\t58145\t0 0 10 10\t[[[0,0,10,0,0,10,-10,0,0,-10]]]"
MERGED = AliasRow(AliasKind.ANCIEN_NOM, "commune", "58145", "Achun", "58001")


def test_the_whole_country_is_loaded(geography: LoadReport) -> None:
    assert Territory.objects.of_kind(Kind.DEPARTEMENT).count() == 101
    assert Territory.objects.of_kind(Kind.REGION).count() == 18
    assert Territory.objects.active().count() == geography.territories == 36_352
    assert TerritoryAlias.objects.count() == geography.aliases
    assert TerritoryOutline.objects.count() == geography.outlines


def test_a_second_loading_does_nothing(geography: LoadReport) -> None:
    told = io.StringIO()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call_command("load_territories", stderr=told)
    assert "déjà chargé" in told.getvalue()
    # Savepoint, lock, last loading, release.
    assert len(queries) <= 4
    assert LoadedReference.objects.count() == 1


def test_a_forced_loading_changes_no_row(geography: LoadReport) -> None:
    before = dict(Territory.objects.values_list("pk", "code").order_by("pk")[:500])
    LoadedReference.objects.all().delete()
    load()
    assert dict(Territory.objects.values_list("pk", "code").order_by("pk")[:500]) == before
    assert Territory.objects.count() == 36_352


def test_within_in_one_query(geography: LoadReport, django_assert_num_queries: object) -> None:
    brittany = Territory.objects.at(Kind.REGION, "53").get()
    with django_assert_num_queries(1):  # type: ignore[operator]
        inside = list(Territory.objects.within(brittany).of_kind(Kind.DEPARTEMENT))
    assert {t.code for t in inside} == {"22", "29", "35", "56"}
    assert Territory.objects.within(brittany).of_kind(Kind.COMMUNE).count() > 1000


def test_parents_of_a_commune(geography: LoadReport) -> None:
    rennes = Territory.objects.at(Kind.COMMUNE, "35238").get()
    around = Territory.objects.ancestors_of(rennes).exclude(pk=rennes.pk)
    assert {t.name for t in around} == {"France", "Bretagne", "Ille-et-Vilaine", "Rennes Métropole"}
    assert rennes.located == "à Rennes"
    assert "35000" in rennes.postal_codes


def test_parents_overseas(geography: LoadReport) -> None:
    noumea = Territory.objects.select_related("departement").at(Kind.COMMUNE, "98818").get()
    assert noumea.region is None
    assert noumea.departement
    assert (noumea.departement.kind, noumea.departement.name) == (
        Kind.COLLECTIVITE,
        "Nouvelle-Calédonie",
    )


def test_an_epci_over_two_departements_lies_in_none(geography: LoadReport) -> None:
    redon = Territory.objects.at(Kind.EPCI, "243500741").get()
    assert redon.departement
    levels = Territory.objects.ancestors_of(redon).values_list("kind", flat=True)
    assert set(levels) == {Kind.PAYS, Kind.EPCI}


def test_found_by_its_names(geography: LoadReport) -> None:
    assert "Évry-Courcouronnes" in {t.name for t in Territory.objects.named("evry")}
    assert Territory.objects.named("  ").count() == 0


def test_places_found_are_fetched_in_one_query(
    geography: LoadReport, django_assert_num_queries: object
) -> None:
    found = [find("Rennes").territory, find("PACA").territory, find("Rennes Métropole").territory]
    places = {(t.kind, t.code) for t in found if t}
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert Territory.objects.ids_at(places).keys() == places


def test_outline_of_a_departement(geography: LoadReport) -> None:
    outline = TerritoryOutline.objects.get(territory__kind="departement", territory__code="58")
    west, south, east, north = outline.bbox
    assert 2.8 < west < east < 4.3
    assert 46.6 < south < north < 47.7
    assert outline.geometry["type"] in {"Polygon", "MultiPolygon"}


@pytest.mark.django_db
class TestYearlyUpdate:
    """A small country from one vintage to the next."""

    def test_a_merged_commune_stays_and_points_to_its_heir(self, tmp_path: Path) -> None:
        load(folder=write_reference(tmp_path / "2026", 2026, SMALL, outlines=[SQUARE]))
        old = Territory.objects.at(Kind.COMMUNE, "58001").get()
        report = load(folder=write_reference(tmp_path / "2027", 2027, SMALL[:-1], [MERGED]))
        assert report.retired == 1
        old.refresh_from_db()
        heir = Territory.objects.at(Kind.COMMUNE, "58145").get()
        assert not old.active
        assert old.successor == heir == old.current
        assert old.vintage == 2026
        assert heir.vintage == 2027
        # What was tied to the old commune is still found within every territory around it.
        nievre = Territory.objects.at(Kind.DEPARTEMENT, "58").get()
        assert old in Territory.objects.within(nievre)
        assert old in Territory.objects.within(heir)
        assert heir.aliases.get().code == "58001"
        assert heir.outline.geometry["type"] == "Polygon"

    def test_a_commune_made_again_is_in_force_again(self, tmp_path: Path) -> None:
        load(folder=write_reference(tmp_path / "2026", 2026, SMALL))
        load(folder=write_reference(tmp_path / "2027", 2027, SMALL[:-1], [MERGED]))
        load(folder=write_reference(tmp_path / "2028", 2028, SMALL))
        again = Territory.objects.at(Kind.COMMUNE, "58001").get()
        assert again.active
        assert again.successor is None

    def test_one_that_vanishes_without_heir_is_kept(self, tmp_path: Path) -> None:
        load(folder=write_reference(tmp_path / "2026", 2026, SMALL))
        load(folder=write_reference(tmp_path / "2027", 2027, SMALL[:-1]))
        gone = Territory.objects.at(Kind.COMMUNE, "58001").get()
        assert not gone.active
        assert gone.successor is None
        assert gone.current == gone
        assert gone.pk in gone.ancestor_ids

    def test_identifiers_never_change(self, tmp_path: Path) -> None:
        load(folder=write_reference(tmp_path / "2026", 2026, SMALL))
        before = dict(Territory.objects.values_list("code", "pk"))
        renamed = [*SMALL[:-1], VILLAGE._replace(name="Achun-le-Neuf")]
        load(folder=write_reference(tmp_path / "2027", 2027, renamed))
        assert dict(Territory.objects.values_list("code", "pk")) == before
        assert Territory.objects.get(code="58001").slug == "achun-le-neuf"


@pytest.mark.django_db
def test_the_database_refuses_two_of_the_same_code(tmp_path: Path) -> None:
    load(folder=write_reference(tmp_path / "2026", 2026, SMALL))
    with pytest.raises(IntegrityError), transaction.atomic():
        Territory.objects.create(kind="commune", code="58145", name="Autre", vintage=2026)


def test_the_digest_follows_the_files(tmp_path: Path) -> None:
    one = files.digest(write_reference(tmp_path / "a", 2026, SMALL))
    assert one != files.digest(write_reference(tmp_path / "b", 2026, SMALL[:-1]))


def test_names_are_kept_with_the_apostrophe_that_french_is_printed_with(
    geography: LoadReport,
) -> None:
    shown = Territory.objects.get(kind="departement", code="22")
    assert (shown.name, shown.name_key) == ("Côtes-d’Armor", "cotes d armor")
    assert not Territory.objects.filter(name__contains="'").exists()
    assert not TerritoryAlias.objects.filter(label__contains="'").exists()
