"""Celery entry points of the essaimage."""

from carrefour.celery import app
from essaimage import tagging
from essaimage.assessing import keeping


@app.task(name="essaimage.follow_replications")
def follow_replications() -> int:
    """What the search says of replications, repaired: records merged, split or published again."""
    return tagging.follow_all()


@app.task(name="essaimage.purge_assessments")
def purge_assessments() -> int:
    """Forget the self-assessments that nobody opens any more."""
    return keeping.purge()
