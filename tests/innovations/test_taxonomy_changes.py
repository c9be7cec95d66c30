"""The taxonomy changes under published records: they follow, old codes lead on, all is undone."""

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from innovations import taxonomy_changes
from innovations.models import Innovation, SearchRow, Term, TermChange
from innovations.search import InnovationSearch
from innovations.taxonomy_changes import CannotChange
from partners import taxonomy_effects
from partners.models import VocabularyEntry
from partners.publishing import publish_records
from partners.vocabularies import recount
from tests.factories import InnovationFactory, SourceRecordFactory, TermFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> object:
    return UserFactory()


@pytest.fixture
def food() -> Term:
    return TermFactory(code="alimentation", label="Alimentation")


@pytest.fixture
def grocery() -> Term:
    return TermFactory(code="epicerie", label="Épicerie sociale")


def found(**asked: str) -> set[int]:
    query = QueryDict(mutable=True)
    query.update(asked)
    search = InnovationSearch.from_query(query)
    assert search.notices == ()
    return {row.pk for row in search.rows}


def held() -> dict[int, set[str]]:
    return {i.pk: {t.code for t in i.terms.all()} for i in Innovation.objects.all()}


def test_a_merge_moves_records_and_an_old_code_leads_to_the_new_term(
    food: Term, grocery: Term, author: object, client: Client
) -> None:
    one = InnovationFactory(published=True, terms=[grocery])
    both = InnovationFactory(published=True, terms=[grocery, food])
    change = taxonomy_changes.merge(grocery, food, author=author)
    taxonomy_effects.follow(change)
    assert held() == {one.pk: {"alimentation"}, both.pk: {"alimentation"}}
    assert found(theme="epicerie") == found(theme="alimentation") == {one.pk, both.pk}
    answer = client.get("/api/v1/innovations/", {"theme": "epicerie"})
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 2


def test_undoing_a_merge_gives_each_record_what_it_had(
    food: Term, grocery: Term, author: object
) -> None:
    InnovationFactory(published=True, terms=[grocery])
    InnovationFactory(published=True, terms=[grocery, food])
    InnovationFactory(published=True, terms=[food])
    child = TermFactory(code="invendus", parent=grocery)
    before, rows = held(), dict(SearchRow.objects.values_list("pk", "term_ids"))
    change = taxonomy_changes.merge(grocery, food, author=author)
    taxonomy_effects.follow(change)
    child.refresh_from_db()
    assert child.parent == food
    taxonomy_effects.undo_merge(change, author)
    change.refresh_from_db()
    taxonomy_effects.follow(change)
    child.refresh_from_db()
    assert (held(), child.parent) == (before, grocery)
    after = dict(SearchRow.objects.values_list("pk", "term_ids"))
    assert {k: set(v) for k, v in after.items()} == {k: set(v) for k, v in rows.items()}


def test_a_record_harvested_since_a_merge_finds_its_own_term_when_it_is_undone(
    food: Term, grocery: Term, author: object
) -> None:
    change = taxonomy_changes.merge(grocery, food, author=author)
    words = {"words": {"theme": ["Épicerie sociale"]}, "title": "Épicerie", "summary": "Vendre."}
    record = SourceRecordFactory(values=words)
    (made,) = publish_records([record])
    assert held()[made.pk] == {"alimentation"}
    taxonomy_effects.undo_merge(change, author)
    assert held()[made.pk] == {"epicerie"}


def test_a_word_that_staff_decided_follows_its_merged_term(
    food: Term, grocery: Term, author: object
) -> None:
    record = SourceRecordFactory(
        values={"words": {"theme": ["Panier"]}, "title": "Panier", "summary": "Vendre."}
    )
    entry = VocabularyEntry.objects.create(
        source=record.source, vocabulary="theme", value="Panier", key="panier", is_decided=True
    )
    entry.terms.add(grocery)
    taxonomy_changes.merge(grocery, food, author=author)
    (made,) = publish_records([record])
    assert held()[made.pk] == {"alimentation"}


