"""Harvests from the back-office: asked for, watched, stopped, read."""

import csv
import io
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from partners.models import RejectedRow, Run, RunState, Source
from partners.models.run import no_counts
from tests.factories import RunFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_one_harvest_at_a_time(moderator: Client, source: Source, roles: SimpleNamespace) -> None:
    where = reverse("backoffice:run_start", args=[source.slug])
    first = moderator.post(where)
    run = Run.objects.get()
    assert first.url == reverse("backoffice:run", args=[run.pk])
    assert run.requested_by == roles.moderator
    page = text(moderator.post(where, follow=True))
    assert "déjà en cours" in page
    assert Run.objects.count() == 1


def test_a_source_without_rules_is_mapped_first(moderator: Client) -> None:
    source = SourceFactory(mapping=[])
    response = moderator.post(reverse("backoffice:run_start", args=[source.slug]))
    assert response.url == reverse("backoffice:source_mapping", args=[source.slug])
    assert not Run.objects.exists()


def test_the_fragment_asks_for_itself_while_the_run_lasts(
    moderator: Client, source: Source
) -> None:
    run = RunFactory(source=source, state=RunState.RUNNING, expected=1000)
    Run.objects.filter(pk=run.pk).update(counts=run.counts | {"seen": 250})
    response = moderator.get(reverse("backoffice:run_progress", args=[run.pk]))
    assert 'hx-trigger="every 1s"' in text(response)
    assert 'value="25"' in text(response)
    assert "HX-Refresh" not in response
    Run.objects.filter(pk=run.pk).update(state=RunState.DONE)
    response = moderator.get(reverse("backoffice:run_progress", args=[run.pk]))
    assert "hx-trigger" not in text(response)
    assert response["HX-Refresh"] == "true"


def test_stopping_is_asked_once_and_only_of_a_run_under_way(
    moderator: Client, source: Source
) -> None:
    run = RunFactory(source=source, state=RunState.RUNNING)
    where = reverse("backoffice:run_cancel", args=[run.pk])
    moderator.post(where)
    assert Run.objects.get().cancel_requested
    done = RunFactory(state=RunState.DONE)
    moderator.post(reverse("backoffice:run_cancel", args=[done.pk]))
    assert not Run.objects.get(pk=done.pk).cancel_requested


def test_a_finished_run_tells_all(moderator: Client, source: Source) -> None:
    run = RunFactory(
        source=source,
        state=RunState.FAILED,
        message="Le site ne répond pas.",
        warnings=["Trois lieux incertains."],
        requests=[{"url": source.url, "status": 503, "bytes": 12, "ms": 1234}],
    )
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    for told in ("Le site ne répond pas.", "Trois lieux incertains.", "503", "Échoué"):
        assert told in page
    assert "htmx" not in page


def test_what_a_partner_wrote_is_never_run_as_html(moderator: Client, source: Source) -> None:
    attack = "<script>alert(1)</script>"
    run = RunFactory(source=source, state=RunState.FAILED, message=attack, warnings=[attack])
    record = SourceRecordFactory(
        source=source,
        values={"title": attack, "description": f"<p>{attack}</p>"},
        raw=[{attack: attack}],
    )
    RejectedRow.objects.create(
        source=source, run=run, fingerprint="x", position=attack, raw=[{"a": attack}],
        errors=[{"message": attack}],
    )  # fmt: skip
    for where in (
        reverse("backoffice:run", args=[run.pk]),
        reverse("backoffice:record", args=[record.pk]),
        reverse("backoffice:records", args=[source.slug]),
        reverse("backoffice:rejected", args=[source.slug]),
        reverse("backoffice:home"),
    ):
        assert attack not in text(moderator.get(where)), where


def test_the_refused_rows_leave_as_a_spreadsheet_that_runs_nothing(
    moderator: Client, source: Source
) -> None:
    RejectedRow.objects.create(
        source=source,
        fingerprint="x",
        position="ligne 3",
        external_id="=cmd|' /C calc'!A0",
        raw=[{"titre": "Été"}],
        errors=[
            {"field": "title", "code": "a", "message": "La fiche n’a pas de titre."},
            {"field": "place", "code": "b", "message": "Lieu inconnu."},
        ],
    )
    response = moderator.get(reverse("backoffice:rejected_csv", args=[source.slug]))
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
    assert [row["motif"] for row in rows] == ["La fiche n’a pas de titre.", "Lieu inconnu."]
    assert rows[0]["identifiant"].startswith("'=")
    assert "Été" in rows[0]["ligne brute"]


def test_records_are_filtered(moderator: Client, source: Source) -> None:
    SourceRecordFactory(source=source, values={"title": "Jardin"}, state="a-completer")
    SourceRecordFactory(source=source, values={"title": "Atelier"}, problems=[{"message": "x"}])
    where = reverse("backoffice:records", args=[source.slug])

    def titles(**query: str) -> list[str]:
        page = moderator.get(where, query).context["page_obj"]
        return sorted(str(record) for record in page)

    assert titles() == ["Atelier", "Jardin"]
    assert titles(q="jard") == ["Jardin"]
    assert titles(etat="a-completer") == ["Jardin"]
    assert titles(remarques="on") == ["Atelier"]
    assert titles(etat="n’importe quoi") == ["Atelier", "Jardin"]


def test_the_history_tells_what_changed(moderator: Client, source: Source) -> None:
    record = SourceRecordFactory(source=source, values={"title": "Avant", "year": 2012})
    record.values = {"title": "Après", "year": 2012}
    record.state = "a-completer"
    record.save()
    steps = moderator.get(reverse("backoffice:record", args=[record.pk])).context["history"]
    assert [step.is_creation for step in steps] == [False, True]
    told = {(c.label, c.before, c.after) for c in steps[0].changes}
    assert ("état", "Complète", "À compléter") in told
    assert ("valeurs après correspondance : title", "Avant", "Après") in told


def test_the_figures_of_a_harvest_add_up(moderator: Client, source: Source) -> None:
    counts = no_counts() | {"seen": 303, "created": 140, "unchanged": 8, "rejected": 2}
    run = RunFactory(source=source, state=RunState.DONE, counts=counts)
    assert run.grouped == 153
    page = text(moderator.get(reverse("backoffice:run", args=[run.pk])))
    assert "lignes regroupées</dt><dd>153<" in page
