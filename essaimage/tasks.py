"""Celery entry points of the essaimage."""

from carrefour.celery import app
from essaimage.assessing import keeping
from essaimage.experiments import alerting
from essaimage.obstacles import signalling


@app.task(name="essaimage.purge_assessments")
def purge_assessments() -> int:
    """Forget the self-assessments that nobody opens any more."""
    return keeping.purge()


@app.task(name="essaimage.purge_signals")
def purge_signals() -> int:
    """Forget the obstacles and interpretations that nobody confirmed."""
    return signalling.purge()


@app.task(
    name="essaimage.mail_experiment_ends",
    autoretry_for=(OSError,),
    retry_backoff=60,
    retry_backoff_max=3600,
    max_retries=8,
)
def mail_experiment_ends() -> int:
    """Tell of the ends of experiments; tried again when mail is down."""
    return alerting.alert()
