"""Celery's entry points of the essaimage: a few lines each, taking identifiers."""

from carrefour.celery import app
from essaimage import announcing, answering, asking, forgetting, tagging, updating
from essaimage.assessing import keeping
from essaimage.experiments import alerting
from essaimage.obstacles import signalling

MAIL = {
    "autoretry_for": (OSError,),
    "retry_backoff": 30,
    "retry_backoff_max": 3600,
    "max_retries": 8,
}


@app.task(name="essaimage.mail_verdict", **MAIL)
def mail_verdict(party_id: int, action_id: int) -> bool:
    """Ask a side what it says of what a decision published; tried again when mail is down."""
    return announcing.ask(action_id, party_id)


@app.task(name="essaimage.mail_follow", **MAIL)
def mail_follow(party_id: int) -> bool:
    """Send a side the link that it asked for; tried again when mail is down."""
    return updating.mail_link(party_id)


@app.task(name="essaimage.mail_set_aside", **MAIL)
def mail_set_aside(action_id: int, party_id: int) -> bool:
    """Tell a side why what it wrote is set aside; tried again when mail is down."""
    return announcing.tell(action_id, party_id)


@app.task(name="essaimage.mail_published", **MAIL)
def mail_published(action_id: int, party_id: int) -> bool:
    """Tell a side that what it declared is published; tried again when mail is down."""
    return announcing.announce(action_id, party_id)


@app.task(name="essaimage.mail_text_aside", **MAIL)
def mail_text_aside(action_id: int) -> bool:
    """Tell a side why its text is not shown; tried again when mail is down."""
    return answering.tell(action_id)


@app.task(name="essaimage.forget")
def forget() -> int:
    """Forget links, declarations that nobody confirmed, addresses that no longer serve."""
    return forgetting.forget()


@app.task(name="essaimage.follow_replications")
def follow_replications() -> int:
    """What the search says of replications, repaired: records merged, split or published again."""
    return tagging.follow_all()


@app.task(name="essaimage.purge_assessments")
def purge_assessments() -> int:
    """Forget the self-assessments that nobody opens any more."""
    return keeping.purge()


@app.task(name="essaimage.purge_signals")
def purge_signals() -> int:
    """Forget the obstacles and interpretations that nobody confirmed."""
    return signalling.purge()


@app.task(name="essaimage.mail_experiment_ends", **MAIL)
def mail_experiment_ends() -> int:
    """Tell of the ends of experiments; tried again when mail is down."""
    return alerting.alert()


@app.task(name="essaimage.plan_follow_ups")
def plan_follow_ups() -> int:
    """Plan the questions on results, and have those that are due leave; how many."""
    asking.plan()
    due, reminders = asking.to_send()
    for pk in due:
        mail_question.delay(pk)
    for pk in reminders:
        mail_question_reminder.delay(pk)
    return len(due) + len(reminders)


@app.task(name="essaimage.mail_question", **MAIL)
def mail_question(follow_up_id: int) -> bool:
    """Ask a side for the three facts; tried again when mail is down."""
    return asking.ask(follow_up_id)


@app.task(name="essaimage.mail_question_reminder", **MAIL)
def mail_question_reminder(follow_up_id: int) -> bool:
    """The only reminder of a question; tried again when mail is down."""
    return asking.remind(follow_up_id)
