"""Who took it from whom: the tree of an innovation's replications."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from essaimage.models import Replication


@dataclass(frozen=True)
class Branch:
    """A replication and those that were taken from it; ``skips``: what it was taken from is not
    public, and it hangs on the nearest one that is."""

    replication: Replication
    children: tuple["Branch", ...]
    skips: bool = False

    @property
    def size(self) -> int:
        return 1 + sum(child.size for child in self.children)


def tree(replications: Sequence[Replication], parents: dict[int, int | None]) -> tuple[Branch, ...]:
    """The branches that hang on the original, in the order given.

    ``parents``: {replication: the one that it was taken from} of the same innovation, those that
    are not public included.
    """
    shown = {one.pk for one in replications}
    hung: dict[int | None, list[Replication]] = defaultdict(list)
    for one in replications:
        hung[nearest(one.pk, parents, shown)].append(one)

    def hung_on(parent: int | None) -> tuple[Branch, ...]:
        return tuple(Branch(one, hung_on(one.pk), one.parent_id != parent) for one in hung[parent])

    return hung_on(None)


def nearest(pk: int, parents: dict[int, int | None], shown: set[int]) -> int | None:
    """The nearest shown replication above; None for the original. A loop ends at the original."""
    seen = {pk}
    above = parents.get(pk)
    while above is not None and above not in shown and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return above if above in shown and not _loops(pk, parents) else None


def _loops(pk: int, parents: dict[int, int | None]) -> bool:
    """Whether what it was taken from leads back to it."""
    seen: set[int] = set()
    above = parents.get(pk)
    while above is not None and above not in seen:
        if above == pk:
            return True
        seen.add(above)
        above = parents.get(above)
    return False
