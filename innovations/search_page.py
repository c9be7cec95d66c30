"""What the search page shows of a search: labels, counts and addresses, ready for templates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.core.paginator import Page, Paginator

from innovations.models import Term
from innovations.search import PAGE_SIZE, InnovationSearch
from innovations.search_criteria import SORTS, VIEWS
from innovations.search_facets import FACETS, Facet, partner_names
from innovations.search_place import parameter
from innovations.search_text import TextMode

# Facets open at first sight; the others open when something is chosen in them.
OPEN = ("theme",)


@dataclass(frozen=True)
class Option:
    """One value of a facet; ``children`` are the sub-themes of a theme that is chosen."""

    code: str
    label: str
    count: int
    is_chosen: bool
    children: tuple["Option", ...] = ()


@dataclass(frozen=True)
class Group:
    name: str
    label: str
    options: tuple[Option, ...]
    is_open: bool


@dataclass(frozen=True)
class Chosen:
    """An active filter: what it says, and the address of the search without it."""

    label: str
    url: str


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_current: bool = False
    icon: str = ""


@dataclass(frozen=True)
class SearchPage:
    """One search as the page tells it."""

    search: InnovationSearch
    terms: dict[tuple[str, str], Term] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.terms.update({(t.vocabulary, t.code): t for t in self.search.terms})

    # --- labels -------------------------------------------------------------------------------

    @cached_property
