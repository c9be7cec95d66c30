"""Do the addresses still answer? Asked politely, a few at a time; dead only when certain."""

import datetime
import logging
import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from carrefour.http import Fetcher, FetchError, Looked
from carrefour.http.errors import status_error
from innovations import assessing
from innovations.link_pages import leads_home, nothing_there
from innovations.models import Link, LinkState, LinkUse

log = logging.getLogger(__name__)
DAY = datetime.timedelta(days=1)
# Dead: so many failures in a row, over so long.
FAILURES, LONG = 3, 7 * DAY
AGAIN = {
    LinkState.ALIVE: 30 * DAY,
    LinkState.MOVED: 30 * DAY,
    LinkState.FAILING: LONG / 2,
    LinkState.DEAD: 14 * DAY,
    LinkState.UNSURE: 30 * DAY,
}
# While one worker asks, the others leave the address alone.
CLAIM = datetime.timedelta(minutes=30)
SECONDS, PATIENCE, MAX_BYTES = 30.0, 60.0, 2_000_000
PERMANENT = {301, 308}
# What a site says when it refuses us, not when a page is gone.
NO_ANSWER = {"robots", "acces-refuse", "trop-de-requetes", "adresse-interdite", "certificat",
             "encodage", "statut"}  # fmt: skip
OUT_OF_REACH = {"injoignable", "delai"}
# So many sites out of reach and none that answers: it is our own network that is down.
SUSPECT = 5


@dataclass(frozen=True)
class Outcome:
    """``state``: ALIVE, MOVED, UNSURE, or FAILING for a failure. ``is_silent``: nobody answered."""

    state: LinkState
    message: str = ""
    moved_to: str = ""
    is_silent: bool = False


def check_due(limit: int, seconds: float) -> int:
    """Check up to ``limit`` addresses whose time has come, for about so long; returns how many.

    Each is claimed, asked, and written at once: a program that stops loses one at most. Failures to
    reach anyone are written once some site has answered, and left for later when none does.
    """
    end, tried = time.monotonic() + seconds, 0
    silent: list[tuple[Link, Outcome]] = []
    has_answer = False
    with Fetcher(max_bytes=MAX_BYTES) as fetcher:
        while tried < limit and time.monotonic() < end and (link := _claimed()) is not None:
            outcome = look_at(fetcher, link)
            tried += 1
            if outcome.is_silent and not has_answer:
                silent.append((link, outcome))
                continue
            has_answer = has_answer or not outcome.is_silent
            note(link, outcome)
    if not has_answer and len({link.host for link, _ in silent}) >= SUSPECT:
        log.warning("Aucun de %s sites ne répond : liens laissés pour plus tard.", len(silent))
        return tried
    for link, outcome in silent:
        note(link, outcome)
    return tried


@transaction.atomic
def _claimed() -> Link | None:
    link = Link.objects.due().select_for_update(skip_locked=True).first()
    if link is not None:
        link.next_check_at = timezone.now() + CLAIM
        link.save(update_fields=["next_check_at"])
    return link


def look_at(fetcher: Fetcher, link: Link) -> Outcome:
    """Ask for the address: HEAD, then the document when HEAD is refused or leaves a doubt."""
    fetcher.hurry(SECONDS, PATIENCE)
    try:
        looked = fetcher.look(link.url, head=True)
        is_known = link.state == LinkState.ALIVE and not looked.hops
        if not (200 <= looked.status < 300 and is_known):
            looked = fetcher.look(link.url)
    except FetchError as error:
        return _failed(error)
    return _judged(link.url, looked)


def _failed(error: FetchError) -> Outcome:
    message = error.message.partition(" : ")[0]
    if error.code == "trop-gros":
        return Outcome(LinkState.ALIVE)
    if error.code in NO_ANSWER:
        return Outcome(LinkState.UNSURE, message)
    return Outcome(LinkState.FAILING, message, is_silent=error.code in OUT_OF_REACH)


def _judged(asked: str, looked: Looked) -> Outcome:
    if not 200 <= looked.status < 300:
        return _failed(status_error(looked.status, looked.url))
    if problem := nothing_there(looked.url, looked.content):
        return Outcome(LinkState.FAILING, problem)
    if looked.hops and leads_home(asked, looked.url):
        return Outcome(LinkState.UNSURE, "L’adresse mène à l’accueil du site.")
    if looked.hops and set(looked.hops) <= PERMANENT and looked.url != asked:
        return Outcome(LinkState.MOVED, moved_to=looked.url[:1000])
    return Outcome(LinkState.ALIVE)


@transaction.atomic
def note(link: Link, outcome: Outcome) -> None:
    """Write what was found; the records whose web site dies or comes back are assessed again."""
    was_dead, now = link.is_dead, timezone.now()
    link.checked_at, link.message, link.moved_to = now, outcome.message[:300], outcome.moved_to
    if outcome.state == LinkState.FAILING:
        link.failures += 1
        link.failing_since = link.failing_since or now
        is_over = link.failures >= FAILURES and now - link.failing_since >= LONG
        link.state = LinkState.DEAD if is_over or was_dead else LinkState.FAILING
    elif outcome.state != LinkState.UNSURE or not was_dead:
        # A refusal says nothing: what was dead stays so until it answers.
        link.state, link.failures, link.failing_since = outcome.state, 0, None
    link.next_check_at = now + AGAIN[LinkState(link.state)]
    link.save()
    if link.is_dead != was_dead:
        uses = LinkUse.objects.filter(link=link, role="site")
        assessing.refresh(list(uses.values_list("innovation", flat=True)))


def progress() -> dict[str, int]:
    """How many addresses are in each state, and how many wait to be checked (« due »)."""
    counts = Link.objects.order_by().values_list("state").annotate(Count("pk"))
    return {**dict(counts), "due": Link.objects.due().count()}
