"""What a source is held to, checked at each run and told in French."""

import pytest

from partners import contracts
from partners.harvest import harvest
from partners.models import Run, Source
from tests.partners.conftest import MAPPING, Site, row

pytestmark = pytest.mark.django_db


def test_the_first_good_run_takes_the_sample_and_measures(source: Source, site: Site) -> None:
    site.rows = [row(n, texte="" if n < 2 else "Un texte.") for n in range(8)]
    harvest(source)
    source.refresh_from_db()
    assert source.sample["rows"] == [row(n, texte="" if n < 2 else "Un texte.") for n in range(5)]
    run = Run.objects.get()
    assert run.present == 8
    assert run.fills["title"] == run.fills["place"] == run.fills["porteur_name"] == 1
    assert run.fills["description"] == source.sample["fills"]["description"] == 0.75
    assert run.fills["themes"] == 1
    assert contracts.check(source, run) == []


def test_a_volume_out_of_bounds_is_told(source: Source, site: Site) -> None:
    source.expected_at_least = 3
    source.save()
    site.rows = [row(1), row(2)]
    report = harvest(source)
    assert "2 fiches, alors qu’on en attend au moins 3." in report.warnings
    run = Run.objects.get()
    assert report.warnings[-1] in [e["text"] for e in run.events if e["level"] == "attention"]
    assert contracts.breaches(source, run) == report.warnings


def test_a_field_that_empties_is_told_with_its_former_share(source: Source, site: Site) -> None:
    site.rows = [row(n) for n in range(6)]
    harvest(source)
    source.refresh_from_db()
    site.rows = [row(n, texte="") for n in range(6)]
    warnings = harvest(source).warnings
    assert [w for w in warnings if "« description » n’est plus rempli" in w and "100 %" in w]
    again = harvest(source).warnings
    assert [w for w in again if "« description » n’est plus rempli" in w]


def test_columns_of_the_sample_that_are_gone_are_told(source: Source, site: Site) -> None:
    site.rows = [row(n) for n in range(6)]
    harvest(source)
    source.refresh_from_db()
    site.rows = [{k: v for k, v in row(n).items() if k not in {"theme", "ville"}} for n in range(6)]
    harvest(source)
    run = Run.objects.first()
    assert run is not None
    assert contracts.said(run) == [
        "Colonnes disparues depuis l’échantillon de référence : « theme », « ville »."
    ]


def test_another_licence_than_the_declared_one_is_told(source: Source, site: Site) -> None:
    source.mapping = [*MAPPING, {"target": "licence", "path": "droits"}]
    source.save()
    site.rows = [row(1, droits="CC BY-SA 4.0"), row(2, droits=""), row(3, droits="")]
    harvest(source)
    (said,) = contracts.said(Run.objects.get())
    assert said.startswith("1 fiche sous « Creative Commons")
    assert "déclarée sous « Licence Ouverte" in said


def test_a_sample_can_be_taken_anew(source: Source, site: Site) -> None:
    site.rows = [row(n) for n in range(6)]
    harvest(source)
    site.rows = [row(n, texte="") for n in range(6)]
    harvest(source)
    sample = contracts.take_sample(source)
    assert "description" not in sample["fills"]
    source.refresh_from_db()
    assert source.sample == sample
    assert harvest(source).warnings == []


def test_a_breach_needs_no_query(
    source: Source, site: Site, django_assert_num_queries: object
) -> None:
    site.rows = [row(1)]
    harvest(source)
    run = Run.objects.get()
    with django_assert_num_queries(0):  # type: ignore[operator]
        contracts.breaches(source, run, run)
        contracts.said(run)
