"""The values of a facet as the page offers them: ordered, hierarchical, the long lists cut."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from carrefour.french import counted, grouped
from innovations.models import Term
from innovations.search_facets import Facet
from territories.kinds import Kind
from territories.models import Territory

# How many values are seen at first, and how many at least are worth hiding.
SEEN = 10
HIDDEN = 3


@dataclass(frozen=True)
class Option:
    """One value of a facet; ``children`` are those inside it, once it or one of them is chosen."""

    code: str
    label: str
    count: int
    is_chosen: bool
    children: tuple["Option", ...] = ()

    @property
    def shown_count(self) -> str:
        return grouped(self.count)

    @property
    def is_in_use(self) -> bool:
        return self.is_chosen or any(child.is_chosen for child in self.children)


@dataclass(frozen=True)
class Group:
    """A facet with what is seen of it (``options``) and what waits behind a link (``more``)."""

    name: str
    label: str
    options: tuple[Option, ...]
    is_open: bool
    more: tuple[Option, ...] = ()

    @property
    def shown(self) -> list[tuple[Option, bool]]:
        return _lines(self.options)

    @property
    def hidden(self) -> list[tuple[Option, bool]]:
        return _lines(self.more)

    @property
    def more_label(self) -> str:
        return f"Voir les {counted(len(self.more), 'autre')}"


def _lines(options: Iterable[Option]) -> list[tuple[Option, bool]]:
    """Each value with whether it stands under another, in the order in which they are seen."""
    return [pair for o in options for pair in [(o, False), *((c, True) for c in o.children)]]


def group(facet: Facet, options: Iterable[Option], *, is_open: bool) -> Group:
    """The facet with its first values; what is chosen is always seen."""
    every = tuple(options)
    if len(every) < SEEN + HIDDEN:
        return Group(facet.name, facet.label, every, is_open)
    seen = {o.code for o in every[:SEEN]} | {o.code for o in every if o.is_in_use}
    return Group(
        facet.name,
        facet.label,
        tuple(o for o in every if o.code in seen),
        is_open,
        tuple(o for o in every if o.code not in seen),
    )


def plain(labels: Mapping[str, str], counts: Mapping[str, int], chosen: set[str]) -> list[Option]:
    """Values without a hierarchy, the most frequent first."""
    return _ordered([Option(c, labels[c], n, c in chosen) for c, n in counts.items()])


def of_terms(terms: Sequence[Term], counts: Mapping[str, int], chosen: set[str]) -> list[Option]:
    """Terms of one vocabulary; sous-domaines under a domaine that is chosen, or has one chosen.

    Sous-domaines keep the order of the taxonomy.
    """
    shown = [t for t in terms if t.code in counts]
    in_use = {t.pk for t in shown if t.code in chosen}
    in_use |= {t.parent_id for t in shown if t.code in chosen and t.parent_id}
    tops = [t for t in terms if t.parent_id is None and (t.code in counts or t.pk in in_use)]

    def option(term: Term, below: Iterable[Term] = ()) -> Option:
        children = tuple(option(t) for t in below)
        return Option(
            term.code, term.label, counts.get(term.code, 0), term.code in chosen, children
        )

    return _ordered(
        option(t, [c for c in shown if t.pk in in_use and c.parent_id == t.pk]) for t in tops
    )


def of_zones(
    territories: Mapping[str, Territory], counts: Mapping[str, int], chosen: set[str]
) -> list[Option]:
    """Régions, and their départements under one that is chosen or has one chosen.

    Overseas, a collectivité stands beside the régions; a département without its région too.
    """
    inside: dict[int, list[str]] = {}
    regions = {t.pk: code for code, t in territories.items() if t.kind == Kind.REGION}
    for code, territory in territories.items():
        if territory.kind == Kind.DEPARTEMENT and territory.region_id in regions:
            inside.setdefault(territory.region_id, []).append(code)

    def option(code: str, below: Iterable[str] = ()) -> Option:
        children = _ordered(option(child) for child in below)
        name = territories[code].name if code in territories else code
        return Option(code, name, counts.get(code, 0), code in chosen, tuple(children))

    under = {code for codes in inside.values() for code in codes}
    return _ordered(
        option(code, _unfolded(code, inside.get(territories[code].pk, []), chosen))
        for code in territories
        if code not in under
    )


def _unfolded(code: str, below: list[str], chosen: set[str]) -> list[str]:
    return below if {code, *below} & chosen else []


def _ordered(options: Iterable[Option]) -> list[Option]:
    return sorted(options, key=lambda option: (-option.count, option.label))
