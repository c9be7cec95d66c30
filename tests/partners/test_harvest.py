"""One harvest, from a partner's URL to public innovations, over real HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from innovations.models import Citation, Innovation, Location, Organisation, SearchRow, Status
from partners import harvest as harvesting
from partners.harvest import harvest
from partners.models import (
    RecordState,
    RejectedRow,
    Run,
    RunState,
    Source,
    SourceRecord,
    Trigger,
)
from tests.partners.conftest import MAPPING, Site, row

pytestmark = pytest.mark.django_db


def counts(report: Any) -> dict[str, int]:
    return {name: n for name, n in report.counts.items() if n}


def test_a_first_harvest_publishes(source: Source, site: Site) -> None:
    site.rows = [row(1), row(2, ville="Lormes")]
    report = harvest(source)
    assert counts(report) == {"seen": 2, "created": 2}
    assert (report.state, report.exit_status) == (RunState.DONE, 0)
    record = SourceRecord.objects.get(external_id="p1")
    assert record.state == RecordState.COMPLETE
    assert record.raw == [row(1)]
    innovation = record.innovation
    assert innovation is not None
    assert innovation.status == Status.PUBLISHED
    assert innovation.organisation.name == "Association 1"
    assert [t.code for t in innovation.terms.all()] == ["lien-social"]
    assert [str(x.territory) for x in innovation.locations.all()] == ["Nantes"]
    citation = innovation.citations.get()
    assert (citation.url, citation.is_record_page) == ("https://plateforme.example.org/p1", True)
    assert SearchRow.objects.count() == 2


def test_a_second_harvest_changes_nothing(source: Source, site: Site) -> None:
    site.rows = [row(n) for n in range(5)]
    harvest(source)
    before = history()
    seen = SourceRecord.objects.order_by("pk").values_list("seen_at", flat=True)[0]
    report = harvest(source)
    assert counts(report) == {"seen": 5, "unchanged": 5}
    assert history() == before
    assert SourceRecord.objects.order_by("pk").values_list("seen_at", flat=True)[0] > seen


def test_an_unchanged_document_is_not_downloaded_again(source: Source, site: Site) -> None:
    site.rows = [row(1)]
    harvest(source)
    harvest(source)
    run = Run.objects.first()
    assert run.requests[-1]["status"] == 304
    assert run.counts["unchanged"] == 1
    source.mapping = [*MAPPING, {"target": "summary", "path": "texte"}]
    source.save()
    assert counts(harvest(source)) == {"seen": 1, "updated": 1}


def history() -> dict[str, int]:
    """Rows of every history table."""
    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if t.endswith("event")]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def test_a_change_touches_only_its_record(source: Source, site: Site) -> None:
    site.rows = [row(n) for n in range(5)]
    harvest(source)
    slug = SourceRecord.objects.get(external_id="p3").innovation.slug
    before = history()
    site.rows[3] = row(3, titre="Atelier de réparation des vélos", ville="Lormes")
    report = harvest(source)
    assert counts(report) == {"seen": 5, "updated": 1, "unchanged": 4}
    innovation = SourceRecord.objects.get(external_id="p3").innovation
    assert (innovation.slug, innovation.title) == (slug, "Atelier de réparation des vélos")
    after = history()
    assert after["partners_sourcerecordevent"] - before["partners_sourcerecordevent"] == 1
    assert after["innovations_innovationevent"] - before["innovations_innovationevent"] == 1
    assert Innovation.objects.count() == 5


def test_rows_of_one_project_are_one_record(source: Source, site: Site) -> None:
    site.rows = [row(1, ville="Nantes"), row(2), row(1, ville="Lormes"), row(1, ville="Grenoble")]
    report = harvest(source)
    assert counts(report) == {"seen": 4, "created": 2}
    record = SourceRecord.objects.get(external_id="p1")
    assert len(record.raw) == 3
    assert [s["name"] for s in record.sites] == ["Nantes", "Lormes", "Grenoble"]
    assert record.innovation.locations.count() == 3


def test_one_identifier_for_two_projects_is_refused(source: Source, site: Site) -> None:
    other = row(1, titre="Jardin partagé de la butte", texte="Un jardin.")
    site.rows = [row(1), other, row(2)]
    report = harvest(source)
    assert counts(report) == {"seen": 3, "created": 2, "rejected": 1}
    refused = RejectedRow.objects.get()
    assert (refused.position, refused.errors[0]["code"]) == ("ligne 3", "identifiant-double")
    assert refused.raw == [other]


def test_a_bad_row_never_stops_the_others(source: Source, site: Site) -> None:
    site.rows = [row(1, titre="NR"), row(2), row(3, page="htp:/faux", ville="Inconnue-sur-Rien")]
    report = harvest(source)
    assert counts(report) == {"seen": 3, "created": 2, "rejected": 1}
    assert (report.state, report.exit_status) == (RunState.DONE_WITH_ERRORS, 1)
    assert report.to_json()["rejected"] == [
        {
            "where": "ligne 2",
            "external_id": "p1",
            "raw": site.rows[0],
            "errors": [
                {
                    "field": "title",
                    "code": "titre-absent",
                    "message": "La fiche n’a pas de titre.",
                }
            ],
        }
    ]
    problems = SourceRecord.objects.get(external_id="p3").problems
    assert {p["code"] for p in problems} == {"adresse", "lieu-incertain"}
    site.rows[0] = row(1)
    assert counts(harvest(source)) == {"seen": 3, "created": 1, "unchanged": 2}
    assert not RejectedRow.objects.exists()


def test_a_record_that_goes_bad_keeps_its_last_good_version(source: Source, site: Site) -> None:
    site.rows = [row(1), row(2)]
    harvest(source)
    site.rows[0] = row(1, titre="")
    assert counts(harvest(source)) == {"seen": 2, "unchanged": 1, "rejected": 1}
    record = SourceRecord.objects.get(external_id="p1")
    assert record.missing_since is None
    assert record.innovation.status == Status.PUBLISHED


def test_what_the_database_refuses_is_cleaned(json_source: Callable[..., Source]) -> None:
    rows = [row(1, texte="a\0b\ud800", id="p\0001"), row(2, page="https://a.fr/" + "x" * 900)]
    assert counts(harvest(json_source(rows))) == {"seen": 2, "created": 2}


def test_a_surprise_of_the_mapping_is_one_refusal(
    source: Source, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from partners import store

    honest = store.map_rows

    def surprised(rules: Any, rows: Any, **options: Any) -> Any:
        if rows[0]["id"] == "p1":
            raise RuntimeError("surprise")
        return honest(rules, rows, **options)

    monkeypatch.setattr(store, "map_rows", surprised)
    site.rows = [row(1), row(2)]
    report = harvest(source)
    assert counts(report) == {"seen": 2, "created": 1, "rejected": 1}
    assert report.rejected[0]["errors"][0]["code"] == "erreur-interne"


def test_the_number_of_queries_does_not_depend_on_the_rows(source: Source, site: Site) -> None:
    def queries(rows: list[dict[str, Any]]) -> int:
        site.rows = rows
        with CaptureQueriesContext(connection) as captured:
            harvest(source)
        return len(captured)

    def new(start: int, number: int) -> list[dict[str, Any]]:
        return [row(n, theme=f"Mot {n}", ville="Lormes") for n in range(start, start + number)]

    queries([row(n, texte="Z") for n in range(100)])
    few = queries([*(row(n, texte="A" * (n < 5) or "Z") for n in range(100)), *new(100, 5)])
    many = queries([*(row(n, texte="B" * (n < 95) or "Z") for n in range(100)), *new(100, 105)])
    assert few <= 190
    assert abs(many - few) <= 2


def test_batches_are_committed_one_by_one(
    source: Source, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "BATCH", 2)
    site.rows = [row(n) for n in range(5)]
    told: list[int] = []
    harvest(source, progress=lambda done, expected: told.append(done["seen"]))
    assert told == [2, 4, 5]
    run = Run.objects.get()
    assert (run.expected, run.progress) == (5, 100)


def test_what_a_slow_site_gave_is_kept_at_once(
    source: Source, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "SLOW_SECONDS", 0)
    site.rows = [row(n) for n in range(3)]
    told: list[int] = []
    harvest(source, progress=lambda done, expected: told.append(done["seen"]))
    assert told == [1, 2, 3]


def test_a_stop_is_honoured_between_batches(
    source: Source, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "BATCH", 2)
    site.rows = [row(n) for n in range(6)]

    def ask_to_stop(done: dict[str, int], expected: int | None) -> None:
        Run.objects.update(cancel_requested=True)

    report = harvest(source, progress=ask_to_stop)
    assert report.state == RunState.CANCELLED
    assert SourceRecord.objects.count() == 2
    monkeypatch.undo()
    assert counts(harvest(source)) == {"seen": 6, "created": 4, "unchanged": 2}
    assert Innovation.objects.count() == 6


def test_a_run_stopped_at_the_keyboard_is_done_again_without_duplicate(
    source: Source, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvesting, "BATCH", 2)
    site.rows = [row(n) for n in range(6)]

    def die(done: dict[str, int], expected: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        harvest(source, progress=die)
    stopped = Run.objects.get()
    assert (stopped.state, stopped.message) == (RunState.CANCELLED, harvesting.AT_KEYBOARD)
    assert stopped.counts["created"] == SourceRecord.objects.count() == 2
    monkeypatch.undo()
    assert counts(harvest(source)) == {"seen": 6, "created": 4, "unchanged": 2}
    assert Innovation.objects.count() == 6
    assert Organisation.objects.count() == 6


def test_one_run_of_a_source_at_a_time(source: Source, site: Site) -> None:
    site.rows = [row(1)]
    Run.objects.create(source=source, trigger=Trigger.MANUAL)
    report = harvest(source)
    assert report.exit_status == 2
    assert report.problem == harvesting.ALREADY
    assert not SourceRecord.objects.exists()


def test_a_queued_run_is_carried_out_once(source: Source, site: Site) -> None:
    site.rows = [row(1)]
    run = Run.objects.create(source=source, trigger=Trigger.MANUAL)
    assert harvest(source, run=run).state == RunState.DONE
    run.refresh_from_db()
    assert run.counts["created"] == 1
    assert run.finished_at >= run.heartbeat_at >= run.started_at
    assert [r["status"] for r in run.requests] == [404, 200]
    assert harvest(source, run=run).exit_status == 2


FAILURES = [
    ({"status": 500}, "en panne"),
    ({"status": 404}, "n’existe pas"),
    ({"rows": []}, "aucune fiche"),
]


@pytest.mark.parametrize(("changed", "said"), FAILURES)
def test_a_source_that_fails_changes_nothing(
    source: Source, site: Site, changed: dict[str, Any], said: str
) -> None:
    site.rows = [row(n) for n in range(3)]
    harvest(source)
    source.withdraw_after_days = 0
    source.save()
    for name, value in changed.items():
        setattr(site, name, value)
    report = harvest(source)
    assert (report.state, report.exit_status) == (RunState.FAILED, 2)
    assert said in report.problem
    assert said in Run.objects.first().message
    assert Innovation.objects.published().count() == 3


def test_a_mapping_without_title_is_told(source: Source, site: Site) -> None:
    source.mapping = [{"target": "description", "path": "texte"}]
    site.rows = [row(1)]
    assert "titre" in harvest(source).problem


def test_all_the_rules_of_a_field_are_in_the_report(source: Source, site: Site) -> None:
    site.rows = [row(1, jeunes="x", handicap="")]
    source.mapping = [
        *(rule for rule in MAPPING if rule["target"] != "themes"),
        {"target": "themes", "paths": ["theme", "jeunes"], "confidence": 0.4},
        {"target": "themes", "path": "handicap", "confidence": 0.8},
        {"target": "themes", "path": "ville", "confidence": 0.6},
    ]
    report = harvest(source, dry_run=True)
    assert report.mapping["themes"] == {
        "path": "theme + jeunes + handicap + ville",
        "confidence": 0.8,
    }
    assert report.mapping["title"] == {"path": "titre", "confidence": 1.0}


def test_a_dry_run_writes_nothing(source: Source, site: Site) -> None:
    site.rows = [row(1), row(2, titre="")]
    before = history()
    report = harvest(source, dry_run=True)
    assert counts(report) == {"seen": 2, "created": 1, "rejected": 1}
    preview = report.to_json()["preview"]
    assert preview[0]["title"] == "Atelier de réparation numéro 1"
    assert preview[0]["territory"]["code"] == "44109"
    assert preview[0]["themes"] == [{"code": "lien-social", "label": "Lien social"}]
    assert not SourceRecord.objects.exists()
    assert not Run.objects.exists()
    assert not RejectedRow.objects.exists()
    assert history() == before


def test_a_limited_harvest_withdraws_nothing(source: Source, site: Site) -> None:
    site.rows = [row(n) for n in range(4)]
    harvest(source)
    source.withdraw_after_days = 0
    source.save()
    site.rows[0] = row(0, texte="Autrement dit.")
    assert counts(harvest(source, limit=2)) == {"seen": 2, "updated": 1, "unchanged": 1}
    assert not SourceRecord.objects.filter(missing_since__isnull=False).exists()


def test_a_source_under_review_publishes_nothing_by_itself(source: Source, site: Site) -> None:
    source.publishes_directly = False
    source.save()
    site.rows = [row(1)]
    harvest(source)
    innovation = Innovation.objects.get()
    assert innovation.status == Status.IN_REVIEW
    Innovation.objects.update(status=Status.PUBLISHED, published_at=timezone.now())
    site.rows = [row(1, texte="Autrement dit.")]
    harvest(source)
    innovation.refresh_from_db()
    assert innovation.status == Status.PUBLISHED


def test_what_staff_unpublished_stays_so(source: Source, site: Site) -> None:
    site.rows = [row(1)]
    harvest(source)
    Innovation.objects.update(status=Status.UNPUBLISHED)
    site.rows = [row(1, texte="Autrement dit.")]
    harvest(source)
    assert Innovation.objects.get().status == Status.UNPUBLISHED


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"texte": ""}, Status.TO_COMPLETE),
        ({"ville": "", "page": ""}, Status.TO_COMPLETE),
        ({"ville": ""}, Status.PUBLISHED),
        ({"page": ""}, Status.PUBLISHED),
    ],
)
def test_only_what_says_enough_is_published(
    source: Source, site: Site, changed: dict[str, str], status: Status
) -> None:
    site.rows = [row(1, **changed)]
    harvest(source)
    assert Innovation.objects.get().status == status


def test_only_innovations_become_innovations(source: Source, site: Site) -> None:
    source.record_type = "acteur"
    source.save()
    site.rows = [row(1)]
    harvest(source)
    assert SourceRecord.objects.get().innovation is None
    assert not Innovation.objects.exists()


def test_a_source_that_turns_out_to_list_actors(source: Source, site: Site) -> None:
    site.rows = [row(1)]
    harvest(source)
    source.record_type = "acteur"
    source.save()
    assert counts(harvest(source)) == {"seen": 1, "updated": 1}
    assert Innovation.objects.get().status == Status.WITHDRAWN


def test_a_page_that_several_records_give_is_no_page(source: Source, site: Site) -> None:
    page = "https://plateforme.example.org/projets"
    site.rows = [row(1, page=page), row(2, page=page), row(3), row(4, page="https://a.fr/p=XXX")]
    harvest(source)
    found = Citation.objects.order_by("pk").values_list("url", "is_record_page")
    website = source.partner.website
    assert list(found) == [
        (website, False),
        (website, False),
        ("https://plateforme.example.org/p3", True),
        (website, False),
    ]


def test_a_shared_page_shows_at_the_end_of_a_stream(json_source: Callable[..., Source]) -> None:
    page = "https://plateforme.example.org/projets"
    source = json_source([row(1, page=page), row(2, page=page), row(3)])
    harvest(source)
    assert sorted(SourceRecord.objects.values_list("url", flat=True)) == [
        "",
        "",
        "https://plateforme.example.org/p3",
    ]
    assert counts(harvest(source)) == {"seen": 3, "unchanged": 3}


def test_rows_without_identifier(source: Source, site: Site) -> None:
    site.rows = [row(1, id=""), row(2, id="", page=""), row(3, id="", page="", titre="")]
    report = harvest(source)
    assert counts(report) == {"seen": 3, "created": 2, "rejected": 1}
    # The third is refused: nothing stands for its identifier.
    assert any("sans identifiant : 2." in w for w in report.warnings)
    site.rows.append(row(4))
    assert counts(harvest(source)) == {"seen": 4, "created": 1, "unchanged": 2, "rejected": 1}


def test_a_licence_that_is_not_open_makes_a_reference(source: Source, site: Site) -> None:
    source.licence = "tous-droits"
    source.save()
    site.rows = [row(1)]
    harvest(source)
    assert Innovation.objects.get().is_reference
    source.mapping = [*MAPPING, {"target": "licence", "path": "droits"}]
    source.save()
    site.rows = [row(1, droits="CC BY-SA 4.0")]
    harvest(source)
    assert not Innovation.objects.get().is_reference


def test_places_keep_their_doubts(source: Source, site: Site) -> None:
    source.mapping = [
        *MAPPING,
        {"target": "latitude", "path": "lat"},
        {"target": "longitude", "path": "lon"},
    ]
    source.save()
    site.rows = [
        row(1, lat="48.8566", lon="2.3522"),
        row(2, ville="", lat="-21.1151", lon="55.5364"),
        row(3, ville="Lisbonne, Portugal", lat="", lon=""),
    ]
    harvest(source)
    contrary, overseas, foreign = SourceRecord.objects.order_by("external_id")
    assert contrary.sites[0]["confidence"] <= 0.6
    assert "contraires" in contrary.sites[0]["note"]
    assert overseas.sites[0]["code"].startswith("974")
    assert foreign.sites[0]["code"] == ""
    assert foreign.sites[0]["label"] == "Lisbonne, Portugal"
    assert Location.objects.count() == 3
