"""Celery entry points of the essaimage."""

from carrefour.celery import app
from essaimage import asking
from essaimage.assessing import keeping


@app.task(name="essaimage.purge_assessments")
def purge_assessments() -> int:
    """Forget the self-assessments that nobody opens any more."""
    return keeping.purge()


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


@app.task(name="essaimage.mail_question", **asking.MAIL)
def mail_question(follow_up_id: int) -> bool:
    """Ask a side for the three facts; tried again when mail is down."""
    return asking.ask(follow_up_id)


@app.task(name="essaimage.mail_question_reminder", **asking.MAIL)
def mail_question_reminder(follow_up_id: int) -> bool:
    """The only reminder of a question; tried again when mail is down."""
    return asking.remind(follow_up_id)
