"""Short words and acronyms are words of their own, whatever the stemmer leaves of longer ones."""

import pytest
from django.http import QueryDict

from innovations import vocabulary
from innovations.models import KnownWord
from innovations.search import InnovationSearch
from innovations.search_text import marked
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db


def ask(text: str) -> InnovationSearch:
    query = QueryDict(mutable=True)
    query["q"] = text
    return InnovationSearch.from_query(query)


def found(text: str) -> set[str]:
    return {innovation.title for innovation in ask(text).results()}


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("CAF", "cafés"), ("REP", "repas"), ("VAE", '"il va"'), ("CIAS", "celui-ci"),
        ("MEN", "menée"), ("SCOP", "scope"), ("AMI", "amiante"), ("mer", "mère"),
        ("Var", "varié"), ("vie", "via"), ("loi", "loyer"),
    ],
)  # fmt: skip
def test_neither_answers_the_other(word: str, other: str) -> None:
    titles = [f"Un lieu : {word}", f"Un lieu : {other}"]
    for title in titles:
        InnovationFactory(published=True, title=title, summary="", description="")

    assert found(word) == {titles[0]}
    assert found(other) == {titles[1]}


@pytest.mark.parametrize(
    "text", ["caf", "CAF", "la Caf", "cafs", '"la CAF"', "C.A.F.", "caf-bourg"]
)
def test_an_acronym_is_found_however_it_is_written(text: str) -> None:
    titles = {"La CAF du bourg", "La Caf du bourg", "La c.a.f. du bourg"}
    for title in [*titles, "Le café du bourg"]:
        InnovationFactory(published=True, title=title, summary="", description="")

    assert found(text) == titles


def test_a_short_word_has_its_plural_and_its_accents() -> None:
    for title in ("Un don", "Des dons", "Un prêt", "Les parcs"):
        InnovationFactory(published=True, title=title, summary="", description="")

    assert found("dons") == {"Un don", "Des dons"}
    assert found("pret") == {"Un prêt"}
    assert found("parc") == {"Les parcs"}


def test_short_words_are_marked_in_the_passages_shown() -> None:
    summary = "Pour la vie du bourg, la CAF et le parc ouvrent un lieu"
    InnovationFactory(published=True, title="Un lieu", summary=summary, description="")

    [innovation] = ask("vie caf parc").results()

    assert marked(innovation.highlight) == (
        "Pour la <mark>vie</mark> du bourg, la <mark>CAF</mark> et le <mark>parc</mark> ouvrent "
        "un lieu"
    )


def test_the_vocabulary_writes_them_as_people_do() -> None:
    InnovationFactory(published=True, title="La CAF, un parc et la vie")
    vocabulary.refresh()

    known = dict(KnownWord.objects.values_list("word", "lexeme"))

    assert {"caf", "parc", "vie"} <= known.keys()
    assert known["caf"] == "cafqq"
