"""What only the staff tells of a record: means, economic model, documentation."""

import csv
import io

import pytest
from django.test import Client

from innovations import export, fields
from innovations.edits import CHECKS
from innovations.models import EconomicModel, FieldEdit, Innovation, Means
from partners import editing
from partners.consolidation.regrouping import merge, undo
from partners.editing import CannotEdit
from partners.models import SourceRecord
from partners.publishing import publish_records
from tests.factories import SourceRecordFactory, UserFactory

pytestmark = pytest.mark.django_db
MODEL = {
    "economics.resources": [
        {"kind": "subventions", "share": 40},
        {"kind": "ventes", "share": 55},
        {"kind": "benevolat", "share": None},
    ],
    "economics.grant_dependence": "moyenne",
    "economics.payers": "Les communes",
    "economics.beneficiary_cost": 350,
    "economics.cost_basis": "par personne et par an",
}


def told(title: str = "Atelier de réparation") -> Innovation:
    values = {"title": title, "summary": "Réparer ensemble."}
    record = SourceRecordFactory(values=values)
    (innovation,) = publish_records([record])
    return innovation


@pytest.fixture
def innovation() -> Innovation:
    return told()


def test_the_page_shows_what_the_staff_tells(client: Client, innovation: Innovation) -> None:
    editing.write(
        innovation,
        MODEL
        | {
            "means.staff": "Deux salariés, dix bénévoles.",
            "documentation.kinds": ["video", "fiche-experience"],
            "documentation.basis": "travaillee",
        },
        author=UserFactory(),
    )

    page = client.get(innovation.get_absolute_url()).content.decode()
    for said in (
        "Ventes et prestations : 55 %",
        "Bénévolat et mises à disposition",
        "à la moitié des ressources",
        "Les communes",
        "350 €, par personne et par an",
        "Deux salariés, dix bénévoles.",
        "Fiche d’expérience",
        "Travaillée avec un tiers",
        "revu par l’équipe",
    ):
        assert said in page
    assert page.index("Ventes et prestations") < page.index("Subventions")


def test_the_open_data_carry_it(client: Client, innovation: Innovation) -> None:
    editing.write(innovation, MODEL | {"means.budget": "=60 000 €"}, author=UserFactory())

    given = client.get(f"/api/v1/innovations/{innovation.slug}/").json()
    assert given["economics"]["resources"][1] == {"resource": "ventes", "share": 55}
    assert given["economics"]["beneficiary_cost"] == 350
    assert given["economics"]["autonomy"] is None
    assert given["means"]["budget"] == "=60 000 €"
    assert given["documentation"] is None

    text = b"".join(export.csv(Innovation.objects.all())).decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(text), delimiter=";")
    assert line["ressources"] == "subventions 40 %|ventes 55 %|benevolat"
    assert line["moyens_budget"] == "'=60 000 €"
    assert line["cout_par_beneficiaire"] == "350.00"


def test_what_is_taken_back_is_no_more(innovation: Innovation) -> None:
    author = UserFactory()
    written = editing.write(innovation, MODEL, author=author)
    for edit in written:
        editing.take_partners_value(edit, author=author)

    assert not EconomicModel.objects.exists()


def test_a_harvest_leaves_it(innovation: Innovation) -> None:
    editing.write(innovation, MODEL, author=UserFactory())
    publish_records(list(SourceRecord.objects.all()))

    assert innovation.economics.payers == "Les communes"


def test_a_merged_record_keeps_its_own_words_first(innovation: Innovation) -> None:
    other = told("Café bricole")
    author = UserFactory()
    editing.write(innovation, {"means.budget": "Le sien"}, author=author)
    editing.write(other, {"means.budget": "L’autre", "means.data": "Un inventaire"}, author=author)
    step = merge(other, innovation)

    means = Means.objects.get(innovation=innovation)
    assert (means.budget, means.data) == ("Le sien", "Un inventaire")

    undo(step)
    means.refresh_from_db()
    assert (means.budget, means.data) == ("Le sien", "")
    assert Means.objects.get(innovation=other).budget == "L’autre"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("economics.resources", [{"kind": "ventes", "share": 80}, {"kind": "dons", "share": 30}],
         "Les parts font 110 %"),
        ("economics.resources", [{"kind": "ventes"}, {"kind": "ventes"}], "chacune une fois"),
        ("economics.resources", [{"kind": "impots"}], "Ressources attendues"),
        ("economics.beneficiary_cost", -1, "Un montant en euros"),
        ("economics.grant_dependence", "beaucoup", "Valeurs attendues"),
        ("documentation.kinds", ["roman"], "Valeurs attendues"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    innovation: Innovation, name: str, value: object, why: str
) -> None:
    with pytest.raises(CannotEdit) as refusal:
        editing.write(innovation, {name: value}, author=None)
    assert why in refusal.value.messages[name]
    assert not FieldEdit.objects.exists()


def test_every_field_that_can_be_written_is_asked() -> None:
    assert set(fields.FIELDS) == set(CHECKS)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Un texte\r\n", "Un texte"), ("", None)],
)
def test_spaces_and_line_ends_are_no_change(one: object, other: object) -> None:
    assert fields.digest("summary", one) == fields.digest("summary", other)
