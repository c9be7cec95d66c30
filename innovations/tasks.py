"""Celery's entry points of the directory."""

from carrefour.celery import app
from innovations import data_version, links, search_log, vocabulary
from innovations.index import building
from innovations.link_checking import check_due
from innovations.pictures import copy_waiting

AT_ONCE = 50
LINKS_AT_ONCE, LINKS_SECONDS = 200, 600.0


@app.task(name="innovations.copy_pictures")
def copy_pictures() -> int:
    """Copy the pictures that wait, some at a time: harvests' own tasks get their turn."""
    tried = copy_waiting(AT_ONCE)
    if tried == AT_ONCE:
        copy_pictures.delay()
    return tried


@app.task(name="innovations.update_search_index")
def update_search_index() -> bool:
    vocabulary.refresh_if_needed()
    return building.update()


@app.task(name="innovations.write_searches")
def write_searches() -> int:
    search_log.forget()
    return search_log.write()


@app.task(name="innovations.sum_up_data_changes")
def sum_up_data_changes() -> None:
    data_version.sum_up()


@app.task(name="innovations.list_links")
def list_links() -> int:
    return links.list_links()


@app.task(name="innovations.check_links")
def check_links() -> int:
    """Ask some addresses whether they answer; others wait on their own queue for the next time."""
    tried = check_due(LINKS_AT_ONCE, LINKS_SECONDS)
    if tried == LINKS_AT_ONCE:
        check_links.delay()
    return tried
