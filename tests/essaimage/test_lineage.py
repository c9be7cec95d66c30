"""The tree of who took it from whom, whatever its links say."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from essaimage.lineage import Branch, tree


def one(pk: int, parent: int | None) -> Any:
    return SimpleNamespace(pk=pk, parent_id=parent)


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
