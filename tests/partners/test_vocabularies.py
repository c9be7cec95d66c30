"""Partners' words: recognised, decided, waiting; never dropped."""

from pathlib import Path

import pytest

from innovations.models import Innovation, Term
from partners.harvest import harvest
from partners.models import Source, VocabularyEntry
from partners.vocabularies import Vocabularies, apply_decision, load_file
from tests.partners.conftest import Site, row

pytestmark = pytest.mark.django_db


def terms_of(title: str) -> set[str]:
    return {t.code for t in Innovation.objects.get(title__endswith=title).terms.all()}


@pytest.mark.parametrize("word", ["Lien social", "LIEN  SOCIAL", "liens social", "3- Lien social"])
def test_a_word_is_recognised_by_its_label(terms: None, word: str) -> None:
    vocabularies = Vocabularies.load([])
    assert vocabularies.match("theme", word) == ["theme:lien-social"]


def test_a_public_among_the_themes_is_recognised(terms: None) -> None:
    found = Vocabularies.load([]).match("theme", "Demandeurs d’emploi")
    assert found == ["public:demandeurs-emploi"]


def test_an_unknown_word_waits_then_is_decided(source: Source, site: Site) -> None:
    site.rows = [row(1, theme="Bricolage;Lien social"), row(2, theme="BRICOLAGE")]
    harvest(source)
    waiting = VocabularyEntry.objects.waiting().get()
    assert (waiting.value, waiting.occurrences) == ("Bricolage", 2)
    known = VocabularyEntry.objects.get(is_automatic=True)
    assert [t.code for t in known.terms.all()] == ["lien-social"]
    waiting.terms.set([Term.objects.get(vocabulary="theme", code="mobilite")])
    waiting.is_decided = True
    waiting.save()
    assert apply_decision(waiting) == 2
    assert terms_of("1") == {"lien-social", "mobilite"}
    assert terms_of("2") == {"mobilite"}
    report = harvest(source)
    assert report.counts["unchanged"] == 2
    site.rows = [row(1, theme="Bricolage", texte="Autrement.")]
    harvest(source)
    assert terms_of("1") == {"mobilite"}


def test_a_word_may_be_ignored_on_purpose(source: Source, site: Site) -> None:
    site.rows = [row(1)]
    harvest(source)
    entry = VocabularyEntry.objects.get()
    entry.terms.clear()
    entry.is_decided = True
    entry.save()
    apply_decision(entry)
    assert terms_of("1") == set()


def test_a_vocabulary_file_never_undoes_a_decision(source: Source, tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text("kind,value,terms,note\ntheme,Bricolage,mobilite,\ntheme,Divers,,ignoré\n")
    assert load_file(source, path) == 2
    entry = source.vocabulary.get(value="Bricolage")
    entry.terms.clear()
    assert load_file(source, path) == 0
    assert not entry.terms.exists()
    path.write_text("kind,value,terms,note\ntheme,Autre,inexistant,\n")
    with pytest.raises(ValueError, match="terme inconnu pour «\u00a0Autre\u00a0»"):
        load_file(source, path)


def test_a_synonym_added_since_explains_the_records_that_hold_it(
    source: Source, site: Site
) -> None:
    site.rows = [row(1, theme="Bricolage"), row(2)]
    harvest(source)
    term = Term.objects.get(vocabulary="theme", code="mobilite")
    term.synonyms.create(label="Bricolage", key="bricolage")
    harvest(source)
    assert terms_of("1") == {"mobilite"}
    entry = VocabularyEntry.objects.get(value="Bricolage")
    assert entry.is_automatic
    assert [t.code for t in entry.terms.all()] == ["mobilite"]
