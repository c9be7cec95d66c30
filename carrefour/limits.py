"""How often one visitor may do a thing: counted an hour, without keeping who it is."""

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from carrefour.clients import client_address

HOUR = 3600


def too_many(request: HttpRequest, what: str, per_hour: int) -> bool:
    """Count this attempt at ``what``; whether its address made more than allowed in the hour."""
    return too_many_for(client_address(request), what, per_hour)


def too_many_for(whom: str, what: str, per_hour: int) -> bool:
    """The same for whom it is done: an electronic address that mails are sent to."""
    # The address itself is not kept, even for an hour.
    name = f"{what}:{salted_hmac(__name__, whom).hexdigest()}"
    cache.add(name, 0, HOUR)
    return cache.incr(name) > per_hour
