"""Celery entry points of the essaimage."""

from carrefour.celery import app
from essaimage.assessing import keeping


@app.task(name="essaimage.purge_assessments")
def purge_assessments() -> int:
    """Forget the self-assessments that nobody opens any more."""
    return keeping.purge()
