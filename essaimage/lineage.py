"""Who took it from whom: the tree of an innovation's replications, a part at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from essaimage.models import Replication

# Beyond this depth a branch is told apart, with what it was taken from: a phone has no more room.
DEEPEST = 12


@dataclass(frozen=True)
class Branch:
    """A replication and those that were taken from it; ``skips``: what it was taken from is not
    public, and it hangs on the nearest one that is; ``above``: that one, when it is drawn
    elsewhere."""

    replication: Replication
    children: tuple["Branch", ...]
    skips: bool = False
    above: Replication | None = None

    @property
    def size(self) -> int:
        return 1 + sum(child.size for child in self.children)


def walk(keys: Sequence[int], parents: dict[int, int | None]) -> list[tuple[int, int | None]]:
    """(replication, the one that it hangs on, None for the original) as the tree is read: each is
    followed by those taken from it, in the order given.

    ``parents``: {replication: the one that it was taken from} of the same innovation, those that
    are not public included.
    """
    shown = set(keys)
    hung: dict[int | None, list[int]] = defaultdict(list)
    for key in keys:
        hung[nearest(key, parents, shown)].append(key)
    found: list[tuple[int, int | None]] = []
    waiting: list[tuple[int, int | None]] = [(key, None) for key in reversed(hung[None])]
    while waiting:
        key, above = waiting.pop()
        found.append((key, above))
        waiting += [(child, key) for child in reversed(hung[key])]
    return found


def tree(
    walked: Sequence[tuple[int, int | None]], replications: Mapping[int, Replication]
) -> tuple[Branch, ...]:
    """The branches of a part of what ``walk`` gave; ``replications``: those that it names."""
    depths: dict[int, int] = {}
    roots: list[tuple[int, int | None]] = []
    hung: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
    for key, above in walked:
        is_drawn = above in depths and depths[above] < DEEPEST
        depths[key] = depths[above] + 1 if above is not None and is_drawn else 1
        (hung[above] if above is not None and is_drawn else roots).append((key, above))

    def branch(key: int, above: int | None, *, is_root: bool) -> Branch:
        one = replications[key]
        children = tuple(branch(*child, is_root=False) for child in hung[key])
        apart = replications[above] if is_root and above is not None else None
        return Branch(one, children, one.parent_id != above, apart)

    return tuple(branch(*root, is_root=True) for root in roots)


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
