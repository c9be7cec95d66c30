"""Import and export of what staff manages: each kind is a table of texts, compared then written."""

from partners.exchange.base import Kind, Refused
from partners.exchange.pairs import Pairs
from partners.exchange.partners import Partners
from partners.exchange.terms import Terms
from partners.exchange.words import Words

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Terms(), Words(), Partners(), Pairs())}

__all__ = ["KINDS", "Kind", "Refused"]
