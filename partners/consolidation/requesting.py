"""Asking for a comparison: at the end of a harvest that changed something, once it is committed."""

import logging

from django.db import transaction

log = logging.getLogger(__name__)


def after_run() -> None:
    transaction.on_commit(_send)


def _send() -> None:
    from partners.tasks import compare_records as task

    try:
        task.delay()
    except task.OperationalError:
        # The scheduler asks every hour anyway.
        log.warning("Le service de tâches est injoignable : le rapprochement attend.")
