"""Celery's entry points of the essaimage."""

from carrefour.celery import app
from essaimage import tagging


@app.task(name="essaimage.follow_replications")
def follow_replications() -> int:
    """What the search says of replications, repaired: records merged, split or published again."""
    return tagging.follow_all()
