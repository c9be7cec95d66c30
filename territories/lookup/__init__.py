"""The place that a partner's words, codes and points mean, and how sure that is.

``find(text, code=…, postcode=…, point=…, departement=…)`` is the only door; it answers a ``Place``
and never raises on what partners write. Sure means a confidence of ``SURE`` or more.
"""

from territories.lookup.finding import find
from territories.lookup.place import SURE, Found, Place, Status

__all__ = ["SURE", "Found", "Place", "Status", "find"]
