"""The CSV of open data, as a spreadsheet opens it."""

import csv
import io

import pytest

from innovations import export
from innovations.models import Innovation
from tests.factories import CitationFactory, InnovationFactory, LocationFactory, OrganisationFactory

FORMULA = '=HYPERLINK("https://exemple.org";"clic")'


@pytest.mark.django_db
def test_no_cell_nor_item_of_a_list_is_run_as_a_formula() -> None:
    innovation = InnovationFactory(
        published=True, title=FORMULA, organisation=OrganisationFactory(name=FORMULA)
    )
    CitationFactory(innovation=innovation)
    LocationFactory(innovation=innovation, territory=None, label="Lormes", longitude=1, latitude=1)
    LocationFactory(
        innovation=innovation, territory=None, label="@SUM(1)", longitude=2, latitude=2, position=1
    )
    text = b"".join(export.csv(Innovation.objects.all())).decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(text), delimiter=";")
    assert line["titre"] == line["structure_porteuse"] == f"'{FORMULA}"
    assert line["territoires"] == "Lormes|'@SUM(1)"
