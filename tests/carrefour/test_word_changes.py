"""Two texts compared word by word."""

from carrefour.word_changes import MOST_WORDS, Piece, in_one, side_by_side


def test_side_by_side_each_text_marks_what_the_other_does_not_say() -> None:
    ours, theirs = side_by_side("Atelier à Nantes", "atelier, a Rennes")
    assert ours == [Piece("Atelier à "), Piece("Nantes", "moins")]
    assert theirs == [Piece("atelier, a "), Piece("Rennes", "plus")]


def test_spaces_alone_are_no_difference() -> None:
    ours, theirs = side_by_side("Un atelier", "Un  atelier  ouvert")
    assert [p.text for p in theirs if p.kind] == ["  ouvert"]
    assert [p for p in ours if p.kind] == []


def test_in_one_text_a_correction_shows_to_the_letter() -> None:
    assert in_one("Un lieu ferme.", "Un lieu fermé.") == [
        Piece("Un lieu "),
        Piece("ferme.", "moins"),
        Piece("fermé.", "plus"),
    ]


def test_an_empty_text_is_all_added_or_nothing() -> None:
    assert in_one("", "Tout") == [Piece("Tout", "plus")]
    assert in_one("", "") == []
    assert side_by_side("", "") == ([], [])
    assert side_by_side("", "Tout") == ([], [Piece("Tout", "plus")])


def test_very_long_texts_are_told_whole_or_cut() -> None:
    long = "mot " * (2 * MOST_WORDS)
    assert in_one(long, f"{long}fin") == [Piece(long, "moins"), Piece(f"{long}fin", "plus")]
    ours, _ = side_by_side(long, long)
    assert ours[0].text.endswith("…")
