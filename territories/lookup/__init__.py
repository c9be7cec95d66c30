"""The place that a partner's words, codes and points mean, and how sure that is.

``find(text, code=…, postcode=…, point=…, departement=…)`` is the only door of what partners write;
it answers a ``Place`` and never raises. ``exact(text)`` only says whether words are a name. Sure
means a confidence of ``SURE`` or more.
"""

from territories.lookup.finding import exact, find
from territories.lookup.place import SURE, Found, Place, Status

__all__ = ["SURE", "Found", "Place", "Status", "exact", "find"]
