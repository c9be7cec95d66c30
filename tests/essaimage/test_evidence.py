"""What the public reads of the three facts: on pages, in a picture, in files."""

import csv
import io
import json
import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils.html import strip_tags

from essaimage import evidence
from essaimage.models import Facts, Replication
from innovations.models import Innovation
from tests.factories import FactsFactory, InnovationFactory, ReplicationFactory

pytestmark = pytest.mark.django_db


def begun(innovation: Innovation, **fields: Any) -> Replication:
    return ReplicationFactory(
        innovation=innovation, state="en-cours", journal={"en-cours": "2020"}, **fields
    )


def shown(innovation: Innovation, replication: Replication | None = None) -> str:
    context = {"innovation": innovation, "replication": replication}
    page = strip_tags(render_to_string("essaimage/_facts_of.html", context))
    return re.sub(r"[ \n]+", " ", page).strip()


def page(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return re.sub(r"[ \n]+", " ", answer.content.decode())


def test_nothing_is_shown_when_nothing_is_told() -> None:
    innovation = InnovationFactory(published=True)
    envisaged = ReplicationFactory(innovation=innovation)
    FactsFactory(replication=envisaged, publication="a-relire")
    assert shown(innovation) == ""
    assert shown(innovation, envisaged) == ""


def test_the_three_facts_stand_side_by_side_with_who_and_when(client: Client) -> None:
    replication = begun(InnovationFactory(published=True))
    FactsFactory(
        replication=replication,
        months=3,
        effect="trop-tot",
        strength="",
        reasons=[],
        cost="",
        told_by="repreneur",
        told_name="Association du bourg",
    )
    FactsFactory(
        replication=replication,
        effect_text="Vingt ateliers <b>tenus</b>.",
        beyond="Des voisins se parlent.",
    )
    said = page(client, replication.get_absolute_url())
    for words in (
        "Cela a-t-il marché de nouveau ?",
        "À 3 mois",
        "Il est trop tôt pour le dire",
        "Association du bourg",
        "Vingt ateliers &lt;b&gt;tenus&lt;/b&gt;.",
        "Un suivi chiffré des personnes ou des actions",
        "De 10 000 à 50 000 € par an",
        "Des voisins se parlent.",
        "non renseignée",
    ):
        assert words in said, words
    assert said.index("À 3 mois") < said.index("À 12 mois")
    assert 'role="img"' in said
    assert "À 12 mois, l’effet est constaté en partie (solidité moyenne" in said


def test_the_record_tells_its_origin_and_whether_it_worked_again(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    FactsFactory(innovation=innovation, effect="attendu", strength="forte", reasons=["tiers"])
    for effects in (["trop-tot", "attendu"], ["partiel"], []):
        replication = begun(innovation)
        for months, effect in zip((3, 12), effects, strict=False):
            FactsFactory(
                replication=replication, months=months, effect=effect, strength="", reasons=[]
            )
    stopped = ReplicationFactory(
        innovation=innovation,
        state="abandonnee",
        journal={"en-cours": "2019", "abandonnee": "2020"},
    )
    FactsFactory(
        replication=stopped,
        months=None,
        effect="aucun",
        strength="",
        reasons=[],
        learnt="Trop tôt.",
    )
    ReplicationFactory(innovation=innovation, state="envisagee", journal=True)
    said = page(client, innovation.get_absolute_url())
    assert (
        "4 reprises ont commencé. Ce qu’elles en disent : 1 constate l’effet attendu, 1 constate "
        "l’effet en partie, 1 ne constate aucun effet." in said
    )
    assert "Pour 1 reprise : non renseigné." in said
    assert "Une évaluation par un tiers" in said
    # The words of the replications stand on their own pages.
    assert "Trop tôt." not in said


def test_without_a_word_it_says_so(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    begun(innovation)
    said = page(client, innovation.get_absolute_url())
    assert "1 reprise a commencé. Aucune n’a encore dit ce qu’elle a donné" in said


def test_the_facts_of_a_merged_record_are_told_by_the_one_it_became() -> None:
    kept = InnovationFactory(published=True)
    merged = InnovationFactory(merged_into=kept)
    FactsFactory(replication=begun(merged), effect="attendu", strength="", reasons=[])
    FactsFactory(innovation=merged, cost_text="Un mi-temps et un local.")
    assert "1 constate l’effet attendu" in shown(kept)
    assert "Un mi-temps et un local." in shown(kept)


def test_what_is_unpublished_leaves_the_page_and_the_count(client: Client) -> None:
    innovation = InnovationFactory(published=True)
    replication = begun(innovation)
    FactsFactory(replication=replication, effect_text="À relire encore.", publication="a-relire")
    assert "À relire encore." not in page(client, replication.get_absolute_url())
    assert "non renseigné" in shown(innovation)


@pytest.mark.parametrize("months", [[12], [None, None], [None, 12]])
def test_no_picture_without_two_dated_effects(months: list[int | None]) -> None:
    assert evidence.picture([FactsFactory.build(months=m) for m in months]) is None


def test_the_picture_holds_in_its_box_whatever_is_told() -> None:
    rows = [
        FactsFactory.build(months=m, effect=e, strength=s)
        for m in (0, 3, 12, 36, 120)
        for e in ("attendu", "contraire", "trop-tot")
        for s in ("", "forte")
    ]
    drawn = evidence.picture(rows)
    assert drawn
    assert len(drawn.dots) == 30
    assert all(0 < dot.x < drawn.width + 8 and 0 < dot.y < drawn.height for dot in drawn.dots)
    assert len({(dot.x, dot.y) for dot in drawn.dots}) == 30
    assert drawn.months[-1][1] == "120 mois"


def test_the_files_hold_what_is_public_and_nothing_else(client: Client) -> None:
    replication = begun(InnovationFactory(published=True, slug="ressourcerie"), code="r-lyon")
    FactsFactory(
        replication=replication, effect_text="=1+1", strength="forte", reasons=["tiers", "suivi"]
    )
    FactsFactory(publication="ecartee")
    answer = client.get("/essaimage/resultats.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    [line] = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert line["reprise"] == "r-lyon"
    assert line["effet_en_clair"] == "'=1+1"
    assert line["solidite_raisons"].count("|") == 1
    answer = client.get("/essaimage/resultats.json")
    [told] = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert told["innovation"] == "ressourcerie"
    assert told["solidite_raisons"] == [
        "Un suivi chiffré des personnes ou des actions", "Une évaluation par un tiers",
    ]  # fmt: skip
    assert told["au_dela"] is None
    Facts.objects.all().delete()
    assert json.loads(b"".join(client.get("/essaimage/resultats.json").streaming_content)) == []  # type: ignore[attr-defined]


def test_the_number_of_queries_does_not_grow(
    client: Client, django_assert_num_queries: Any
) -> None:
    innovation = InnovationFactory(published=True)
    one = begun(innovation)
    for number in (1, 4):
        for _ in range(number):
            FactsFactory(replication=begun(innovation))
        with django_assert_num_queries(2):
            evidence.of_innovation(innovation)
        with django_assert_num_queries(1):
            evidence.of_replication(one)
        with django_assert_num_queries(2):
            b"".join(client.get("/essaimage/resultats.csv").streaming_content)  # type: ignore[attr-defined]
