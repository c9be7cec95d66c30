"""The judged answers of the search are well formed, and measured as their decision says."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from benchmarks.real_records import FILES
from benchmarks.relevance import JUDGEMENTS, gain, known_grades, mean, measured
from benchmarks.relevance_corpus import COLUMNS, CORPUS, Query, files_of, read_queries

KINDS = {
    "mot", "mots", "phrase", "lieu", "sigle", "faute", "forme", "syntaxe", "porteur", "besoin",
}  # fmt: skip


def written(folder: Path, *rows: str) -> Path:
    file = folder / "jugements.csv"
    file.write_text("\n".join(["query_id,query,identifier,grade", *rows]), "utf-8")
    return file


def test_sixty_queries_of_every_kind_are_judged() -> None:
    queries = read_queries(JUDGEMENTS)
    assert len(queries) >= 66
    assert {q.kind for q in queries} == KINDS
    assert len({q.text for q in queries}) == len(queries)
    assert [q.query_id for q in queries if not any(q.grades.values())] == []
    assert [q.query_id for q in queries if len(q.grades) < 5] == []


def test_a_third_of_the_queries_is_kept_for_the_final_figure() -> None:
    queries = read_queries(JUDGEMENTS)
    assert {q.part for q in queries} == {"tune", "final"}
    parts: dict[str, list[str]] = defaultdict(list)
    for query in queries:
        parts[query.kind].append(query.part)
    assert 0.3 <= Counter(q.part for q in queries)["final"] / len(queries) <= 0.37
    assert {kind for kind, of_it in parts.items() if len(set(of_it)) < 2} == set()


def test_the_judgements_hold_identifiers_of_the_corpus_and_no_words_of_records() -> None:
    header, *lines = JUDGEMENTS.read_text("utf-8").splitlines()
    assert set(header.split(",")) == COLUMNS | {"kind", "part"}
    identifiers = [i for q in read_queries(JUDGEMENTS) for i in q.grades]
    assert len(identifiers) == len(lines)
    assert {i.split("#", 1)[0] for i in identifiers} <= set(CORPUS)


def test_the_files_that_other_judgements_name_are_published_too() -> None:
    other = FILES[1]
    assert other not in CORPUS
    query = Query("1", "mobilité", "", "", {f"{other}#12": 3, f"{CORPUS[0]}#4": 1})
    assert files_of([query]) == [*CORPUS, other]


def test_a_file_without_its_columns_or_with_another_scale_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="ligne 3 : note « 4 »"):
        read_queries(written(tmp_path, "1,mobilité,a#1,3", "1,mobilité,a#2,4"))
    (tmp_path / "autre.csv").write_text("query,grade\nmobilité,3", "utf-8")
    with pytest.raises(SystemExit, match="colonnes absentes : identifier, query_id"):
        read_queries(tmp_path / "autre.csv")
    with pytest.raises(SystemExit, match="aucune requête dans la partie « final »"):
        read_queries(written(tmp_path, "1,mobilité,a#1,3"), "final")


def test_a_perfect_order_is_one_and_what_nobody_judged_counts_for_nothing() -> None:
    grades = {1: 3, 2: 2, 3: 0, 4: 1}
    perfect = measured([1, 2, 4, 3], grades)
    assert perfect["ndcg_at_10"] == perfect["recall_at_10"] == perfect["judged_at_10"] == 1.0
    unknown_first = measured([9, 1, 2, 4], grades)
    assert unknown_first["ndcg_at_10"] == pytest.approx(
        gain([0, 3, 2, 1]) / gain([3, 2, 1, 0])
    )  # fmt: skip
    assert unknown_first["ndcg_at_10_judged"] == 1.0
    assert unknown_first["judged_at_10"] == 0.75


def test_no_answer_is_worth_nothing_and_lacks_what_cannot_be_said_of_it() -> None:
    none = measured([], {1: 1})
    assert (none["ndcg_at_10"], none["answered"]) == (0.0, 0.0)
    assert none["recall_at_10"] is none["judged_at_10"] is None
    assert mean([none, measured([1], {1: 1})])["ndcg_at_10"] == 0.5
    assert mean([none])["recall_at_10"] is None


def test_only_the_ten_first_answers_count() -> None:
    assert measured([*range(10, 20), 1], {1: 3})["ndcg_at_10"] == 0.0


def test_records_joined_into_one_innovation_have_their_best_grade() -> None:
    query = Query("1", "mobilité", "", "", {"a.csv#1": 1, "b.csv#7/2": 3, "c.csv#9": 2})
    assert known_grades(query, {"a.csv#1": 5, "b.csv#7": 5}) == {5: 3}
