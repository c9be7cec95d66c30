"""Nothing and one are singular in French, in templates as in sentences."""

import pytest
from django.template import Context, Template

from carrefour.french import agree, counted


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 fiche refusée"),
        (1, "1 fiche refusée"),
        (2, "2 fiches refusées"),
        (1200, "1\u202f200 fiches refusées"),
    ],
)
def test_what_is_counted_agrees_with_its_number(count: int, said: str) -> None:
    assert counted(count, "fiche refusée") == said


def test_words_take_their_own_mark() -> None:
    assert agree(2, "lieu nouveau") == "lieux nouveaux"
    assert agree(2, "refus") == "refus"
    assert agree(2, "manque", "manquent") == "manquent"


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "fiche"), (1, "fiche"), (2, "fiches"), (1.5, "fiche"), ([], "fiche"), ("3", "fiches")],
)
def test_templates_agree_the_same_way(value: object, said: str) -> None:
    template = Template("fiche{{ value|pluralize }}")
    assert template.render(Context({"value": value})) == said


def test_templates_choose_between_two_forms() -> None:
    template = Template('{{ value|pluralize:"manque,manquent" }}')
    assert [template.render(Context({"value": n})) for n in (0, 2)] == ["manque", "manquent"]
