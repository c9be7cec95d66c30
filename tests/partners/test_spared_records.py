"""What a reading must not cost a record: damaged rows, shared or reused pages, replays, stops."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.utils import timezone

from partners import runs
from partners import store as storing
from partners.connectors import Connector, RawRow
from partners.erasure import erase, names_of, target_of
from partners.harvest import Harvest, harvest
from partners.models import (
    Objection,
    ObjectionState,
    RecordState,
    RejectedRow,
    Run,
    RunState,
    Source,
    SourceRecord,
    Trigger,
)
from partners.replay import replay
from partners.reports import Report
from partners.suppression import suppress_records
from tests.partners.conftest import MAPPING, Site, row

pytestmark = pytest.mark.django_db
PAGE = "https://plateforme.example.org/liste"
MakeSource = Callable[..., Source]


class Given(Connector):
    """Gives the rows of the test, as a stream."""

    kind = "essai"
    given: Sequence[RawRow] = ()

    def rows(self, *, resume: Any = None, since: Any = None) -> Any:
        yield from self.given


def read(source: Source, *rows: RawRow | dict[str, Any]) -> Report:
    run = runs.start(source, Trigger.COMMAND)
    work = Harvest(source, run, Report())
    connector = Given(source.url, {}, None)  # type: ignore[arg-type]
    connector.given = [r if isinstance(r, RawRow) else RawRow(r, "ligne") for r in rows]
    work.connector = connector
    work.carry_out()
    return work.report


def remove(external_id: str) -> None:
    """As when an objection to this record is applied."""
    target = target_of(SourceRecord.objects.get(external_id=external_id).innovation)
    objection = Objection.objects.create(state=ObjectionState.CONFIRMED, scope="fiche")
    suppress_records(objection, names_of(target))
    erase(target)


def test_a_page_found_shared_is_not_given_to_who_claims_it_later(json_source: MakeSource) -> None:
    source = json_source([])
    shared = [row(n, page=PAGE) for n in range(3)]
    read(source, *shared[:2], row(9))
    read(source, *shared, row(9))
    assert set(SourceRecord.objects.filter(url="").values_list("external_id", flat=True)) == {
        "p0",
        "p1",
        "p2",
    }


def test_removing_one_of_those_that_share_a_page_removes_no_other(json_source: MakeSource) -> None:
    source = json_source([])
    shared = [row(n, page=PAGE) for n in range(3)]
    read(source, *shared[:2], row(9))
    read(source, *shared, row(9))
    SourceRecord.objects.filter(external_id="p2").update(url=PAGE)
    remove("p2")
    read(source, *[row(n, page=PAGE, texte="Un autre texte.") for n in range(2)], row(9))
    seen = SourceRecord.objects.filter(missing_since=None)
    assert sorted(seen.values_list("external_id", flat=True)) == ["p0", "p1", "p9"]


@pytest.mark.parametrize(
    "bad",
    [
        RawRow({"brut": "x"}, "ligne", external_id="p2", fault="Ligne abîmée."),
        RawRow(row(2, texte="x" * 20_000_001), "ligne"),
    ],
    ids=["damaged", "too-large"],
)
def test_a_record_whose_row_is_refused_before_mapping_is_not_missing(
    json_source: MakeSource, bad: RawRow
) -> None:
    source = json_source([])
    read(source, *[row(n) for n in range(5)])
    since = timezone.now()
    assert read(source, *[row(n) for n in (0, 1, 3, 4)], bad).counts["rejected"] == 1
    record = SourceRecord.objects.get(external_id="p2")
    assert (record.missing_since, record.seen_at > since) == (None, True)


def test_a_refused_row_of_a_removed_project_is_not_kept(json_source: MakeSource) -> None:
    other = row(1, titre="Jardin de la butte")
    source = json_source([row(1), other, row(2)])
    harvest(source)
    remove("p1")
    harvest(source)
    assert not RejectedRow.objects.exists()


def test_a_page_given_to_another_project_gives_it_no_identity(json_source: MakeSource) -> None:
    source = json_source([])
    base = [row(n) for n in range(10, 30)]
    read(source, *base, row(1, page=PAGE, titre="Jardin partagé des Lilas"))
    read(source, *base, row(2, page=PAGE, titre="Taxi solidaire des Monts"))
    assert SourceRecord.objects.filter(external_id__in=["p1", "p2"]).count() == 2


def test_a_replay_keeps_the_rows_of_doubled_identifiers(json_source: MakeSource) -> None:
    source = json_source([row(1), row(1, titre="Jardin de la butte"), row(2)])
    harvest(source)
    assert replay(source).counts["rejected"] == 1
    assert RejectedRow.objects.count() == 1


def test_a_replay_that_changes_nothing_writes_nothing(json_source: MakeSource) -> None:
    source = json_source([])
    page = "https://plateforme.example.org"
    rows = [RawRow(row(n), "l", licence=source.licence, url=f"{page}/{n}") for n in range(4)]
    read(source, *rows)
    assert replay(source).counts["unchanged"] == 4
    assert read(source, *rows).counts["unchanged"] == 4


def test_the_end_of_a_program_s_time_is_no_refused_row(
    source: Source, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    class TooLong(Exception):
        pass

    def stopped(*args: Any, **told: Any) -> Any:
        raise TooLong

    site.rows = [row(1)]
    monkeypatch.setattr(Harvest, "timeouts", (TooLong,))
    monkeypatch.setattr(storing, "map_rows", stopped)
    assert harvest(source).state == RunState.FAILED
    assert not RejectedRow.objects.exists()


def test_an_address_too_slow_to_read_does_not_break_the_harvest(source: Source, site: Site) -> None:
    slow = {"op": "regex", "pattern": "^(a|aa|a+)+$"}
    source.mapping = [
        *(m for m in MAPPING if m["target"] != "url"),
        {"target": "url", "path": "page", "transforms": [slow]},
    ]
    source.save()
    site.rows = [row(1, page="a" * 60 + "!")]
    assert harvest(source).state == RunState.DONE_WITH_ERRORS
    assert Run.objects.get().counts["rejected"] == 1
    assert not SourceRecord.objects.filter(state=RecordState.WITHDRAWN).exists()
