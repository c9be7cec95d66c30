"""A long list of a page that shows several: its own pages, each with an address of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator


@dataclass(frozen=True)
class ListPage:
    """``name``: of the page's number in the address; ``of``: ends « Pages … »; ``anchor``: where
    the list stands; ``address``: that of the whole page, as changed."""

    name: str
    of: str
    anchor: str
    every: Sequence[Any]
    size: int
    asked: int
    address: Callable[..., str]

    @cached_property
    def page(self) -> Page:
        """The page asked for, or the last one when there are not so many."""
        return Paginator(self.every, self.size).get_page(self.asked)

    @property
    def rows(self) -> Sequence[Any]:
        return list(self.page.object_list)

    @property
    def is_beyond(self) -> bool:
        return self.asked > self.page.paginator.num_pages

    @property
    def numbers(self) -> list[tuple[Any, str]]:
        """(number, its address), « … » for those left out."""
        shown = self.page.paginator.get_elided_page_range(
            self.page.number, on_each_side=2, on_ends=1
        )
        return [(n, self.url(n) if isinstance(n, int) else "") for n in shown]

    @property
    def first(self) -> str:
        return self.url(1)

    @property
    def last(self) -> str:
        return self.url(self.page.paginator.num_pages)

    @property
    def previous(self) -> str:
        return self.url(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next(self) -> str:
        return self.url(self.page.next_page_number()) if self.page.has_next() else ""

    def url(self, number: int) -> str:
        return f"{self.address(**{self.name: number if number > 1 else None})}#{self.anchor}"
