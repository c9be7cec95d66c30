"""A reading interrupted by its worker's death, a stop or a failure, and what goes on from it."""

import datetime
import json
import threading
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from innovations.models import Innovation
from partners import harvest as harvesting
from partners import runs
from partners.harvest import Harvest, harvest
from partners.health import Cause, health_of_one
from partners.models import (
    Objection,
    ObjectionState,
    RecordState,
    RejectedRow,
    Run,
    RunState,
    Source,
    SourceRecord,
)
from partners.replay import replay
from partners.suppression import record_names, suppress_records
from tests.factories import SourceFactory
from tests.partners.conftest import MAPPING, Site, row

pytestmark = pytest.mark.django_db
PER_PAGE = 4


class Pages:
    """A paginated API; ``broken``: pages that answer 500, ``asked``: the pages asked for."""

    def __init__(self, server: HTTPServer, rows: list[dict[str, Any]]) -> None:
        self.server = server
        self.rows = rows
        self.broken: set[int] = set()
        self.asked: list[int] = []
        server.expect_request("/robots.txt").respond_with_data("", status=404)
        server.expect_request("/api").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        number = int(request.args.get("page", 1))
        self.asked.append(number)
        if number in self.broken:
            return Response("", 404)
        rows = self.rows[(number - 1) * PER_PAGE : number * PER_PAGE]
        more = number * PER_PAGE < len(self.rows)
        follows = self.server.url_for(f"/api?page={number + 1}") if more else None
        body = {"total": len(self.rows), "suite": follows, "fiches": rows}
        return Response(json.dumps(body), content_type="application/json")


@pytest.fixture
def pages(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Pages:
    monkeypatch.setattr(harvesting, "BATCH", 3)
    return Pages(httpserver, [row(n, ville="") for n in range(1, 19)])


@pytest.fixture
def paged(pages: Pages) -> Source:
    return SourceFactory(
        connector="json",
        url=pages.server.url_for("/api"),
        options={"path": "fiches", "next": "suite", "total": "total"},
        mapping=MAPPING,
        slug="pages",
        withdraw_after_days=0,
    )


def stopped_after(source: Source, rows: int, run: Run | None = None) -> Run:
    """A run of the source that someone stops once so many rows are read."""

    def ask_to_stop(counts: dict[str, int], expected: int | None) -> None:
        if counts["seen"] >= rows:
            Run.objects.filter(state=RunState.RUNNING).update(cancel_requested=True)

    report = harvest(source, run=run, progress=ask_to_stop)
    assert report.state == RunState.CANCELLED
    return Run.objects.get(pk=report.run_id)


def test_the_next_run_goes_on_where_a_stopped_one_was(paged: Source, pages: Pages) -> None:
    stopped = stopped_after(paged, 9)
    assert stopped.can_resume
    assert stopped.message.endswith(harvesting.TO_BE_RESUMED)
    pages.asked.clear()
    report = harvest(paged)
    assert min(pages.asked) == 3
    assert report.counts["seen"] == report.counts["created"] == 9
    run = Run.objects.get(pk=report.run_id)
    assert run.reading_since == stopped.reading_since
    assert (run.state, run.can_resume, run.present) == (RunState.DONE, False, 18)
    assert Innovation.objects.published().count() == 18


def test_what_is_missing_is_told_over_the_whole_reading(paged: Source, pages: Pages) -> None:
    harvest(paged)
    del pages.rows[1]
    stopped_after(paged, 9)
    report = harvest(paged)
    assert report.counts["withdrawn"] == 1
    gone = SourceRecord.objects.get(state=RecordState.WITHDRAWN)
    assert gone.external_id == "p2"


def test_a_run_that_failed_on_a_page_goes_on_from_it(paged: Source, pages: Pages) -> None:
    pages.broken = {4}
    assert harvest(paged).state == RunState.FAILED
    assert SourceRecord.objects.count() == 12
    pages.broken = set()
    pages.asked.clear()
    assert harvest(paged).counts["created"] == 6
    assert 1 not in pages.asked[:1]


@pytest.mark.parametrize("changed", ["late", "mapping"])
def test_an_old_or_other_reading_is_not_taken_over(
    paged: Source, pages: Pages, changed: str
) -> None:
    stopped_after(paged, 9)
    days = 2 if changed == "late" else 0
    if changed == "mapping":
        paged.mapping = [*MAPPING, {"target": "summary", "path": "texte"}]
        paged.save()
    pages.asked.clear()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=days), tick=True):
        report = harvest(paged)
    assert pages.asked[0] == 1
    assert report.counts["seen"] == 18


