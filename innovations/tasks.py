"""Celery's entry points of the directory."""

from carrefour.celery import app
from innovations.pictures import copy_waiting

AT_ONCE = 50


@app.task(name="innovations.copy_pictures")
def copy_pictures() -> int:
    """Copy the pictures that wait, some at a time: harvests' own tasks get their turn."""
    tried = copy_waiting(AT_ONCE)
    if tried == AT_ONCE:
        copy_pictures.delay()
    return tried
