"""Asking for a comparison: at the end of a harvest that changed something, once it is committed."""

import logging

from django.db import transaction

log = logging.getLogger(__name__)


def after_run() -> None:
    transaction.on_commit(_send)


def undo_later(rule_id: int, author_id: int) -> None:
    """Have the workers undo what the rule linked. Raises OperationalError: nobody to ask."""
    from partners.tasks import undo_linkage_rule as task

    task.delay(rule_id, author_id)


def _send() -> None:
    from partners.tasks import compare_records as task

    try:
        task.delay()
    except task.OperationalError:
        # The scheduler asks every hour anyway.
        log.warning("Le service de tâches est injoignable : le rapprochement attend.")