def lost_after(source: Source, rows: int) -> Run:
    """A run whose program died once so many rows were read, back in the queue."""

    class Died(BaseException):
        pass

    def die(counts: dict[str, int], expected: int | None) -> None:
        if counts["seen"] >= rows:
            raise Died

    run = runs.start(source, "manuel")  # type: ignore[arg-type]
    work = Harvest(source, run, harvesting.Report(source=source.slug))
    work.progress = die
    work._end = lambda *said: None  # type: ignore[method-assign]
    with pytest.raises(Died):
        work.carry_out()
    later = timezone.now() - runs.STUCK_AFTER * 2
    Run.objects.filter(pk=run.pk).update(heartbeat_at=later)
    (again,), _ = runs.lost()
    return again


def test_a_lost_run_goes_on_and_counts_each_row_once(paged: Source, pages: Pages) -> None:
    pages.rows[1] = row(2, titre="")
    pages.rows[9] = row(10, titre="")
    run = lost_after(paged, 9)
    pages.asked.clear()
    harvest(paged, run=run)
    run.refresh_from_db()
    assert pages.asked[0] == 3
    assert run.counts == {**run.counts, "seen": 18, "created": 16, "rejected": 2, "unchanged": 0}
    assert (run.attempt, run.state) == (2, RunState.DONE_WITH_ERRORS)
    assert Innovation.objects.published().count() == 16


def test_a_lost_run_of_one_document_reads_it_again(
    source: Source, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "BATCH", 3)
    site.rows = [row(n) for n in range(10)]
    site.rows[1] = row(1, titre="")
    run = lost_after(source, 6)
    harvest(source, run=run)
    run.refresh_from_db()
    assert run.counts == {**run.counts, "seen": 10, "created": 9, "rejected": 1}


def test_a_record_changed_during_an_interruption_is_mended_and_counted_once(
    source: Source, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "BATCH", 3)
    site.rows = [row(n) for n in range(10)]
    run = lost_after(source, 6)
    site.rows[1] = row(1, texte="Autrement dit, on y répare tout.")
    site.rows.append(row(2, ville="Lormes"))
    harvest(source, run=run)
    run.refresh_from_db()
    assert not RejectedRow.objects.exists()
    assert "Autrement dit" in Innovation.objects.get(title=row(1)["titre"]).description
    assert len(SourceRecord.objects.get(external_id="p2").sites) == 2
    assert run.counts == {**run.counts, "seen": 10, "created": 10, "updated": 0, "rejected": 0}


def test_a_row_removed_on_request_is_counted_in_no_reading(paged: Source, pages: Pages) -> None:
    settled = Objection.objects.create(scope="fiche", state=ObjectionState.APPLIED)
    suppress_records(settled, record_names(paged.slug, "p8", "", "", ""))
    run = lost_after(paged, 8)
    harvest(paged, run=run)
    run.refresh_from_db()
    assert not SourceRecord.objects.filter(external_id="p8").exists()
    assert run.counts == {**run.counts, "seen": 17, "created": 17, "unchanged": 0, "rejected": 0}


def test_a_mapping_changed_meanwhile_starts_the_reading_again(
    source: Source, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "BATCH", 3)
    site.rows = [row(n) for n in range(10)]
    run = lost_after(source, 6)
    source.mapping = [*MAPPING, {"target": "summary", "path": "texte"}]
    source.save()
    run.source = source
    harvest(source, run=run)
    run.refresh_from_db()
    assert run.counts == {**run.counts, "seen": 10, "created": 4, "updated": 6, "rejected": 0}
    assert Innovation.objects.exclude(summary="").count() == 10


def test_two_programs_at_one_run_write_it_once(paged: Source, pages: Pages) -> None:
    """A worker taken for lost wakes up: it stops at its next batch, having written nothing."""
    taken = threading.Event()

    def taken_for_lost(counts: dict[str, int], expected: int | None) -> None:
        if not taken.is_set():
            taken.set()
            Run.objects.update(attempt=2, state=RunState.QUEUED)

    report = harvest(paged, progress=taken_for_lost)
    assert report.problem == harvesting.TAKEN
    assert SourceRecord.objects.count() == 3
    run = Run.objects.get()
    assert (run.state, run.finished_at) == (RunState.QUEUED, None)
    harvest(paged, run=run)
    assert Run.objects.get().counts["created"] == SourceRecord.objects.count() == 18


