"""What names the items of a feed that gives them no identifier: their link, if it is theirs."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from carrefour.text import key

# From this share of items on, a link says where a thing is told, and not which item it is.
SHARED = 0.1
Entry = dict[str, Any]


class Identities:
    """Gives an ``id`` to the items that have none, over the pages of one reading.

    An item is its link; with its title where items that say something else have that link too;
    with its date as well where both are shared. In a feed where links are often shared the title
    always counts (``by_title``, to be kept with the cursor): an item whose neighbours left the
    feed keeps its identifier.
    """

    def __init__(self, *, by_title: bool = False) -> None:
        self.by_title = by_title
        self._told: defaultdict[str, set[str]] = defaultdict(set)

    def give(self, entries: Sequence[Entry], *, is_first: bool) -> None:
        """``is_first``: these are the feed's first items, by which its habits are judged."""
        nameless = [e for e in entries if not e["id"] and e["link"]]
        for entry in nameless:
            for name in _names(entry):
                self._told[name].add(_content(entry))
        if is_first:
            shared = sum(len(self._told[entry["link"]]) > 1 for entry in nameless)
            self.by_title = shared > SHARED * len(nameless)
        for entry in nameless:
            _, *longer = names = list(_names(entry))
            usable = longer if self.by_title else names
            entry["id"] = next((n for n in usable if len(self._told[n]) == 1), names[-1])


def _names(entry: Entry) -> Iterator[str]:
    """From the shortest to the longest; what tells nothing more adds nothing."""
    name = entry["link"]
    yield name
    for more in (key(str(entry["title"])), entry["published"] or entry["updated"]):
        name = f"{name} {more}" if more else name
        yield name


def _content(entry: Entry) -> str:
    return "\n".join(str(entry[name]) for name in ("title", "published", "content"))
