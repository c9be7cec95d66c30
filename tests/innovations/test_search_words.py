"""Expressions that mean the same, and words typed wrong."""

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.test import Client

from innovations import equivalents, vocabulary
from innovations.models import Equivalent, Innovation, KnownWord
from innovations.search import InnovationSearch
from innovations.search_page import SearchPage
from tests.factories import InnovationFactory, TermFactory, UserFactory

pytestmark = pytest.mark.django_db


def ask(text: str, **others: str) -> InnovationSearch:
    query = QueryDict(mutable=True)
    query.update({"q": text, **others})
    return InnovationSearch.from_query(query)


def found(text: str, **others: str) -> set[str]:
    return {innovation.title for innovation in ask(text, **others).results()}


def publish(*titles: str) -> list[Innovation]:
    return [InnovationFactory(published=True, title=t, summary="", description="") for t in titles]


def group(*expressions: str) -> Equivalent:
    return Equivalent.objects.create(expressions=list(expressions))


@pytest.mark.parametrize(
    "text", ["CCAS", "ccas", "centre communal d’action sociale", "centre communal d'action sociale"]
)
def test_an_expression_finds_what_says_it_otherwise(text: str) -> None:
    group("CCAS", "centre communal d’action sociale")
    publish("Le CCAS de la ville", "Un centre communal d’action sociale", "Action au centre")

    assert found(text) >= {"Le CCAS de la ville", "Un centre communal d’action sociale"}
    assert "Action au centre" not in found(text)


def test_plurals_and_hyphens_are_the_same_expression() -> None:
    group("tiers-lieu", "tierslieu")
    publish("Un tierslieu")

    assert found("tiers lieux") == {"Un tierslieu"}


def test_the_words_of_an_expression_also_match_apart() -> None:
    group("ESS", "économie sociale et solidaire")
    publish("L’économie, solidaire et sociale", "Une entreprise de l’ESS")

    assert found("économie sociale et solidaire") == {
        "L’économie, solidaire et sociale", "Une entreprise de l’ESS",
    }  # fmt: skip


def test_phrases_and_exclusions_are_taken_as_written() -> None:
    group("ESS", "économie sociale et solidaire")
    publish("Une entreprise de l’ESS", "Économie sociale et solidaire")

    assert found('"économie sociale et solidaire"') == {"Économie sociale et solidaire"}
    assert found("-ESS") == {"Économie sociale et solidaire"}


def test_a_group_out_of_use_says_nothing() -> None:
    made = group("SCIC", "société coopérative d’intérêt collectif")
    publish("Une SCIC", "Une société coopérative d’intérêt collectif")
    equivalents.set_active(made, False, author=UserFactory())

    assert found("SCIC") == {"Une SCIC"}


def test_the_list_given_never_undoes_what_staff_did() -> None:
    author = UserFactory()
    assert equivalents.load() == Equivalent.objects.count() > 20
    ess = Equivalent.objects.get(code="ess")
    ess.expressions = ["ESS", "économie solidaire"]
    equivalents.write(ess, author=author)
    equivalents.set_active(Equivalent.objects.get(code="fle"), False, author=author)

    assert equivalents.load() == 0
    ess.refresh_from_db()
    assert ess.expressions == ["ESS", "économie solidaire"]
    assert not Equivalent.objects.get(code="fle").is_active


def test_a_page_kept_by_a_cache_follows_a_change_of_expressions(client: Client) -> None:
    publish("Une SCIC")
    tag = client.get("/recherche/", {"q": "coopérative"})["ETag"]
    group("SCIC", "coopérative")

    again = client.get("/recherche/", {"q": "coopérative"}, headers={"If-None-Match": tag})

    assert again.status_code == 200
    assert "Une SCIC" in again.content.decode()


def test_an_expression_stands_in_one_group() -> None:
    group("ESS", "économie sociale et solidaire")

    with pytest.raises(ValidationError, match="est déjà dans le groupe"):
        equivalents.write(
            Equivalent(expressions=["ess", "économie solidaire"]), author=UserFactory()
        )
    with pytest.raises(ValidationError, match="au moins deux expressions qui diffèrent"):
        equivalents.write(Equivalent(expressions=["AMAP", "amaps"]), author=UserFactory())