def test_time_that_runs_out_leaves_a_run_to_be_resumed(
    paged: Source, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    class TooLong(Exception):
        pass

    def too_long(counts: dict[str, int], expected: int | None) -> None:
        if counts["seen"] >= 9:
            raise TooLong

    monkeypatch.setattr(Harvest, "timeouts", (TooLong,))
    report = harvest(paged, progress=too_long)
    run = Run.objects.get(pk=report.run_id)
    assert (run.state, run.can_resume) == (RunState.CANCELLED, True)
    assert run.message.startswith(harvesting.OUT_OF_TIME)
    assert harvest(paged).counts["created"] == 9


@pytest.fixture
def out_of_time(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What tells, as ``progress``, that the time is over once six rows are read."""

    class TooLong(Exception):
        pass

    def too_long(counts: dict[str, int], expected: int | None) -> None:
        if counts["seen"] >= 6:
            raise TooLong

    monkeypatch.setattr(Harvest, "timeouts", (TooLong,))
    return too_long


@pytest.mark.parametrize("frequency", ["hebdomadaire", "manuelle"])
def test_a_source_longer_than_a_run_is_read_to_its_end_in_the_same_hour(
    paged: Source, pages: Pages, out_of_time: Any, frequency: str
) -> None:
    Source.objects.update(frequency=frequency)
    harvest(paged, progress=out_of_time)
    assert Run.objects.latest("created_at").message.endswith(harvesting.GOES_ON)
    with time_machine.travel(timezone.now(), tick=True) as clock:
        # The page under way is read again: batches of three then fall otherwise.
        for read in (6, 13):
            run = Run.objects.latest("created_at")
            assert (run.counts["seen"] + run.read_before, run.can_resume) == (read, True)
            paged.refresh_from_db()
            assert paged.next_run_at is not None
            assert paged.next_run_at < timezone.now() + datetime.timedelta(minutes=10)
            clock.move_to(paged.next_run_at)
            harvest(paged, progress=out_of_time if read < 13 else None)
    run = Run.objects.latest("created_at")
    paged.refresh_from_db()
    assert (run.state, run.present) == (RunState.DONE, 18)
    usual = None if frequency == "manuelle" else timezone.now() + datetime.timedelta(days=6)
    assert paged.next_run_at is usual or paged.next_run_at > usual


def test_a_reading_that_never_ends_comes_back_to_its_frequency(
    paged: Source, pages: Pages, out_of_time: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MOST_LATE", 1)
    harvest(paged, progress=out_of_time)
    harvest(paged, progress=out_of_time)
    run = Run.objects.latest("created_at")
    assert run.late == 2
    assert run.message.endswith(harvesting.TO_BE_RESUMED)
    paged.refresh_from_db()
    assert paged.next_run_at is not None
    assert paged.next_run_at > timezone.now() + datetime.timedelta(days=6)


def test_a_weekly_source_that_failed_midway_is_tried_again_while_it_can_go_on(
    paged: Source, pages: Pages
) -> None:
    pages.broken = {3}
    assert harvest(paged).state == RunState.FAILED
    paged.refresh_from_db()
    assert paged.next_run_at is not None
    assert paged.next_run_at < timezone.now() + runs.RESUMABLE_FOR
    pages.broken = set()
    pages.asked.clear()
    with time_machine.travel(paged.next_run_at, tick=True):
        assert harvest(paged).counts["seen"] == 10
    assert 1 not in pages.asked


def test_a_source_that_stays_broken_is_tried_again_less_and_less(
    paged: Source, pages: Pages
) -> None:
    pages.broken = {3}
    Source.objects.update(failures=runs.MOST_RETRIES)
    harvest(paged)
    paged.refresh_from_db()
    assert paged.next_run_at is not None
    assert paged.next_run_at > timezone.now() + datetime.timedelta(days=6)


def test_a_stop_asked_for_is_not_followed_in_minutes(paged: Source, pages: Pages) -> None:
    stopped_after(paged, 9)
    paged.refresh_from_db()
    assert paged.next_run_at is not None
    assert paged.next_run_at > timezone.now() + datetime.timedelta(days=6)


@pytest.mark.parametrize("between", ["manuel", "rejeu"])
def test_a_request_given_up_or_a_replay_in_between_loses_nothing(
    paged: Source, pages: Pages, between: str
) -> None:
    stopped_after(paged, 9)
    if between == "rejeu":
        assert replay(paged).state == RunState.DONE
    else:
        Run.objects.create(source=paged, trigger=between, state=RunState.CANCELLED)
    pages.asked.clear()
    assert harvest(paged).counts["created"] == 9
    assert 1 not in pages.asked


def test_a_reading_stopped_after_its_last_row_is_not_an_empty_source(
    paged: Source, pages: Pages
) -> None:
    stopped_after(paged, 9)
    Run.objects.update(counts={**Run.objects.get().counts, "seen": 9})
    del pages.rows[8:]
    assert harvest(paged).problem == ""


def test_a_reading_that_does_not_end_needs_someone_the_second_time_until_it_ends(
    paged: Source, pages: Pages, out_of_time: Any
) -> None:
    def causes() -> list[str]:
        return [trouble.cause.value for trouble in health_of_one(paged).troubles]

    harvest(paged, progress=out_of_time)
    assert causes() == []
    harvest(paged, progress=out_of_time)
    [trouble] = health_of_one(paged).troubles
    assert (trouble.cause, trouble.keys) == (Cause.UNFINISHED, {"": 2})
    assert "2 fois de suite" in trouble.text
    # A replay reads what was received: it says nothing of the source.
    replay(paged)
    assert causes() == ["inachevee"]
    Source.objects.update(is_active=False)
    assert causes() == []
    Source.objects.update(is_active=True)
    harvest(paged)
    assert causes() == []
