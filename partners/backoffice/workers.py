"""The programs that carry out the tasks: whether they answer, what they do, what waits."""

from dataclasses import dataclass, field

from django.core.cache import cache
from kombu import Connection
from kombu.exceptions import OperationalError

from carrefour.celery import app

KEPT_SECONDS = 5
PATIENCE = 1.0
CACHE = "gestion:programmes"
QUEUES = {
    "moissonnage": "Moissonnages",
    "courriels": "Courriels",
    "images": "Images",
    "defaut": "Autres tâches",
}


@dataclass(frozen=True)
class Workers:
    """``count`` is the programs that answered, ``busy`` the tasks under way, ``waiting`` the tasks
    of each queue, by its French name; ``is_reachable`` is False when the broker does not answer."""

    is_reachable: bool = True
    count: int = 0
    busy: int = 0
    waiting: dict[str, int] = field(default_factory=dict)


def workers() -> Workers:
    """Asked of the workers every few seconds at most, in one second."""
    known: Workers | None = cache.get(CACHE)
    if known is None:
        known = _asked()
        cache.set(CACHE, known, KEPT_SECONDS)
    return known


def _asked() -> Workers:
    limits = {"socket_connect_timeout": PATIENCE, "socket_timeout": 2 * PATIENCE}
    try:
        with app.connection_for_read(transport_options=limits) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            active = app.control.inspect(timeout=PATIENCE, connection=broker).active() or {}
            waiting = {QUEUES.get(name, name): _length(broker, name) for name in app.amqp.queues}
    except (OperationalError, OSError):
        return Workers(is_reachable=False)
    return Workers(
        count=len(active), busy=sum(len(tasks) for tasks in active.values()), waiting=waiting
    )


def _length(broker: Connection, queue: str) -> int:
    """Tasks that no worker took yet; 0 for a queue that was never used."""
    channel = broker.channel()
    try:
        return int(channel.queue_declare(queue=queue, passive=True).message_count)
    except broker.channel_errors:
        return 0
    finally:
        channel.close()