# --- other forms of a word -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["vélo", "vélos", "Vélo"])
def test_plurals_that_stemming_leaves_are_the_same_word(text: str) -> None:
    publish("Un vélo", "Des vélos")

    assert found(text) == {"Un vélo", "Des vélos"}


def test_a_hyphen_or_none_is_the_same_word() -> None:
    publish("Le microcrédit", "Le micro-crédit")

    assert found("micro-crédit") == {"Le microcrédit", "Le micro-crédit"}


def test_words_of_the_family_of_a_rare_one_answer_after_it_and_it_is_told() -> None:
    publish("Un composteur", "Le compostage", "La composition")

    page = SearchPage(ask("compostage"))

    assert [i.title for i in page.search.results()] == ["Le compostage", "Un composteur"]
    assert page.widened == (
        "Peu de fiches contiennent vos mots : s’y ajoutent celles qui ont un mot de la même "
        "famille que « compostage »."
    )


def test_a_word_that_enough_records_hold_is_taken_alone() -> None:
    publish(*(f"Compostage {n}" for n in range(10)), "Un composteur")

    assert "Un composteur" not in {i.title for i in ask("compostage").innovations()}


def test_a_phrase_has_no_family() -> None:
    publish("Un composteur", "Le compostage")

    assert found('"compostage"') == {"Le compostage"}


# --- typing errors --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["resourceri", "ressourcrie", "l'ressourcreie"])
def test_a_slip_of_the_pen_finds_the_nearest_word(text: str) -> None:
    publish("Ressourcerie du bourg", "Jardin partagé")
    vocabulary.refresh()

    search = ask(text)

    assert [i.title for i in search.results()] == ["Ressourcerie du bourg"]
    assert search.text.endswith("ressourcerie")


def test_the_words_as_written_are_a_link_away() -> None:
    publish("Ressourcerie du bourg")
    vocabulary.refresh()

    page = SearchPage(ask("resourceri"))
    as_written = SearchPage(ask("resourceri", corriger="non"))

    assert page.correction is not None
    assert page.correction.shown == "ressourcerie"
    assert page.correction.url == "/recherche/?q=resourceri&corriger=non"
    assert page.count == "1 innovation pour « ressourcerie »"
    assert as_written.search.total == 0
    assert as_written.correction is None
    assert as_written.proposal is not None
    assert as_written.proposal.url == "/recherche/?q=ressourcerie"


def test_a_word_that_few_texts_hold_only_gets_a_proposal() -> None:
    publish("Ressourcerie du bourg")
    InnovationFactory(published=True, title="Atelier", description="<p>Une resourcerie.</p>")
    vocabulary.refresh()

    page = SearchPage(ask("resourcerie"))

    assert [i.title for i in page.search.results()] == ["Atelier"]
    assert page.correction is None
    assert page.proposal is not None
    assert page.proposal.shown == "ressourcerie"


def test_a_word_that_is_known_or_like_no_other_is_left() -> None:
    publish("Ressourcerie du bourg", "Jardin")
    vocabulary.refresh()

    assert ask("hydroponique").slips == []
    assert ask("jardins").slips == []
    assert ask("zzzz").slips == []


def test_only_the_wrong_word_is_put_right() -> None:
    publish("Jardin partagé du bourg")
    vocabulary.refresh()

    search = ask("jardn partagé")

    assert search.correction == "jardin partagé"
    assert search.total == 1


def test_the_vocabulary_holds_what_is_public() -> None:
    publish("Jardin")
    InnovationFactory(title="Brouillon")
    TermFactory(code="mobilite", label="Mobilité")
    group("AMAP", "association paysanne")
    vocabulary.refresh()

    words = set(KnownWord.objects.values_list("word", flat=True))
    assert {"jardin", "mobilité", "amap", "paysanne"} <= words
    assert "brouillon" not in words


def test_the_vocabulary_is_made_again_when_enough_changed() -> None:
    assert vocabulary.refresh_if_needed()
    publish("Jardin")
    assert not vocabulary.refresh_if_needed()

    publish(*(f"Potager {n}" for n in range(vocabulary.CHANGES)))
    assert vocabulary.refresh_if_needed()
    assert KnownWord.objects.filter(key="potager", uses=vocabulary.CHANGES).exists()