def test_merges_in_a_row_are_undone_from_the_last(
    food: Term, grocery: Term, author: object
) -> None:
    shop = TermFactory(code="magasin", label="Magasin")
    first = taxonomy_changes.merge(shop, grocery, author=author)
    second = taxonomy_changes.merge(grocery, food, author=author)
    shop.refresh_from_db()
    assert shop.merged_into == food
    with pytest.raises(CannotChange, match="fusionné depuis"):
        taxonomy_effects.undo_merge(first, author)
    taxonomy_effects.undo_merge(second, author)
    taxonomy_effects.undo_merge(first, author)
    assert not Term.objects.exclude(merged_into=None).exists()


def test_a_renamed_term_keeps_its_code_and_its_former_label_as_a_synonym(
    food: Term, author: object
) -> None:
    innovation = InnovationFactory(published=True, terms=[food])
    change = taxonomy_changes.reword(food, label="Bien manger", author=author)
    taxonomy_effects.follow(change)
    food.refresh_from_db()
    assert food.code == "alimentation"
    assert [s.label for s in food.synonyms.all()] == ["Alimentation"]
    assert found(q="manger") == {innovation.pk}


def test_a_term_out_of_service_hides_and_comes_back_to_its_records(
    food: Term, author: object
) -> None:
    innovation = InnovationFactory(published=True, terms=[food])
    taxonomy_effects.follow(taxonomy_changes.set_active(food, False, author=author))
    assert SearchRow.objects.get().term_ids == []
    assert list(Innovation.objects.for_detail().get().terms.all()) == []
    taxonomy_effects.follow(taxonomy_changes.set_active(food, True, author=author))
    assert found(theme="alimentation") == {innovation.pk}


def test_a_moved_term_is_found_under_its_new_domaine(
    food: Term, grocery: Term, author: object
) -> None:
    innovation = InnovationFactory(published=True, terms=[grocery])
    taxonomy_effects.follow(taxonomy_changes.move(grocery, food, author=author))
    assert found(theme="alimentation") == {innovation.pk}


def test_a_new_synonym_explains_the_words_that_waited(food: Term, author: object) -> None:
    record = SourceRecordFactory(
        values={"words": {"theme": ["Manger"]}, "title": "Panier", "summary": "Vendre."}
    )
    (made,) = publish_records([record])
    recount(record.source)
    assert held()[made.pk] == set()
    taxonomy_effects.follow(taxonomy_changes.reword(food, synonyms=["manger"], author=author))
    assert held()[made.pk] == {"alimentation"}


@pytest.mark.parametrize("case", ["itself", "vocabulary", "inactive", "children"])
def test_what_cannot_be_merged_is_refused_in_french(case: str, food: Term, author: object) -> None:
    child = TermFactory(code="invendus", parent=food)
    target = {
        "itself": lambda: food,
        "vocabulary": lambda: TermFactory(vocabulary="public", code="jeunes"),
        "inactive": lambda: TermFactory(code="ancien", is_active=False),
        "children": lambda: child,
    }[case]()
    with pytest.raises(CannotChange):
        taxonomy_changes.merge(food, target, author=author)
    assert not TermChange.objects.exists()


def test_a_taxonomy_has_two_levels(food: Term, grocery: Term, author: object) -> None:
    child = TermFactory(code="invendus", parent=food)
    for term, parent in ((grocery, child), (food, grocery)):
        with pytest.raises(CannotChange):
            taxonomy_changes.move(term, parent, author=author)


def test_order_changes_among_neighbours_only(author: object) -> None:
    terms = [TermFactory(code=f"t{n}", position=5) for n in range(3)]
    taxonomy_changes.shift(terms[2], -1, author=author)
    assert [t.code for t in Term.objects.order_by("position", "code")] == ["t0", "t2", "t1"]
    taxonomy_changes.shift(terms[0], -1, author=author)
    assert Term.objects.order_by("position", "code").first() == terms[0]


def test_what_follows_in_the_background_goes_on_where_it_stopped(
    food: Term, grocery: Term, author: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taxonomy_changes, "BATCH", 2)
    for _ in range(5):
        InnovationFactory(published=True, terms=[grocery])
    change = taxonomy_changes.merge(grocery, food, author=author)
    assert change.total == 5
    assert taxonomy_changes.refresh_some(change)
    assert (change.done, change.percentage) == (2, 40)
    taxonomy_effects.carry_out(TermChange.objects.get())
    assert TermChange.objects.get().finished_at <= timezone.now()
    assert len(found(theme="alimentation")) == 5
