"""The tree of who took it from whom, whatever its links say."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from essaimage.lineage import DEEPEST, Branch, walk
from essaimage.lineage import tree as drawn


def one(pk: int, parent: int | None) -> Any:
    return SimpleNamespace(pk=pk, parent_id=parent)


def tree(shown: list[Any], parents: dict[int, int | None]) -> tuple[Branch, ...]:
    """The whole of it, at once."""
    return drawn(walk([each.pk for each in shown], parents), {each.pk: each for each in shown})


def names(branches: tuple[Branch, ...]) -> dict[int, Any]:
    return {branch.replication.pk: names(branch.children) for branch in branches}


def test_what_hangs_on_one_that_is_not_shown_hangs_on_the_nearest_that_is() -> None:
    shown = [one(1, None), one(3, 2), one(5, 4)]

    branches = tree(shown, {1: None, 2: 1, 3: 2, 4: None, 5: 4})

    assert names(branches) == {1: {3: {}}, 5: {}}
    assert branches[0].children[0].skips
    assert branches[1].skips
    assert not branches[0].skips
    assert branches[0].size == 2


def test_a_loop_ends_at_the_original() -> None:
    branches = tree([one(1, 2), one(2, 1), one(3, 1)], {1: 2, 2: 1, 3: 1})

    assert names(branches) == {1: {3: {}}, 2: {}}


@given(
    st.dictionaries(st.integers(1, 9), st.one_of(st.none(), st.integers(1, 9)), max_size=9),
    st.sets(st.integers(1, 9)),
)
def test_every_one_shown_stands_once_whatever_the_links(
    parents: dict[int, int | None], hidden: set[int]
) -> None:
    shown = [one(pk, parent) for pk, parent in parents.items() if pk not in hidden]

    branches = tree(shown, parents)

    def flat(found: tuple[Branch, ...]) -> list[int]:
        return [pk for b in found for pk in (b.replication.pk, *flat(b.children))]

    assert sorted(flat(branches)) == sorted(each.pk for each in shown)
    assert sum(branch.size for branch in branches) == len(shown)


def test_a_part_says_what_its_first_ones_were_taken_from() -> None:
    parents = {1: None, 2: 1, 3: 2, 4: 1, 5: None}
    shown = {pk: one(pk, parent) for pk, parent in parents.items()}
    walked = walk(list(shown), parents)
    assert [pk for pk, _ in walked] == [1, 2, 3, 4, 5]

    branches = drawn(walked[2:], shown)

    assert names(branches) == {3: {}, 4: {}, 5: {}}
    assert [b.above and b.above.pk for b in branches] == [2, 1, None]
    assert not any(b.skips for b in branches)


def test_a_long_line_is_cut_rather_than_drawn_out_of_the_page() -> None:
    parents = {pk: pk - 1 or None for pk in range(1, 3000)}
    shown = [one(pk, parent) for pk, parent in parents.items()]

    branches = tree(shown[: DEEPEST + 2], parents)

    assert [branch.size for branch in branches] == [DEEPEST, 2]
    assert branches[1].above is shown[DEEPEST - 1]
    assert len(walk([each.pk for each in shown], parents)) == len(shown)
